// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroSystem
import NIOPosix
import Testing

@testable import HeroTasks

@Suite("a process that may lead the scheduler", .serialized)
struct TaskSchedulerTests {
    private struct Host: SchedulerHost {
        var recurrent: [RecurrentJob] = []
        var fates: [[UInt8]: DelayedFate] = [:]

        func isWanted(_ job: JobPayload, payload: [UInt8]) async -> DelayedFate { fates[payload] ?? .wanted }
    }

    private let notes = NoteBox<SchedulerNote>()

    private func scheduler(
        _ fixture: JobFixture, _ host: Host = Host(), name: String = "host:1", interval: Int = 20
    ) -> TaskScheduler {
        let notes = notes
        var settings = TaskScheduler.Settings()
        settings.interval = interval
        return TaskScheduler(
            fixture.store, name: name, host: host, settings: settings,
            on: MultiThreadedEventLoopGroup.singleton.next(), note: { notes.take($0) })
    }

    private func delay(_ fixture: JobFixture, _ seconds: Int, _ payload: String) async throws {
        try await fixture.redis("RPUSH", fixture.keys.delayed(seconds), RedisArgument(payload))
        try await fixture.redis(
            "SADD", fixture.keys.timestamps(Array(payload.utf8)), RedisArgument("delayed:\(seconds)"))
        try await fixture.redis(
            "ZADD", fixture.keys.schedule, RedisArgument(seconds), RedisArgument("\(seconds)"))
    }

    @Test("moves what is due in its order, drops what is not wanted any more, and leaves nothing of it behind")
    func delayed() async throws {
        try await JobFixture.with { fixture in
            var host = Host()
            host.fates[Array(job(2).utf8)] = .unwanted
            host.fates[Array(job(3).utf8)] = .changed(queue: "other", payload: Array(job(33).utf8))
            for number in 1...4 { try await delay(fixture, 1000, job(number)) }
            try await delay(fixture, 1000, "no job")
            for number in 5...250 { try await delay(fixture, 1001, job(number)) }
            try await delay(fixture, 32_503_680_000, job(999))
            let scheduler = scheduler(fixture, host)
            scheduler.start()
            await notes.first { $0 == .transferredJob(1001, payload: Array(job(250).utf8)) }
            #expect(await scheduler.status().isLeader)
            await scheduler.stop()
            #expect(try await fixture.queue("q") == ([1, 4] + Array(5...250)).map { job($0) })
            #expect(try await fixture.queue("other") == [job(33)])
            #expect(try await fixture.list(fixture.keys.failed).count == 1)
            #expect(try await fixture.redis("ZCARD", fixture.keys.schedule).integer == 1)
            for number in [1, 2, 3, 4, 250] {
                let key = fixture.keys.timestamps(Array(job(number).utf8))
                #expect(try await fixture.redis("EXISTS", key).integer == 0)
            }
            #expect(try await fixture.store.leader() == nil)
            #expect(notes.all.map(\.message).contains("This node is now the Resque scheduler leader"))
        }
    }

    @Test("goes on with later moments when the key of one is of another type")
    func badMoment() async throws {
        try await JobFixture.with { fixture in
            try await fixture.redis("SET", fixture.keys.delayed(1000), "x")
            try await fixture.redis("ZADD", fixture.keys.schedule, "1000", "1000")
            try await delay(fixture, 1001, job(1))
            let scheduler = scheduler(fixture)
            scheduler.start()
            await notes.first { $0 == .transferredJob(1001, payload: Array(job(1).utf8)) }
            await scheduler.stop()
            #expect(try await fixture.queue("q") == [job(1)])
        }
    }

    @Test("returns retries that are due, and enqueues a recurrent task once however many schedulers there are")
    func retriesAndRecurrent() async throws {
        try await JobFixture.with { fixture in
            let id = "host:1~a~1"
            let packed = PackedJob(queue: "q", payload: Array(job(1).utf8)).bytes
            try await fixture.redis("HSET", fixture.keys.kept, RedisArgument(id), RedisArgument(packed))
            try await fixture.redis("ZADD", fixture.keys.retry, "1", RedisArgument(id))
            let task = RecurrentTask(name: "t", rule: .every(3_600_000))
            let host = Host(recurrent: [RecurrentJob(task, queue: "often", payload: Array(job(7).utf8))])
            let first = scheduler(fixture, host)
            first.start()
            await notes.first { $0 == .retried(1) }
            await notes.first { $0 == .enqueuedRecurrent("t", runs: 1) }
            await first.stop()
            // The state is in Redis: whoever leads next knows of the run.
            let second = scheduler(fixture, host, name: "host:2")
            second.start()
            try await delay(fixture, 1000, job(2))
            await notes.first { $0 == .transferredJob(1000, payload: Array(job(2).utf8)) }
            await second.stop()
            #expect(try await fixture.queue("q") == [job(1), job(2)])
            #expect(try await fixture.queue("often") == [job(7)])
        }
    }

    @Test("does nothing while another program leads, and takes over when that one has gone")
    func leader() async throws {
        try await JobFixture.with { fixture in
            try await fixture.redis("SET", fixture.keys.leaderLock, "node:1")
            try await delay(fixture, 1000, job(1))
            let scheduler = scheduler(fixture)
            scheduler.start()
            await notes.first { $0 == .polling }
            #expect(await !scheduler.status().isLeader)
            #expect(try await fixture.queue("q").isEmpty)
            try await fixture.redis("DEL", fixture.keys.leaderLock)
            await notes.first { $0 == .transferredJob(1000, payload: Array(job(1).utf8)) }
            #expect(await scheduler.status().isLeader)
            await scheduler.stop()
        }
    }

    @Test("cleans up after workers of other programs whose ping is old")
    func stuckWorkers() async throws {
        try await JobFixture.with { fixture in
            let worker = RegisteredWorker(name: "node:7+1", queues: "q")
            try await fixture.store.register([worker], at: WallTime(milliseconds: 1_000_000))
            try await fixture.redis(
                "SET", fixture.keys.worker(worker.registration),
                RedisArgument(
                    WorkerRecord.job(HeldJob(number: 1, queue: "q", payload: Array(job(1).utf8)), worker.name, .now)))
            let scheduler = scheduler(fixture)
            scheduler.start()
            await notes.first { if case .cleanedStuckWorker("node:7+1", _?, _) = $0 { true } else { false } }
            await scheduler.stop()
            #expect(try await fixture.api.workers().isEmpty)
            #expect(try await fixture.list(fixture.keys.failed).count == 1)
        }
    }
}
