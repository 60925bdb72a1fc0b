// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import Synchronization

/// A client that counts its round trips.
final class CountingClient: RedisClient {
    private let inner: any RedisClient
    private let count = Atomic<Int>(0)

    init(_ inner: any RedisClient) { self.inner = inner }

    /// Since the last time that somebody asked.
    func roundTrips() -> Int { count.exchange(0, ordering: .relaxed) }

    private func add() { count.add(1, ordering: .relaxed) }

    func send(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        add()
        return await inner.send(commands)
    }

    func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        add()
        return try await inner.transaction(commands)
    }

    func transaction(
        _ commands: [RedisCommand], replicas: Int, milliseconds: Int
    ) async throws(RedisError) -> ReplicatedReplies {
        add()
        return try await inner.transaction(commands, replicas: replicas, milliseconds: milliseconds)
    }

    func sendBlocking(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        add()
        return try await inner.sendBlocking(command)
    }

    func subscribe(channels: [String], patterns: [String]) async throws(RedisError) -> RedisSubscription {
        try await inner.subscribe(channels: channels, patterns: patterns)
    }

    func close() async { await inner.close() }
}
