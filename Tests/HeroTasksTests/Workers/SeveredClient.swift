// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import Synchronization

/// A client that loses its replies, and from one moment on its connection: as Redis sees it, its process was killed there.
final class SeveredClient: RedisClient {
    private struct State {
        /// Calls until the end.
        var left: Int
        var isSevered = false
        var random: any RandomNumberGenerator & Sendable
    }

    private let inner: any RedisClient
    private let state: Mutex<State>
    /// Whether Redis gets the last call, whose reply is lost.
    private let executesLast: Bool
    /// Of a hundred calls before that, so many get no answer: half of them are not sent.
    private let losses: Int
    private let severed: @Sendable () -> Void

    init(
        _ inner: any RedisClient, after calls: Int, executesLast: Bool, losses: Int,
        random: any RandomNumberGenerator & Sendable, severed: @escaping @Sendable () -> Void
    ) {
        (self.inner, self.executesLast, self.losses, self.severed) = (inner, executesLast, losses, severed)
        state = Mutex(State(left: calls, random: random))
    }

    private enum Fate { case answered, executed, lost }

    private func next() -> (fate: Fate, isEnd: Bool) {
        state.withLock { state -> (Fate, Bool) in
            guard !state.isSevered else { return (.lost, false) }
            state.left -= 1
            if state.left <= 0 {
                state.isSevered = true
                return (executesLast ? .executed : .lost, true)
            }
            guard Int.random(in: 0..<100, using: &state.random) < losses else { return (.answered, false) }
            return (Bool.random(using: &state.random) ? .executed : .lost, false)
        }
    }

    private static let failure = RedisError(.connectionLost, "the test has cut the connection")

    func send(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        let (fate, isEnd) = next()
        switch fate {
        case .answered: return await inner.send(commands)
        case .executed: _ = await inner.send(commands)
        case .lost: break
        }
        if isEnd { severed() }
        return commands.map { _ in .failure(Self.failure) }
    }

    func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        let (fate, isEnd) = next()
        defer { if isEnd { severed() } }
        guard fate == .answered else { throw Self.failure }
        return try await inner.transaction(commands)
    }

    func transaction(
        _ commands: [RedisCommand], replicas: Int, milliseconds: Int
    ) async throws(RedisError) -> ReplicatedReplies { throw Self.failure }

    /// Nobody is woken: workers poll.
    func sendBlocking(_ command: RedisCommand) async throws(RedisError) -> RESPValue { throw Self.failure }

    func subscribe(channels: [String], patterns: [String]) async throws(RedisError) -> RedisSubscription {
        throw Self.failure
    }

    func close() async {}
}
