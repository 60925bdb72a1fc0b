// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

@Suite("what the leader does with jobs", .serialized)
struct SchedulerTests {
    @Test("delayed jobs that are due go to their queues, once, whoever else moves them", arguments: [false, true])
    func delayed(cluster: Bool) async throws {
        try await JobFixture.with(cluster: cluster) { fixture async throws in
            let (api, store) = (fixture.api, fixture.store)
            for number in 1...3 {
                let answer = try await api.enqueueAt(1_000_000_499, "t", .integer(number), queue: "q")
                #expect(answer == .enqueued)
            }
            #expect(try await api.enqueueAt(1_000_000_000, "t", 1, queue: "q") == .duplicate)
            let moments = try await store.dueMoments(now: try await store.time(), limit: 10)
            #expect(moments == [1_000_000])
            let jobs = try await store.delayed(1_000_000, limit: 100).map { DelayedJob(payload: $0, queue: "q") }
            // Another scheduler takes the first.
            try await fixture.redis("LPOP", fixture.keys.delayed(1_000_000))
            var moved = try await store.move(1_000_000, jobs)
            #expect(moved.moved == 0 && moved.left == 2)
            moved = try await store.move(1_000_000, Array(jobs.dropFirst()))
            #expect(moved.moved == 2 && moved.left == 0)
            #expect(try await fixture.queue("q") == [job(2), job(3)])
            #expect(try await store.dueMoments(now: try await store.time(), limit: 10).isEmpty)
            #expect(try await api.scheduledAt("q", "t", 2).isEmpty)
            moved = try await store.move(1_000_000, [])
            #expect(moved.moved == 0 && moved.left == 0)
        }
    }

    @Test("a delayed job that nobody can read goes to failed, and the others go on")
    func malformed() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.redis("RPUSH", fixture.keys.delayed(5), "garbage", RedisArgument(job(1)))
            try await fixture.redis("ZADD", fixture.keys.schedule, 5, 5)
            let moved = try await fixture.store.move(
                5,
                [
                    DelayedJob(malformed: Array("garbage".utf8), entry: Array("entry".utf8)),
                    DelayedJob(payload: Array(job(1).utf8), queue: "q"),
                ])
            #expect(moved.moved == 2 && moved.left == 0)
            #expect(try await fixture.list(fixture.keys.failed) == ["entry"])
            #expect(try await fixture.queue("q") == [job(1)])
        }
    }

    @Test("retries return to the ends of their queues when they are due, and not before")
    func retries() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld()
            _ = try await fixture.finish(
                "host:1~a", FinishedJob(jobs[0], .retry(milliseconds: 0)),
                FinishedJob(jobs[1], .later(milliseconds: 3_600_000)))
            let due = try await fixture.store.dueRetries(now: try await fixture.store.time(), limit: 10)
            #expect(due.map(\.queue) == ["q"])
            #expect(try await fixture.store.promote(due + [("host:1~a~2", "q")]) == 1)
            #expect(try await fixture.store.promote(due) == 0)
            #expect(try await fixture.queue("q") == [job(4), job(1)])
            #expect(try await fixture.redis("HLEN", fixture.keys.kept).integer == 1)
        }
    }

    @Test("a run of a recurrent task is enqueued once, whoever else wants to")
    func recurrent() async throws {
        try await JobFixture.with { fixture async throws in
            let payload = Array(job(1).utf8)
            var order = RecurOrder(task: "t", stored: "", next: "1000", queue: "q", payload: payload)
            order.lock = ("lock:t:q:[1]", 60)
            #expect(try await fixture.store.recur(order) == .enqueued)
            // Below the namespace, where the worker that runs the job removes it.
            #expect(try await fixture.redis("EXISTS", fixture.keys.key("lock:t:q:[1]")).integer == 1)
            #expect(try await fixture.store.recur(order) == .taken("1000"))
            order.stored = "1000"
            order.next = "2000"
            #expect(try await fixture.store.recur(order) == .waiting, "QueueLock: one waits already")
            #expect(try await fixture.store.recurrent() == ["t": "2000"])
            order.lock = nil
            (order.stored, order.next, order.times) = ("2000", "3000", 3)
            #expect(try await fixture.store.recur(order) == .enqueued)
            #expect(try await fixture.queue("q").count == 4)
        }
    }

    @Test("one leads, and no other while a scheduler of another program does")
    func leader() async throws {
        try await JobFixture.with { fixture async throws in
            let store = fixture.store
            #expect(try await store.lead("a:1", seconds: 180, lease: 30_000))
            #expect(try await store.lead("a:1", seconds: 180, lease: 30_000))
            #expect(try await !store.lead("b:2", seconds: 180, lease: 30_000))
            try await store.resign("b:2")
            #expect(try await store.leader() == "a:1")
            try await store.resign("a:1")
            try await fixture.redis("SET", fixture.keys.masterLock, "ruby:3")
            #expect(try await !store.lead("b:2", seconds: 180, lease: 30_000))
            #expect(try await store.leader() == nil)
        }
    }

    @Test(
        "a leader of ours that has died is followed as soon as its word is old, and one of another program when its lock ends"
    )
    func successor() async throws {
        try await JobFixture.with { fixture async throws in
            let (store, keys) = (fixture.store, fixture.keys)
            /// The leader has last been heard of so long ago.
            func passes(_ milliseconds: Int) async throws {
                let text = try #require(try await fixture.redis("HGET", keys.leading, "a:1").text)
                let at = try #require(text.split(separator: " ").first.flatMap { Int($0) })
                let earlier = "\(at - milliseconds) 30000 180"
                try await fixture.redis("HSET", keys.leading, "a:1", RedisArgument(earlier))
                let left = try await fixture.redis("PTTL", keys.leaderLock).integer ?? 0
                try await fixture.redis("PEXPIRE", keys.leaderLock, RedisArgument(left - milliseconds))
            }
            #expect(try await store.lead("a:1", seconds: 180, lease: 30_000))
            try await passes(20_000)
            #expect(try await !store.lead("b:2", seconds: 180, lease: 30_000))
            try await passes(20_000)
            #expect(try await store.lead("b:2", seconds: 180, lease: 30_000))
            #expect(try await !store.lead("a:1", seconds: 180, lease: 30_000), "it was only slow, and follows")
            // node-resque leads, under a name that one of ours had when it died.
            try await store.resign("b:2")
            #expect(try await fixture.redis("EXISTS", keys.leading, keys.leaderLock).integer == 0)
            #expect(try await store.lead("a:1", seconds: 180, lease: 30_000))
            try await passes(170_000)
            try await fixture.redis("SET", keys.leaderLock, "a:1", "EX", 180)
            #expect(try await !store.lead("b:2", seconds: 180, lease: 30_000))
            try await fixture.redis("SET", keys.leaderLock, "node:9", "EX", 180)
            #expect(try await !store.lead("b:2", seconds: 180, lease: 30_000))
            try await fixture.redis("DEL", keys.leaderLock)
            #expect(try await store.lead("b:2", seconds: 180, lease: 30_000))
        }
    }
}
