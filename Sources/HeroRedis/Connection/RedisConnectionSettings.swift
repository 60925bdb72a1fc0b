// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How to talk to one server.
package struct RedisConnectionSettings: Sendable {
    package var endpoint: RedisEndpoint
    /// With a password, an ACL user; `nil` for the default one.
    package var user: String?
    package var password: String?
    package var database = 0
    /// What `CLIENT LIST` shows, without blanks: `hero:<role>:<id>`.
    package var name = ""
    package var tls: RedisTLS?
    /// Whether the server must say that it is a primary (`ROLE`).
    package var checksRole = false
    /// Milliseconds for connection, TLS and the first answers.
    package var connectTimeout = 5_000
    /// Milliseconds for a command that names none.
    package var commandTimeout = 5_000
    /// Milliseconds without a word from the server until it is pinged, and then until it counts as gone; 0 for never.
    package var pingInterval = 15_000
    /// Commands without a reply, and their bytes; more get an error at once.
    package var queueLimit = 65_536
    package var queueBytesLimit = 64 << 20
    /// Connections to one server for commands that wait in it; more callers wait until one has come back.
    package var blockingLimit = 128
    package var replyLimits = RedisReplyLimits()

    package init(_ endpoint: RedisEndpoint) { self.endpoint = endpoint }

    func machineLimits<Ticket>(_: Ticket.Type) -> ConnectionMachine<Ticket>.Limits {
        var limits = ConnectionMachine<Ticket>.Limits()
        limits.commands = queueLimit
        limits.bytes = queueBytesLimit
        limits.pingInterval = pingInterval * 1_000_000
        return limits
    }
}
