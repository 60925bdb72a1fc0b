// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import NIOPosix
import Synchronization
import Testing

@testable import HeroTasks

@Suite("workers on a real Redis", .serialized)
struct TaskWorkersTests {
    private func workers(_ fixture: JobFixture, _ runner: some JobRunner, lease: Int = 30_000) -> TaskWorkers {
        var settings = WorkerSettings()
        settings.lease = lease * 1_000_000
        return TaskWorkers(
            fixture.store, runner, machine: WorkerMachine(settings: settings, queues: QueueOrder(["*"]), seed: 1),
            identity: TaskWorkers.Identity(name: "host:1", who: Array("{}".utf8)),
            on: MultiThreadedEventLoopGroup.singleton.next()
        ) { _ in }
    }

    @Test("run each job once, in batches, and say farewell with nothing left")
    func runsAll() async throws {
        try await JobFixture.with { fixture in
            for number in 0..<300 { try await fixture.push("q\(number % 3)", job(number)) }
            for queue in 0..<3 { try await fixture.redis("SADD", fixture.keys.queues, "q\(queue)") }
            let runner = Recorder(expected: 300)
            let workers = workers(fixture, runner)
            workers.start()
            workers.resize(to: 5)
            await runner.all()
            #expect(await workers.stop(within: 60_000))
            #expect(Set(runner.payloads).count == 300 && runner.payloads.count == 300)
            #expect(try await fixture.number(fixture.keys.stat("processed")) == 300)
            #expect(try await fixture.redis("ZCARD", fixture.keys.leases).integer == 0)
        }
    }

    @Test("give what was interrupted back to the head of its queue, not counted as failed")
    func interrupted() async throws {
        try await JobFixture.with { fixture in
            try await fixture.push("q", job(1), job(2))
            try await fixture.redis("SADD", fixture.keys.queues, "q")
            let runner = Recorder(expected: 1, waits: true)
            let workers = workers(fixture, runner)
            workers.start()
            workers.resize(to: 1)
            await runner.all()
            #expect(await workers.stop(within: 0))
            #expect(try await fixture.queue("q") == [job(1), job(2)])
            #expect(try await fixture.number(fixture.keys.stat("failed")) == 0)
        }
    }

    @Test("cancel a job that Redis does not hold any more, as after a failover, and requeue one that only Redis holds")
    func reconciled() async throws {
        try await JobFixture.with { fixture in
            try await fixture.push("q", job(1))
            try await fixture.redis("SADD", fixture.keys.queues, "q")
            let runner = Recorder(expected: 1, waits: true)
            let workers = workers(fixture, runner, lease: 30_000)
            workers.start()
            workers.resize(to: 1)
            await runner.all()
            let owner = try #require(try await fixture.store.owners().owners.first?.owner)
            let held = fixture.keys.held(owner)
            // Number 0 was never claimed by this process.
            try await fixture.redis(
                "HSET", held, "0", RedisArgument(PackedJob(queue: "x", payload: Array("{}".utf8)).bytes))
            try await fixture.redis("HDEL", held, "1")
            await runner.cancelled()
            while try await fixture.queue("x") != ["{}"] { await Task.yield() }
            #expect(await workers.stop(within: 0))
        }
    }
}

/// Notes what it runs, at once or until it is cancelled.
private final class Recorder: JobRunner {
    private struct State {
        var payloads: [[UInt8]] = []
        var waiting: CheckedContinuation<Void, Never>?
        var isCancelled = false
        var cancelWaiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let expected: Int
    private let waits: Bool

    init(expected: Int, waits: Bool = false) { (self.expected, self.waits) = (expected, waits) }

    var payloads: [[UInt8]] { state.withLock { $0.payloads } }

    func limits(of job: HeldJob) -> (task: String, limits: TaskLimits)? { nil }

    func run(_ run: JobRun) async -> JobEnd {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.payloads.append(run.job.payload)
            guard state.payloads.count == expected else { return nil }
            return state.waiting.take()
        }
        waiting?.resume()
        guard waits else { return JobEnd(.done) }
        // Ends by cancellation only.
        try? await Task.sleep(for: .seconds(86_400))
        state.withLock { state in
            state.isCancelled = true
            return state.cancelWaiting.take()
        }?.resume()
        return JobEnd(.retry(milliseconds: 1000))
    }

    /// Until as many have begun as are expected.
    func all() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.payloads.count < expected { state.waiting = continuation }
                return state.payloads.count >= expected
            }
            if isThere { continuation.resume() }
        }
    }

    func cancelled() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if !state.isCancelled { state.cancelWaiting = continuation }
                return state.isCancelled
            }
            if isThere { continuation.resume() }
        }
    }
}
