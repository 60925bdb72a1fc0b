// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroSystem
import HeroTasks
import HeroTestSupport
import Testing

@Suite("failed jobs and workers that are gone", .serialized)
struct FailedTests {
    private func entry(_ number: Int) -> [UInt8] {
        FailureEntry(
            worker: "w", queue: "q", payload: Array(job(number).utf8), exception: "Error", message: "m",
            time: WallTime(milliseconds: 0)
        ).bytes
    }

    @Test("are retried and removed by the dead set's ids, with their entries in failed")
    func dead() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld()
            _ = try await fixture.store.finish(
                "host:1~a", jobs.map { FinishedJob($0, .failed(entry: entry($0.number))) })
            #expect(try await fixture.api.failedCount() == 3)
            #expect(try await fixture.api.revive("host:1~a~1"))
            #expect(try await !fixture.api.revive("host:1~a~1"))
            #expect(try await fixture.api.removeDead(["host:1~a~2"]) == 1)
            #expect(try await fixture.api.failed(0, -1) == [entry(3)])
            // resque-web removes the last.
            try await fixture.redis("LREM", fixture.keys.failed, 1, RedisArgument(entry(3)))
            #expect(try await !fixture.api.revive("host:1~a~3"))
            #expect(try await fixture.queue("q") == [job(4), job(1)])
            #expect(try await fixture.redis("EXISTS", fixture.keys.kept, fixture.keys.dead).integer == 0)
        }
    }

    @Test("leave the dead set at once with their entries, whether those are removed or retried")
    func deadByEntries() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld()
            _ = try await fixture.store.finish(
                "host:1~a", jobs.map { FinishedJob($0, .failed(entry: entry($0.number))) })
            #expect(try await fixture.api.removeFailed(entry(1)) == 1)
            #expect(try await fixture.api.removeFailed(entry(1)) == 0)
            try await fixture.api.retryAndRemoveFailed(entry(2))
            #expect(try await fixture.api.dead(0, -1).map(\.id) == ["host:1~a~3"])
            #expect(try await fixture.queue("q") == [job(4), job(2)])
            #expect(try await fixture.redis("HLEN", fixture.keys.kept).integer == 3)
            let swept = try await FailedSweep(fixture.store).run(.remove) { _ in true }
            #expect(swept.done.count == 1)
            let left = try await fixture.redis("EXISTS", fixture.keys.kept, fixture.keys.dead, fixture.keys.failed)
            #expect(left.integer == 0)
        }
    }

    @Test("are retried by their entries, whoever has written them")
    func entries() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.redis("RPUSH", fixture.keys.failed, RedisArgument(entry(1)))
            try await fixture.api.retryAndRemoveFailed(entry(1))
            #expect(try await fixture.queue("q") == [job(1)])
            let error = await #expect(throws: QueueRefusal.self) {
                try await fixture.api.retryAndRemoveFailed(entry(1))
            }
            #expect(error == .notFailed)
        }
    }

    @Test("are kept up to a cap, and what housekeeping drops is counted")
    func housekeeping() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld()
            _ = try await fixture.store.finish(
                "host:1~a", jobs.map { FinishedJob($0, .failed(entry: entry($0.number))) })
            // By another program.
            try await fixture.redis("LREM", fixture.keys.failed, 1, RedisArgument(entry(3)))
            try await fixture.redis("HSET", fixture.keys.attempts, "old", "1 0 5", "new", "1 0 9999999999999")
            try await fixture.redis("HSET", fixture.keys.owners, "host:9~z", "gone 5")
            let done = try await fixture.store.keepHouse(window: 1000, mostDead: 2)
            #expect(done.counters == 1 && done.owners == 1 && done.dead == 1 && done.orphans == 1)
            #expect(try await fixture.api.failedCount() == 1)
        }
    }

    @Test("of a worker that is gone are put into failed, and nothing of it stays")
    func forceClean() async throws {
        try await JobFixture.with { fixture async throws in
            let (api, keys) = (fixture.api, fixture.keys)
            let worker = RegisteredWorker(name: "old:4242+1", queues: "high,low")
            let start = WallTime(milliseconds: 1_700_000_000_000)
            let held = HeldJob(number: 1, queue: "high", payload: Array(job(1, queue: "high").utf8))
            try await fixture.store.register([worker], at: start)
            try await fixture.store.record(working: [(worker, held, start)], idle: [])
            try await fixture.store.count([("old:4242+1", 7, 0)])
            #expect(try await api.workers() == [worker])
            let shown = try await api.details()
            #expect(shown["workers"]?["old:4242+1"]?["payload"]?["args"] == [1])
            let now = WallTime(milliseconds: start.milliseconds + 100_000)
            #expect(try await api.cleanStuckWorkers(age: 200_000, by: "h", now: now).isEmpty)
            let cleaned = try await api.cleanStuckWorkers(age: 20_000, by: "h", now: now)
            #expect(cleaned.map(\.delta) == [100] && cleaned.first?.worker.isKnown == true)
            let failed = try JSON(parsing: try #require(try await api.failed(0, -1).first))
            #expect(failed["error"] == "Worker Timeout (killed manually)" && failed["payload"]?["args"] == [1])
            #expect(failed["backtrace"]?[1] == "queue#forceCleanWorker")
            let left = try await fixture.redis("KEYS", "*old:4242*").elements
            #expect(left == [], "node-resque leaves the record of the job")
            #expect(try await fixture.number(keys.stat("failed")) == 1)
            let again = try await api.forceCleanWorker("old:4242+1", by: "h", at: now)
            #expect(!again.isKnown && again.entry == nil)
        }
    }

    @Test("are found by workers' names, which have colons as hosts and queues may have")
    func names() async throws {
        try await JobFixture.with { fixture async throws in
            let workers = [
                RegisteredWorker(name: "fe80::1:42+3", queues: "a:b,c"), RegisteredWorker(name: "host:42", queues: "*"),
            ]
            try await fixture.store.register(workers, at: WallTime(milliseconds: 0))
            #expect(try await fixture.api.workers().map(\.queues).sorted() == ["*", "a:b,c"])
            try await fixture.store.unregister(workers)
            #expect(try await fixture.redis("KEYS", "*").elements == [])
        }
    }
}
