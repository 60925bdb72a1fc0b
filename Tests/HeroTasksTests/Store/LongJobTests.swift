// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

@Suite("jobs that are too long to be read", .serialized)
struct LongJobTests {
    private let owner = "host:1~a"
    private let text = #"{"class":"t","args":["ä\"\#(String(repeating: "x", count: 500))"]}"#

    private func order(_ first: Int, _ queues: String...) -> ClaimOrder {
        var order = ClaimOrder(first: first, want: 5, queues: queues)
        order.longest = 400
        return order
    }

    /// An element of a list that no reply can carry, made where it stays.
    private func pushHuge(_ list: RedisArgument, _ fixture: JobFixture) async throws {
        let script = "return redis.call('RPUSH', KEYS[1], '{\"class\":\"h\"'..string.rep('x', 70 * 1024 * 1024))"
        try await fixture.redis("EVAL", RedisArgument(script), 1, list)
    }

    @Test("go to the dead set and to failed by the claim, and the queue goes on behind them", arguments: [false, true])
    func claim(cluster: Bool) async throws {
        try await JobFixture.with(cluster: cluster) { fixture async throws in
            try await fixture.start(owner)
            try await fixture.push("q", job(1), text, text, job(2))
            let long = LongJob(number: 2, queue: "q", bytes: text.utf8.count)
            let one = HeldJob(number: 1, queue: "q", payload: Array(job(1).utf8))
            #expect(try await fixture.store.claim(owner, order(1, "q")) == .jobsAndLong([one], long))
            // A repetition has the jobs that are held.
            #expect(try await fixture.store.claim(owner, order(1, "q")) == .jobs([one]))
            #expect(
                try await fixture.store.claim(owner, order(6, "q"))
                    == .jobsAndLong([], LongJob(number: 6, queue: "q", bytes: text.utf8.count)))
            #expect(
                try await fixture.store.claim(owner, order(11, "q"))
                    == .jobs([HeldJob(number: 11, queue: "q", payload: Array(job(2).utf8))]))
            #expect(try await fixture.number(fixture.keys.stat("failed")) == 2)
            let entry = try JSON(parsing: try #require(try await fixture.api.failed(0, -1).first))
            #expect(
                entry["error"]?.stringValue
                    == "The job has \(text.utf8.count) bytes, and at most 400 are read: keep what is large elsewhere")
            #expect(entry["payload"]?.stringValue?.hasPrefix(#"{"class":"t","args":["ä\"xxx"#) == true)
            #expect(entry["worker"] == "host:1" && entry["exception"] == "MalformedJob" && entry["queue"] == "q")
            #expect(entry["failed_at"]?.stringValue.flatMap { JavaScriptDate.milliseconds($0) } != nil)
            // Whoever can read more may have it, with every byte.
            #expect(try await fixture.api.revive("\(owner)~2"))
            #expect(try await fixture.queue("q") == [text])
            #expect(try await fixture.api.removeDead(["\(owner)~6"]) == 1)
            let left = try await fixture.redis("EXISTS", fixture.keys.kept, fixture.keys.dead, fixture.keys.failed)
            #expect(left.integer == 0)
        }
    }

    @Test("are shown by size and beginning wherever they stand, and can be removed")
    func lists() async throws {
        try await JobFixture.with { fixture async throws in
            let (api, keys) = (fixture.api, fixture.keys)
            try await fixture.push("q", job(1))
            try await fixture.redis("SADD", keys.queues, "q")
            for list in [keys.queue("q"), keys.failed, keys.delayed(5)] { try await pushHuge(list, fixture) }
            try await fixture.push("q", job(2))
            try await fixture.redis("ZADD", keys.schedule, 5, 5)
            let queued = try await api.queued("q", 0, -1)
            #expect(queued.count == 3 && queued[0] == Array(job(1).utf8) && queued[2] == Array(job(2).utf8))
            let shown = try JSON(parsing: queued[1])
            #expect(
                shown["$long"] == 73_400_332 && shown["payload"]?.stringValue?.hasPrefix(#"{"class":"h"xxx"#) == true)
            let entries = try await api.failed(0, -1)
            #expect(FailedEntry(entries[0]).message?.hasPrefix("73400332 bytes are too many") == true)
            await #expect(throws: MalformedJob.self) { try await api.retryAndRemoveFailed(entries[0]) }
            let kept = try await FailedSweep(fixture.store).run(.retry) { _ in true }
            #expect(kept.done.isEmpty && kept.problems.count == 1)
            let removed = try await FailedSweep(fixture.store).run(.remove) { _ in true }
            #expect(removed.done == [FailedEntry(entries[0]).id])
            #expect(try await api.failedCount() == 0)
            let waiting = try #require(try await WaitingList(fixture.store).delayed(10).first)
            #expect(try await WaitingList(fixture.store).removeDelayed(waiting.id) == 1)
            #expect(try await fixture.redis("EXISTS", keys.delayed(5), keys.schedule).integer == 0)
            // Who looks at everything, and the leader who notes what stands at the ends.
            #expect(try await QueueInspector(fixture.store).snapshot().queues.map(\.length) == [3])
            try await fixture.redis("RPOP", keys.queue("q"))
            try await QueueAges(fixture.store).note()
        }
    }

    @Test("go to the dead set from their moment, and others of it are moved")
    func delayed() async throws {
        try await JobFixture.with { fixture async throws in
            let (store, keys) = (fixture.store, fixture.keys)
            for payload in [text, job(1)] {
                try await fixture.redis("RPUSH", keys.delayed(5), RedisArgument(payload))
                try await fixture.redis("SADD", keys.timestamps(Array(payload.utf8)), "delayed:5")
            }
            try await fixture.redis("ZADD", keys.schedule, 5, 5)
            #expect(try await store.bury(5, by: "host:1", longest: 400))
            #expect(try await !store.bury(5, by: "host:1", longest: 400))
            #expect(try await store.delayed(5, limit: 10) == [Array(job(1).utf8)])
            #expect(try await fixture.redis("EXISTS", keys.timestamps(Array(text.utf8))).integer == 0)
            let dead = try #require(try await fixture.api.dead(0, -1).first)
            #expect(dead.id.hasPrefix("host:1~") && dead.queue == "default")
            #expect(try await fixture.api.revive(dead.id))
            #expect(try await fixture.queue("default") == [text])
        }
    }

    @Test("do not keep what their owner held from being read, which together is more than one reply can carry")
    func held() async throws {
        try await JobFixture.with { fixture async throws in
            let key = fixture.keys.held(owner)
            for number in 1...5 {
                let script = "return redis.call('HSET', KEYS[1], ARGV[1], '1:q'..string.rep('x', 15 * 1024 * 1024))"
                try await fixture.redis("EVAL", RedisArgument(script), 1, key, RedisArgument(number))
            }
            #expect(try await fixture.store.held(owner).map(\.payload.count) == [Int](repeating: 15 << 20, count: 5))
            let some = try await fixture.store.held(owner, [5, 4, 3], most: 32 << 20)
            #expect(some.jobs.map(\.number) == [4, 5] && some.count == 2)
        }
    }
}
