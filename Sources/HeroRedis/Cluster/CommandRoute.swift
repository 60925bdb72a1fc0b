// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Where in a Redis Cluster a command goes.
package enum CommandRoute: Sendable, Hashable {
    /// To the node that has the slot.
    case slot(Int)
    /// Any primary, for a command without keys.
    case anyNode
    /// All primaries, whose answers become one.
    case everyPrimary(Combination)
    /// Through all primaries, one after the other; the cursor says where it is.
    case scan

    /// How the answers of several primaries become one.
    package enum Combination: Sendable, Hashable {
        /// All are the same; the first one.
        case first
        case sum
        case concatenation
        /// An array of 0 and 1 of each: 1 where all have 1.
        case minimum
    }
}

extension CommandRoute {
    /// - Parameter command: To be sent alone or in a pipeline.
    /// - Throws: ``RedisError`` of kind `invalid` when its keys are in several slots, or when it needs a connection of
    ///   its own.
    package init(_ command: RedisCommand) throws(RedisError) {
        if let refusal = command.refusal { throw refusal }
        try Self.check(command)
        let keys = CommandKeys.keys(of: command)
        guard keys.isEmpty else {
            self = .slot(try Self.commonSlot(of: keys.map { ($0, command.name) }, in: "the command"))
            return
        }
        let sub = command.arguments.count > 1 ? CommandKeys.text(command.arguments[1]) : ""
        switch command.name {
        case "SCAN": self = .scan
        case "DBSIZE": self = .everyPrimary(.sum)
        case "KEYS": self = .everyPrimary(.concatenation)
        case "FLUSHALL", "FLUSHDB": self = .everyPrimary(.first)
        case "SCRIPT" where sub == "LOAD" || sub == "FLUSH": self = .everyPrimary(.first)
        case "SCRIPT" where sub == "EXISTS": self = .everyPrimary(.minimum)
        case "FUNCTION" where ["LOAD", "DELETE", "FLUSH", "RESTORE"].contains(sub): self = .everyPrimary(.first)
        default: self = .anyNode
        }
    }

    /// - Throws: ``RedisError`` for a command that a cluster's client sends itself, where it is due, or that a cluster does
    ///   not have.
    static func check(_ command: RedisCommand) throws(RedisError) {
        switch command.name {
        case "": throw RedisError(.invalid, "a command without a name cannot be sent")
        case "ASKING", "READONLY", "READWRITE":
            throw RedisError(.invalid, "\(command.name) cannot be sent: the client of a cluster does that itself")
        case "SELECT": throw RedisError(.invalid, "SELECT cannot be sent: a cluster has database 0 only")
        default: break
        }
    }

    /// The slot of a whole transaction.
    ///
    /// - Parameter commands: What is to stand between `MULTI` and `EXEC`.
    /// - Returns: The slot, or `nil` when there are no keys.
    /// - Throws: ``RedisError`` of kind `invalid` that names two keys in different slots.
    package static func slot(of commands: [RedisCommand]) throws(RedisError) -> Int? {
        let keys = commands.flatMap { command in CommandKeys.keys(of: command).map { ($0, command.name) } }
        return keys.isEmpty ? nil : try commonSlot(of: keys, in: "the transaction")
    }

    private static func commonSlot(of keys: [([UInt8], String)], in what: String) throws(RedisError) -> Int {
        guard let (first, name) = keys.first else { return 0 }
        let slot = HashSlot.of(first)
        for (key, other) in keys.dropFirst() where HashSlot.of(key) != slot {
            throw RedisError(
                .invalid,
                """
                \(what == "the command" ? name : what) was not sent: its keys \(printed(first)) (\(name), slot \(slot)) \
                and \(printed(key)) (\(other), slot \(HashSlot.of(key))) are in different slots of the cluster; give \
                them a common part in braces, such as {user1}:\(printed(first, isQuoted: false)) and \
                {user1}:\(printed(key, isQuoted: false))
                """)
        }
        return slot
    }

    /// Keys may be long and may be no text.
    private static func printed(_ key: [UInt8], isQuoted: Bool = true) -> String {
        let text = String(decoding: key.prefix(64), as: UTF8.self).map { $0.isNewline ? " " : String($0) }.joined()
        let cut = key.count > 64 ? text + "…" : text
        return isQuoted ? "`\(cut)`" : cut
    }
}
