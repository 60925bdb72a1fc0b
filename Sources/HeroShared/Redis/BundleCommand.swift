// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// What a bundle's command does to the connection that it would share with everybody.
enum BundleCommand {
    case plain
    /// Waits in the server, so it gets a connection of its own.
    case blocking
    /// Changes the connection; says what to do instead.
    case refused(String)

    private static let waiting: Set = [
        "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT", "WAITAOF",
    ]

    private static let remedies: [String: String] = [
        "SUBSCRIBE": "use subscribe(_:patterns:)", "PSUBSCRIBE": "use subscribe(_:patterns:)",
        "SSUBSCRIBE": "use subscribe(_:patterns:)", "UNSUBSCRIBE": "give the sequence up",
        "PUNSUBSCRIBE": "give the sequence up", "SUNSUBSCRIBE": "give the sequence up",
        "MULTI": "use transaction(_:)", "EXEC": "use transaction(_:)", "DISCARD": "use transaction(_:)",
        "WATCH": "use script(_:keys:arguments:isRepeatable:)", "UNWATCH": "use script(_:keys:arguments:isRepeatable:)",
        "SELECT": "set redis.db", "AUTH": "set redis.password", "HELLO": "set redis.password",
        "MONITOR": "use redis-cli", "SYNC": "use redis-cli", "PSYNC": "use redis-cli", "QUIT": "leave it to the host",
        "RESET": "leave it to the host", "ASKING": "leave it to the host", "READONLY": "leave it to the host",
        "READWRITE": "leave it to the host",
    ]

    init(_ request: RedisRequest) {
        let name = request.name
        let words = request.words.dropFirst().map { String(decoding: $0.bytes.prefix(16), as: UTF8.self).uppercased() }
        if name.isEmpty {
            self = .refused("a command needs a name")
        } else if let remedy = Self.remedies[name] {
            self = .refused("\(name) changes the connection, which everybody shares: \(remedy)")
        } else if name == "CLIENT", ["REPLY", "PAUSE"].contains(words.first) {
            self = .refused("CLIENT \(words[0]) would stop everybody's commands")
        } else if Self.waiting.contains(name) {
            self = .blocking
        } else if ["XREAD", "XREADGROUP"].contains(name), words.contains("BLOCK") {
            self = .blocking
        } else {
            self = .plain
        }
    }
}
