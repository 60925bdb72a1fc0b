// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Redis itself, for what the cache, locks and RPC do not do.
///
///     let visits = try await context.redis.command("INCR", "visits").integer
///
/// Commands go over the connection that the cache uses too, so they must not wait for others: those that do (`BLPOP`,
/// `WAIT`) get a connection of their own, and those that change the connection (`SELECT`, `MULTI`, `SUBSCRIBE`) are
/// refused. They work alike whether Redis is embedded, alone, behind Sentinel or a Cluster; in a Cluster the keys of one
/// transaction or script have to be in one slot.
public struct Redis: Sendable {
    private let host: any RedisHost

    package init(host: any RedisHost) { self.host = host }

    /// Whether there is a Redis at all: `redis.enabled`.
    public var isEnabled: Bool { host.isEnabled }

    /// Sends a command.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - arguments: Its arguments; text, bytes and whole numbers.
    /// - Returns: The reply.
    /// - Throws: ``RedisFailure``, also for an error reply.
    public func command(_ name: String, _ arguments: RedisBytes...) async throws -> RedisValue {
        try await command(RedisRequest(name, arguments))
    }

    /// Sends a command.
    ///
    /// - Parameter request: The command, with how long to wait and whether it may be sent twice.
    /// - Returns: The reply.
    /// - Throws: ``RedisFailure``, also for an error reply.
    public func command(_ request: RedisRequest) async throws -> RedisValue {
        guard let reply = try await host.run([request]).first else { return .null }
        return try reply.get()
    }

    /// Sends commands in one go, without waiting for the reply of one before sending the next.
    ///
    /// - Parameter requests: The commands; others' commands may run in between.
    /// - Returns: What became of each, in their order.
    /// - Throws: ``RedisFailure`` when none was sent.
    public func pipeline(_ requests: [RedisRequest]) async throws -> [Result<RedisValue, RedisFailure>] {
        try await host.run(requests)
    }

    /// Runs commands as one `MULTI` … `EXEC`: nobody's command runs in between.
    ///
    /// - Parameter requests: The commands.
    /// - Returns: The replies in order; the error reply of one command is a value among them.
    /// - Throws: ``RedisFailure`` when nothing was run, or nobody knows whether it was.
    public func transaction(_ requests: [RedisRequest]) async throws -> [RedisValue] {
        try await host.transaction(requests)
    }

    /// Runs a Lua script, which Redis keeps, so that its text travels only once.
    ///
    /// - Parameters:
    ///   - source: The script.
    ///   - keys: The keys that it touches, `KEYS` in the script.
    ///   - arguments: `ARGV` in the script.
    ///   - isRepeatable: Whether it may run twice, when the connection breaks before its reply.
    /// - Returns: What it returns.
    /// - Throws: ``RedisFailure``, also for an error in the script.
    public func script(
        _ source: String, keys: [RedisBytes] = [], arguments: [RedisBytes] = [], isRepeatable: Bool = false
    ) async throws -> RedisValue {
        try await host.script(source, keys: keys, arguments: arguments, isRepeatable: isRepeatable)
    }

    /// Messages that others publish, until the sequence is given up.
    ///
    /// - Parameters:
    ///   - channels: Names of channels.
    ///   - patterns: Patterns of names: `*`, `?`, `[a-z]`.
    /// - Returns: The messages in order, and where some may be missing.
    /// - Throws: ``RedisFailure`` when the subscription cannot be made.
    public func subscribe(_ channels: String..., patterns: [String] = []) async throws -> RedisMessages {
        RedisMessages(try await host.subscribe(channels, patterns: patterns))
    }
}
