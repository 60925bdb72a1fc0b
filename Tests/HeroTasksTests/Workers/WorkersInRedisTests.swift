// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTestSupport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import HeroTasks

@Suite("what idle and busy workers have in Redis", .serialized)
struct WorkersInRedisTests {
    private func workers(
        _ fixture: JobFixture, _ runner: some JobRunner, queues: [String] = ["q"], poll: Int = 3_600_000
    ) -> TaskWorkers {
        var settings = WorkerSettings()
        // Nothing is found by asking again: only a word of Redis wakes them.
        settings.pollWhileWatching = poll * 1_000_000
        settings.listAgeIdle = poll * 1_000_000
        return TaskWorkers(
            fixture.store, runner, machine: WorkerMachine(settings: settings, queues: QueueOrder(queues), seed: 1),
            identity: TaskWorkers.Identity(name: "host:1", who: Array("{}".utf8)),
            on: MultiThreadedEventLoopGroup.singleton.next(), pingInterval: 10
        ) { _ in }
    }

    /// Asks until something is so; each test has a limit of time.
    private func until(_ isSo: () async throws -> Bool) async throws {
        while try await !isSo() { await Task.yield() }
    }

    private func isWaiting(_ fixture: JobFixture) async throws -> Bool {
        let clients = try await fixture.redis("CLIENT", "LIST").text ?? ""
        return clients.contains("cmd=blmove")
    }

    @Test("a process without work is woken by Redis, takes what came, and waits again")
    func woken() async throws {
        try await JobFixture.with { fixture in
            let runner = Gate()
            let workers = workers(fixture, runner)
            workers.start()
            workers.resize(to: 1)
            for number in 1...3 {
                try await until { try await isWaiting(fixture) }
                #expect(try await fixture.redis("ZCARD", fixture.keys.idle).integer == 1)
                try await fixture.push("q", job(number))
                await runner.began(number)
                runner.open()
            }
            #expect(await workers.stop(within: 60_000))
            try await until { try await fixture.redis("ZCARD", fixture.keys.idle).integer == 0 }
        }
    }

    @Test("a process that works on all queues hears of a new one, and need not ask for their list")
    func newQueue() async throws {
        try await JobFixture.with { fixture in
            let runner = Gate()
            let workers = workers(fixture, runner, queues: ["*"])
            workers.start()
            workers.resize(to: 1)
            let channel = fixture.keys.queues
            try await until { try await fixture.redis("PUBSUB", "NUMSUB", channel).elements?.last?.integer == 1 }
            for (number, queue) in [(1, "new"), (2, "newer")] {
                if number == 1 {
                    #expect(try await fixture.api.enqueue("t", .integer(number), queue: queue) == .enqueued)
                } else {
                    var options = EnqueueOptions()
                    options.unique = ("k", 60_000)
                    #expect(try await fixture.api.enqueue("t", .integer(number), queue: queue, options) == .enqueued)
                }
                await runner.began(number)
                runner.open()
            }
            #expect(await workers.stop(within: 60_000))
            try await until { try await fixture.redis("PUBSUB", "NUMSUB", channel).elements?.last?.integer == 0 }
        }
    }

    @Test("where eight others wait it asks again and again, and finds what comes")
    func crowd() async throws {
        try await JobFixture.with { fixture in
            for other in 1...8 {
                try await fixture.redis(
                    "ZADD", fixture.keys.idle, RedisArgument(4_000_000_000_000), RedisArgument("other:\(other)"))
            }
            let runner = Gate()
            let workers = workers(fixture, runner)
            workers.start()
            workers.resize(to: 1)
            try await until { try await fixture.redis("EXISTS", fixture.keys.started("host:1+1:q")).integer == 1 }
            try await fixture.push("q", job(1))
            await runner.began(1)
            #expect(try await !isWaiting(fixture))
            runner.open()
            #expect(await workers.stop(within: 60_000))
            #expect(try await fixture.redis("ZCARD", fixture.keys.idle).integer == 8)
        }
    }

    @Test(
        "a job that goes on is seen by other programs, with its worker's ping and counters, and nothing is left after a stop"
    )
    func seen() async throws {
        try await JobFixture.with { fixture in
            let runner = Gate()
            let workers = workers(fixture, runner)
            workers.start()
            workers.resize(to: 2)
            try await fixture.push("q", job(1))
            let record = fixture.keys.worker("host:1+1:q")
            try await until { try await fixture.redis("EXISTS", record).integer == 1 }
            let text = try await fixture.redis("GET", record).text ?? ""
            #expect(text.contains(#""queue":"q","payload":\#(job(1)),"worker":"host:1+1""#))
            #expect(try await fixture.api.workers().map(\.registration) == ["host:1+1:q", "host:1+2:q"])
            try await until { try await fixture.redis("EXISTS", fixture.keys.ping("host:1+2")).integer == 1 }
            runner.open()
            try await until { try await fixture.redis("EXISTS", record).integer == 0 }
            try await until { try await fixture.number(fixture.keys.stat("processed", "host:1+1")) == 1 }
            #expect(await workers.stop(within: 60_000))
            let left = try await fixture.redis("KEYS", "*worker*").elements?.compactMap(\.text) ?? ["?"]
            #expect(left.isEmpty)
        }
    }

    @Test("other queues are worked as soon as somebody says so, and known under them")
    func otherQueues() async throws {
        try await JobFixture.with { fixture in
            let runner = Gate()
            let workers = workers(fixture, runner)
            workers.start()
            workers.resize(to: 1)
            try await fixture.push("other", job(1))
            workers.work(["other"])
            await runner.began(1)
            try await until { try await fixture.api.workers().map(\.registration) == ["host:1+1:other"] }
            runner.open()
            #expect(await workers.stop(within: 60_000))
        }
    }

    @Test("their number grows with the work while the loop is in time")
    func grows() async throws {
        try await JobFixture.with { fixture in
            let runner = Gate()
            let workers = workers(fixture, runner)
            let verbs = NoteBox<PoolMachine.Verb>()
            for number in 1...2 { try await fixture.push("q", job(number)) }
            workers.start()
            workers.scale(PoolMachine(minimum: 1, maximum: 2, mostDelay: .max), every: 1) { verb, _ in verbs.take(verb)
            }
            await runner.began(2)
            #expect(verbs.all.filter { $0 == .grow }.count == 2)
            runner.open()
            #expect(await workers.stop(within: 60_000))
        }
    }
}

/// Jobs wait in it until it is opened, once for all that wait.
private final class Gate: JobRunner {
    private struct State {
        var begun = 0
        var inside: [CheckedContinuation<Void, Never>] = []
        var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    func limits(of job: HeldJob) -> (task: String, limits: TaskLimits)? { nil }

    func run(_ run: JobRun) async -> JobEnd {
        await withCheckedContinuation { continuation in
            let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
                state.begun += 1
                state.inside.append(continuation)
                guard let waiting = state.waiting, state.begun >= waiting.count else { return nil }
                state.waiting = nil
                return waiting.continuation
            }
            waiting?.resume()
        }
        return JobEnd(.done)
    }

    func open() {
        let inside = state.withLock { state in
            defer { state.inside = [] }
            return state.inside
        }
        inside.forEach { $0.resume() }
    }

    /// Until so many have begun in all.
    func began(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.begun < count { state.waiting = (count, continuation) }
                return state.begun >= count
            }
            if isThere { continuation.resume() }
        }
    }
}
