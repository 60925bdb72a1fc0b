// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis

// WAIT counts what its own connection has written, so both go over one that nobody else uses meanwhile.
extension QueueAPI {
    func durably(
        _ commands: [RedisCommand], _ replicas: (count: Int, milliseconds: Int)
    ) async throws(RedisError) -> [RESPValue] {
        let replies = try await client.transaction(
            commands, replicas: replicas.count, milliseconds: replicas.milliseconds)
        for case .error(let message) in replies.values { throw RedisError(.refused, message) }
        try Self.check(replies.replicas, replicas)
        return replies.values
    }

    /// A script that the server may not know is loaded before, since a transaction cannot be mended half-way.
    func durably(
        _ call: ScriptCall, _ replicas: (count: Int, milliseconds: Int)
    ) async throws(RedisError) -> RESPValue {
        guard let first = try await durably([call], replicas).first else { throw JobStore.unexpected("enqueue") }
        return first
    }

    /// As one transaction, each script as a whole.
    func durably(
        _ calls: [ScriptCall], _ replicas: (count: Int, milliseconds: Int)
    ) async throws(RedisError) -> [RESPValue] {
        let commands = calls.map {
            $0.script.command(
                keys: $0.keys, arguments: $0.arguments, isWhole: true, isRepeatable: $0.isRepeatable,
                timeout: store.timeout)
        }
        return try await durably(commands, replicas)
    }

    /// A function of its own, and not for inlining: both calls in one that throws anything crash the optimizer of Swift 6.3.1.
    @inline(never)
    func reply(
        to call: ScriptCall, _ replicas: (count: Int, milliseconds: Int)?
    ) async throws(RedisError) -> RESPValue {
        if let replicas { return try await durably(call, replicas) }
        return try await store.call(call)
    }

    /// As ``reply(to:_:)``, of a transaction.
    @inline(never)
    func replies(
        to commands: [RedisCommand], _ replicas: (count: Int, milliseconds: Int)?
    ) async throws(RedisError) -> [RESPValue] {
        if let replicas { return try await durably(commands, replicas) }
        return try await client.transaction(commands)
    }

    /// How the error begins that says so.
    static let notReplicated = "the job is enqueued, but only"

    private static func check(_ found: Int, _ replicas: (count: Int, milliseconds: Int)) throws(RedisError) {
        guard found < replicas.count else { return }
        throw RedisError(
            .connectionLost,
            "\(notReplicated) \(found) of \(replicas.count) replicas have said within "
                + "\(replicas.milliseconds) ms that they have it: it may be lost in a failover")
    }
}
