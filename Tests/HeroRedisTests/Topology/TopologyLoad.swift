// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import Synchronization

/// About a thousand commands a second, from several callers, each of which knows what every answer must be.
final class TopologyLoad: Sendable {
    struct Write: Sendable {
        let key: String
        /// When its caller sent it.
        let begun: ContinuousClock.Instant
        /// When its caller had the answer.
        let acknowledged: ContinuousClock.Instant
    }

    struct Record: Sendable {
        var commands = 0
        var failures: [RedisError.Kind: Int] = [:]
        /// Errors of servers, except for those that came when the command's time was over and that say so.
        var refusals: Set<String> = []
        /// Repeatable writes with an answer.
        var writes: [Write] = []
        /// Keys of commands that may run once only, with or without an answer.
        var once: [String] = []
        var wrong: [String] = []
        /// Commands that took longer than their time and the slack.
        var late: [String] = []
        /// The longest time that a caller slept more than it wanted: how busy this machine was, not the client.
        var stall = Duration.zero
    }

    static let timeout = 3000
    /// The machine has two cores, and more to do than this test.
    static let slack = Duration.seconds(2)

    private let client: any RedisClient
    private let state = Mutex(Record())
    private let isStopped = Mutex(false)
    private let callers: Int
    private let mayLose: Bool
    private let tags: [String]
    /// Several loads may use the same servers.
    private let mark = UUID().uuidString.prefix(4)

    /// - Parameters:
    ///   - client: Under test.
    ///   - mayLose: Whether a failover may take away what was written.
    ///   - tags: Hash tags for the keys, so that they are in these slots; none for keys everywhere.
    ///   - callers: How many at the same time.
    init(_ client: any RedisClient, mayLose: Bool, tags: [String] = [], callers: Int = 20) {
        self.tags = tags
        self.client = client
        self.mayLose = mayLose
        self.callers = callers
    }

    var record: Record { state.withLock { $0 } }
    var hasStopped: Bool { isStopped.withLock { $0 } }
    func stop() { isStopped.withLock { $0 = true } }

    /// Runs until ``stop()``.
    func run() async {
        await withTaskGroup { group in
            for caller in 0..<callers { group.addTask { await self.call(caller) } }
        }
    }

    private func call(_ caller: Int) async {
        let clock = ContinuousClock()
        var turn = 0
        while !isStopped.withLock({ $0 }) {
            turn += 1
            let next = clock.now + .milliseconds(callers * 3)
            let tag = tags.isEmpty ? "" : "{\(tags[(caller + turn) % tags.count])}"
            await work("\(tag)\(mark):\(caller):\(turn)")
            let begin = clock.now
            try? await Task.sleep(until: next, clock: clock)
            let stall = clock.now - max(next, begin)
            state.withLock { $0.stall = max($0.stall, stall) }
        }
    }

    /// Three commands: a write that may be repeated, its value back, and one that must not be repeated.
    private func work(_ name: String) async {
        let key = "w:\(name)"
        let begun = ContinuousClock.now
        let write = await timed(RedisCommand("SET", "w:\(name)", "\(key)", isRepeatable: true, timeout: Self.timeout))
        if case .success = write {
            state.withLock { $0.writes.append(Write(key: key, begun: begun, acknowledged: .now)) }
            let read = await timed(RedisCommand("GET", "w:\(name)", isRepeatable: true, timeout: Self.timeout))
            if case .success(let value) = read, value != .bytes(Array(key.utf8)), !value.isNull || !mayLose {
                state.withLock { $0.wrong.append("GET \(key): \(value)") }
            }
        }
        state.withLock { $0.once.append("once:\(name)") }
        let count = await timed(RedisCommand("INCR", "once:\(name)", timeout: Self.timeout))
        if case .success(let value) = count, value != .integer(1) {
            state.withLock { $0.wrong.append("INCR once:\(name): \(value)") }
        }
    }

    private func timed(_ command: RedisCommand) async -> Result<RESPValue, RedisError> {
        let begin = ContinuousClock.now
        let result = await client.send([command]).first ?? .failure(RedisError(.invalid, "no result"))
        let took = ContinuousClock.now - begin
        state.withLock { state in
            state.commands += 1
            if took > .milliseconds(Self.timeout) + Self.slack { state.late.append("\(command.name) took \(took)") }
            guard case .failure(let error) = result else { return }
            state.failures[error.kind, default: 0] += 1
            let isLate = error.message.contains("has taken it within") || error.message.contains("no time left")
            if error.kind == .refused, !isLate { state.refusals.insert(error.message) }
        }
        return result
    }

    /// Waits for an answered write that was sent after now.
    ///
    /// - Returns: When the answer came.
    func nextGoodWrite(_ key: String = "probe") async -> ContinuousClock.Instant {
        while true {
            let command = RedisCommand("SET", RedisArgument(key), "x", isRepeatable: true, timeout: 200)
            if case .success = await timed(command) { return .now }
        }
    }
}
