// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The attempts to have one command answered by a Redis Cluster: what follows from each answer, and which nodes were asked,
/// for the error's text.
package struct CommandAttempts: Sendable {
    /// What to do with an answer.
    package enum Step: Sendable, Hashable {
        case finish(Result<RESPValue, RedisError>)
        case again(Again)
    }

    package struct Again: Sendable, Hashable {
        /// `nil`: the node that the map then has for the slot.
        package var node: NodeAddress?
        /// Whether `ASKING` goes before it.
        package var isAsking: Bool
        /// Milliseconds to wait first.
        package var delay: Int
        /// What the map had wrong.
        package var correction: Correction?
        /// Whether the map is asked for.
        package var refreshes: Bool
        /// Whether the connection has to be made anew: the node named itself.
        package var reconnects: Bool

        package init(
            node: NodeAddress? = nil, isAsking: Bool = false, delay: Int = 0, correction: Correction? = nil,
            refreshes: Bool = true, reconnects: Bool = false
        ) {
            self.node = node
            self.isAsking = isAsking
            self.delay = delay
            self.correction = correction
            self.refreshes = refreshes
            self.reconnects = reconnects
        }
    }

    package struct Correction: Sendable, Hashable {
        package let slot: Int
        package let node: NodeAddress

        package init(slot: Int, node: NodeAddress) {
            self.slot = slot
            self.node = node
        }
    }

    package static let maximumRedirections = 16
    /// Milliseconds between two attempts when a node cannot serve.
    package static let pause = 100

    private var hops: [String] = []
    private var redirections = 0
    /// Nodes that have said that the slot is another's.
    private var strangers: Set<NodeAddress> = []
    private var omitted = 0
    private let isRepeatable: Bool

    package init(isRepeatable: Bool) {
        self.isRepeatable = isRepeatable
    }

    /// - Parameters:
    ///   - result: The answer, or why there is none.
    ///   - node: Who was asked; `nil` when the map had nobody.
    ///   - remaining: Milliseconds until the caller's deadline.
    /// - Returns: The end, or the next attempt.
    package mutating func receive(
        _ result: Result<RESPValue, RedisError>, from node: NodeAddress?, remaining: Int
    ) -> Step {
        guard case .failure(let error) = result else { return .finish(result) }
        let again: Again
        switch error.kind {
        case .invalid, .cancelled: return .finish(result)
        case .connectionLost:
            guard isRepeatable else { return .finish(result) }
            again = Again(delay: Self.pause)
        case .notSent: again = Again(delay: Self.pause)
        case .refused:
            guard let node, let redirection = Redirection(error.message, from: node) else { return .finish(result) }
            again = self.again(after: redirection, from: node)
            if again.node != nil { redirections += 1 }
        }
        note("\(node?.description ?? "no node"): \(Self.summary(error))")
        if redirections > Self.maximumRedirections {
            return .finish(.failure(end(error, "gave up after \(Self.maximumRedirections) redirections")))
        }
        guard again.delay < remaining else { return .finish(.failure(end(error, "no time left"))) }
        return .again(again)
    }

    private mutating func again(after redirection: Redirection, from node: NodeAddress) -> Again {
        switch redirection {
        case .moved(let slot, let target):
            // Nodes that send a command in a circle do not agree yet whose the slot is: that takes them a moment.
            let delay = strangers.contains(target) ? Self.pause : 0
            strangers.insert(node)
            return Again(
                node: target, delay: delay, correction: Correction(slot: slot, node: target), reconnects: target == node
            )
        case .ask(let target): return Again(node: target, isAsking: true, refreshes: false)
        case .tryAgain: return Again(delay: Self.pause, refreshes: false)
        case .clusterDown, .unfit: return Again(delay: Self.pause)
        }
    }

    private mutating func note(_ hop: String) {
        // A command that waits for a minute would else write a page.
        if hops.count > Self.maximumRedirections {
            omitted += 1
            hops[hops.count - 1] = hop
        } else {
            hops.append(hop)
        }
    }

    private func end(_ error: RedisError, _ reason: String) -> RedisError {
        guard hops.count > 1 else { return error }
        let middle = omitted > 0 ? ["… \(omitted) more"] : []
        let path = (hops.dropLast() + middle + hops.suffix(1)).joined(separator: " → ")
        return RedisError(error.kind, "\(error.message) (\(reason); path: \(path))")
    }

    private static func summary(_ error: RedisError) -> String {
        error.kind == .refused ? String(error.message.prefix(80)) : "not reached"
    }
}
