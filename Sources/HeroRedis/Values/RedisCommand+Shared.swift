// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What must not be sent on a connection that many callers share.

extension RedisCommand {
    /// Why the command cannot be sent among those of other callers; `nil` when it can.
    package var refusal: RedisError? {
        guard let name = arguments.first, !name.isEmpty else {
            return RedisError(.invalid, "a command without a name cannot be sent to Redis")
        }
        // GET, SET, DEL and most others are shorter or longer than all of these.
        guard (4...12).contains(name.count), let reason = Self.reasons[Self.capitals(name)] else { return nil }
        if reason == .blocks, !blocks { return nil }
        if reason == .repliesOff, !turnsRepliesOff { return nil }
        return RedisError(.invalid, "\(self.name) \(reason.rawValue)")
    }

    private enum Reason: String {
        case blocks = "may wait in the server, and all other commands behind it: use sendBlocking"
        case changesConnection = "changes the connection, which others share: set it in the configuration"
        case isTransaction = "would take in other callers' commands: use transaction, or a script"
        case isSubscription = "would end replies to other commands: use subscribe"
        case repliesOff = "REPLY would end replies to other commands"
    }

    private static let reasons: [[UInt8]: Reason] = {
        let names: [Reason: [String]] = [
            .blocks: [
                "BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BZPOPMIN", "BZPOPMAX", "BLMPOP", "BZMPOP", "WAIT", "WAITAOF",
                "XREAD", "XREADGROUP",
            ],
            .changesConnection: ["AUTH", "SELECT", "HELLO", "QUIT", "RESET", "SYNC", "PSYNC"],
            .isTransaction: ["MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH"],
            .isSubscription: [
                "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR",
            ],
            .repliesOff: ["CLIENT"],
        ]
        var reasons: [[UInt8]: Reason] = [:]
        for (reason, names) in names { for name in names { reasons[Array(name.utf8)] = reason } }
        return reasons
    }()

    private static func capitals(_ word: [UInt8]) -> [UInt8] {
        word.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 & 0xDF : $0 }
    }

    /// Reading streams blocks only when it is asked to.
    private var blocks: Bool {
        guard name.hasPrefix("XREAD") else { return true }
        // Behind STREAMS there are keys.
        for word in arguments.dropFirst().map(Self.capitals) {
            if word == Array("STREAMS".utf8) { return false }
            if word == Array("BLOCK".utf8) { return true }
        }
        return false
    }

    private var turnsRepliesOff: Bool { arguments.count > 1 && Self.capitals(arguments[1]) == Array("REPLY".utf8) }
}
