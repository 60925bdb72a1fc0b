// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroSystem
import HeroTestSupport
import Synchronization

/// The connection of a process that ends at a place: from then on nothing of it reaches Redis, and no answer reaches it.
final class MortalClient: RedisClient, FailpointWatcher {
    private struct State {
        var times: [String: Int] = [:]
        var isDead = false
        var isSpared = false
        var underWay = 0
        var random: SeededRandom
    }

    private let inner: any RedisClient
    private let dooms: [Doom]
    /// Of a hundred replies, so many are lost; half of the commands never arrive.
    private let losses: Int
    private let struck: @Sendable (Doom) -> Void
    private let state: Mutex<State>

    init(
        _ inner: any RedisClient, _ dooms: [Doom], losses: Int, seed: Int, struck: @escaping @Sendable (Doom) -> Void
    ) {
        (self.inner, self.dooms, self.losses, self.struck) = (inner, dooms, losses, struck)
        state = Mutex(State(random: SeededRandom(seed: UInt64(seed))))
    }

    var isDead: Bool { state.withLock { $0.isDead } }
    /// Whether Redis may still get something of it.
    var isQuiet: Bool { state.withLock { $0.isDead && $0.underWay == 0 } }
    var places: Set<String> { state.withLock { Set($0.times.keys) } }

    func isReachable() async -> Bool {
        if case .success = await inner.send([RedisCommand("PING")]).first { true } else { false }
    }

    /// Whatever places it comes to from now on, it lives.
    func spare() { state.withLock { $0.isSpared = true } }

    func die() { state.withLock { $0.isDead = true } }

    func reached(_ place: String) {
        let doom = state.withLock { state -> Doom? in
            guard !state.isDead, !state.isSpared else { return nil }
            let time = state.times[place, default: 0] + 1
            state.times[place] = time
            guard let doom = dooms.first(where: { $0.place == place && $0.time == time }) else { return nil }
            if doom.manner != .redisKilled { state.isDead = true }
            return doom
        }
        if let doom { struck(doom) }
    }

    private enum Fate { case answered, executed, lost }

    private func begin() -> Fate {
        state.withLock { state in
            guard !state.isDead else { return .lost }
            var fate = Fate.answered
            if state.random.next(below: 100) < losses { fate = state.random.next(below: 2) == 0 ? .executed : .lost }
            if fate != .lost { state.underWay += 1 }
            return fate
        }
    }

    /// - Returns: Whether the process is there to hear of the answer.
    private func end() -> Bool {
        state.withLock { state in
            state.underWay -= 1
            return !state.isDead
        }
    }

    private static let failure = RedisError(.connectionLost, "the test has cut the connection")

    func send(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        let fate = begin()
        if fate != .lost {
            let results = await inner.send(commands)
            if end(), fate == .answered { return results }
        }
        return commands.map { _ in .failure(Self.failure) }
    }

    func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        let fate = begin()
        guard fate != .lost else { throw Self.failure }
        let result: Result<[RESPValue], RedisError>
        do throws(RedisError) { result = .success(try await inner.transaction(commands)) } catch {
            result = .failure(error)
        }
        guard end(), fate == .answered else { throw Self.failure }
        return try result.get()
    }

    func transaction(
        _ commands: [RedisCommand], replicas: Int, milliseconds: Int
    ) async throws(RedisError) -> ReplicatedReplies { throw Self.failure }

    /// Nobody is woken: workers ask again and again.
    func sendBlocking(_ command: RedisCommand) async throws(RedisError) -> RESPValue { throw Self.failure }

    func subscribe(channels: [String], patterns: [String]) async throws(RedisError) -> RedisSubscription {
        throw Self.failure
    }

    func close() async { await inner.close() }
}
