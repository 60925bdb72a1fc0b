// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a node's error asks of a client of a Redis Cluster.
package enum Redirection: Sendable, Hashable {
    /// The slot belongs to another node, from now on.
    case moved(slot: Int, to: NodeAddress)
    /// The slot is on its way; for this command only, ask the other node.
    case ask(NodeAddress)
    /// The keys of the command are on both sides of a move.
    case tryAgain
    /// The cluster, or this part of it, serves nobody just now.
    case clusterDown
    /// The node cannot take this command because of its role or because it is starting.
    case unfit

    /// Reads an error; `nil` for those that the caller gets, redirections that make no sense among them.
    ///
    /// - Parameters:
    ///   - message: The error as the node wrote it.
    ///   - node: Which node; an empty host stands for its host.
    package init?(_ message: String, from node: NodeAddress) {
        let words = message.split(separator: " ")
        switch words.first {
        case "MOVED", "ASK":
            guard words.count >= 3, let slot = Int(words[1]), 0..<HashSlot.count ~= slot,
                let target = NodeAddress(words[2], fallbackHost: node.host)
            else { return nil }
            self = words[0] == "MOVED" ? .moved(slot: slot, to: target) : .ask(target)
        case "TRYAGAIN": self = .tryAgain
        case "CLUSTERDOWN": self = .clusterDown
        case "READONLY", "MASTERDOWN", "LOADING": self = .unfit
        default: return nil
        }
    }
}
