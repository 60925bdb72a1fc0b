// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroSystem
import HeroTasks
import HeroTestSupport
import Testing

@Suite("jobs while they run", .serialized)
struct RunTests {
    private let owner = "host:1~a"

    @Test("are no more than their task allows at a time, in all processes, and those of the dead do not count")
    func concurrency() async throws {
        try await JobFixture.with { fixture async throws in
            let store = fixture.store
            var limits = TaskLimits()
            limits.atATime = 2
            _ = try await fixture.threeHeld(owner)
            try await fixture.start("host:2~b")
            _ = try await fixture.claim("host:2~b", 1, 5, "q")
            #expect(try await store.admit(owner, 1, of: "t", limits) == .yes)
            #expect(try await store.admit(owner, 1, of: "t", limits) == .yes, "a repetition")
            #expect(try await store.admit("host:2~b", 1, of: "t", limits) == .yes)
            #expect(try await store.admit(owner, 2, of: "t", limits) == .wait(milliseconds: nil))
            try await fixture.end("host:2~b")
            #expect(try await store.admit(owner, 2, of: "t", limits) == .yes)
            try await store.release(owner, 1, of: "t")
            #expect(try await store.admit(owner, 3, of: "t", limits) == .yes)
            #expect(try await store.admit(owner, 99, of: "t", limits) == .notHeld)
            #expect(try await store.admit("host:2~b", 1, of: "t", limits) == .lost)
        }
    }

    @Test("start no more often than their task allows in a period")
    func rate() async throws {
        try await JobFixture.with { fixture async throws in
            var limits = TaskLimits()
            limits.rate = (2, 3_600_000)
            _ = try await fixture.threeHeld(owner)
            #expect(try await fixture.store.admit(owner, 1, of: "t", limits) == .yes)
            #expect(try await fixture.store.admit(owner, 2, of: "t", limits) == .yes)
            let answer = try await fixture.store.admit(owner, 3, of: "t", limits)
            guard case .wait(let milliseconds?) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect((1...3_600_000).contains(milliseconds))
        }
    }

    @Test("do not start when they are too old, and those that nobody knows the age of do")
    func expiry() async throws {
        try await JobFixture.with { fixture async throws in
            var options = EnqueueOptions()
            options.expiresAfter = 3_600_000
            _ = try await fixture.api.enqueue("t", 1, queue: "q", options)
            _ = try await fixture.api.enqueue("t", 2, queue: "q")
            try await fixture.start(owner)
            let jobs = try await fixture.claim(owner, 1, 2, "q")
            var limits = TaskLimits()
            limits.expires = true
            #expect(try await fixture.store.admit(owner, 1, of: "t", limits) == .yes)
            let digest = SHA1.hexadecimal(jobs[0].payload)
            try await fixture.redis("ZADD", fixture.keys.deadlines, 1, RedisArgument(digest))
            #expect(try await fixture.store.admit(owner, 1, of: "t", limits) == .expired)
            #expect(try await fixture.store.admit(owner, 2, of: "t", limits) == .yes)
        }
    }

    @Test("under JobLock run one at a time; a lock of a process that is gone is taken over, another program's is not")
    func jobLock() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld(owner)
            let payload = JobPayload(task: "t", queue: "q", inputs: 1)
            let plugin = JobLockPlugin()
            func before(_ held: HeldJob, _ owner: String) async throws -> PluginVerdict {
                try await plugin.beforePerform(payload, held, of: owner, in: fixture.store)
            }
            #expect(try await before(jobs[0], owner) == .run)
            #expect(try await before(jobs[1], owner) == .end(.later(milliseconds: 1001)))
            try await plugin.afterPerform(payload, jobs[1], of: owner, in: fixture.store)
            #expect(try await before(jobs[1], owner) == .end(.later(milliseconds: 1001)), "not its lock")
            try await fixture.start("host:2~b")
            try await fixture.end(owner)
            #expect(try await before(jobs[0], "host:2~b") == .run)
            #expect(try await before(jobs[0], owner) == .lost)
            try await fixture.redis("SET", fixture.keys.key("workerslock:t:q:[1]"), "1700000000")
            #expect(try await before(jobs[0], "host:2~b") == .end(.later(milliseconds: 1001)))
        }
    }

    @Test("under Retry come again until its limit, by failures that a crash cannot change")
    func retry() async throws {
        try await JobFixture.with { fixture async throws in
            var plugin = RetryPlugin()
            (plugin.retryLimit, plugin.backoffStrategy) = (3, [100, 200])
            let payload = JobPayload(task: "t", queue: "q", inputs: ["a b": 1])
            let failure = JobFailure(exception: "Error", message: "m")
            func after(_ failures: Int) async throws -> JobOutcome? {
                let held = HeldJob(
                    number: 1, queue: "q", payload: payload.bytes, counters: JobCounters(failures: failures))
                return try await plugin.afterPerform(
                    payload, held, failure, at: WallTime(milliseconds: 1_700_000_000_000), in: fixture.store)
            }
            #expect(try await after(0) == .retry(milliseconds: 100))
            #expect(try await after(1) == .retry(milliseconds: 200))
            let record = try await fixture.redis("GET", fixture.keys.key(#"failure-resque-retry:t:{"ab":1}"#)).text
            #expect(
                record
                    == #"{"failed_at":"2023/11/14 22:13:20","payload":[{"a b":1}],"exception":"Error","error":"m","#
                    + #""backtrace":null,"worker":"t","queue":"q"}"#)
            #expect(try await after(2) == nil)
            #expect(try await fixture.redis("KEYS", "*resque-retry*").elements == [])
        }
    }

    @Test("keep progress and results as long as they are held")
    func notes() async throws {
        try await JobFixture.with { fixture async throws in
            var options = EnqueueOptions()
            options.tag = JobTag(id: "x")
            _ = try await fixture.api.enqueue("t", 1, queue: "q", options)
            #expect(try await fixture.api.status("x") == ["state": "queued"])
            try await fixture.start(owner)
            let held = try await fixture.claim(owner, 1, 1, "q")
            let key = fixture.keys.job("x")
            let value = Array(#"{"state":"running","progress":0.4}"#.utf8)
            #expect(try await fixture.store.note(owner, 1, at: key, value, milliseconds: 60_000) == .yes)
            #expect(try await fixture.api.status("x")?["progress"] == 0.4)
            _ = try await fixture.finish(owner, FinishedJob(held[0], .done))
            #expect(try await fixture.store.note(owner, 1, at: key, value, milliseconds: 60_000) == .no)
        }
    }

    @Test("keep a place to go on of which only their own next claim says that there is one")
    func cursors() async throws {
        try await JobFixture.with { fixture async throws in
            let (store, owner) = (fixture.store, "host:1~a")
            let jobs = try await fixture.threeHeld(owner)
            #expect(jobs.allSatisfy { !$0.hasCursor })
            let digest = SHA1.hexadecimal(jobs[0].payload)
            let key = fixture.keys.cursor(digest)
            let kept = try await store.note(
                owner, 1, at: key, digest: digest, Array("5".utf8), milliseconds: JobFixture.never)
            #expect(kept == .yes)
            _ = try await fixture.finish(owner, FinishedJob(jobs[0], .requeue), FinishedJob(jobs[1], .requeue))
            let again = try await fixture.claim(owner, 4, 2, "q")
            #expect(
                again.map(\.hasCursor) == [true, false] && again.map(\.counters) == [JobCounters(), JobCounters()])
            #expect(try await store.noted(at: key) == Array("5".utf8))
            try await store.forgetCursor(digest)
            _ = try await fixture.finish(owner, FinishedJob(again[0], .requeue))
            #expect(try await fixture.claim(owner, 6, 1, "q").map(\.hasCursor) == [false])
            #expect(try await fixture.redis("EXISTS", key, fixture.keys.cursors).integer == 0)
        }
    }
}
