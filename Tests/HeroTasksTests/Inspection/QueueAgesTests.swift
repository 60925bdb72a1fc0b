// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTasks
import Testing

@Suite("ages of queues", .timeLimit(.minutes(10)))
struct QueueAgesTests {
    /// The ages that whoever looks sees.
    private func ages(_ fixture: JobFixture) async throws -> [String: Int] {
        let queues = try await QueueInspector(fixture.store).snapshot().queues
        return Dictionary(queues.compactMap { queue in queue.age.map { (queue.text, $0) } }) { first, _ in first }
    }

    /// The marks of a queue become older by so many milliseconds.
    private func elapse(_ milliseconds: Int, _ queue: RedisArgument, _ fixture: JobFixture) async throws {
        let bytes = try await fixture.redis("HGET", fixture.keys.ages, queue).bytes ?? []
        let older = AgeMarks(reading: bytes).marks.map { mark in
            var mark = mark
            mark.time -= milliseconds
            return mark
        }
        try await fixture.redis("HSET", fixture.keys.ages, queue, RedisArgument(AgeMarks(older).bytes))
    }

    private func push(_ jobs: [String], _ fixture: JobFixture) async throws {
        try await fixture.redis("SADD", fixture.keys.queues, "q")
        for job in jobs { try await fixture.redis("RPUSH", fixture.keys.queue("q"), RedisArgument(job)) }
    }

    @Test("marks survive being written, whatever their bytes are; what is none is nothing")
    func bytes() {
        var marks = AgeMarks()
        for time in 0..<20 {
            marks.add(AgeMark(time: time, place: 3, counted: -1, payload: Array("1 2:".utf8) + [0, 255]))
        }
        #expect(AgeMarks(reading: marks.bytes) == marks)
        #expect(marks.marks.count <= AgeMarks.most && marks.marks.first?.time == 0 && marks.marks.last?.time == 19)
        for text in ["", "x", "1 2 3:", "1 2 3 9:abc", "1 2 3 -1:"] {
            #expect(AgeMarks(reading: Array(text.utf8)).marks.isEmpty, "\(text)")
        }
    }

    @Test("a queue is as old as the oldest job that was seen and is still there, also when nobody notes any more")
    func oldest() async throws {
        try await JobFixture.with { fixture in
            try await push(["a", "b"], fixture)
            #expect(try await ages(fixture).isEmpty)
            try await QueueAges(fixture.store).note()
            try await elapse(1_000_000, "q", fixture)
            #expect(try await ages(fixture)["q", default: 0] >= 1_000_000)
            // Jobs before the one that was seen are taken: it is still there.
            try await fixture.redis("LPOP", fixture.keys.queue("q"))
            try await push(["c"], fixture)
            try await QueueAges(fixture.store).note()
            try await elapse(1_000_000, "q", fixture)
            #expect(try await ages(fixture)["q", default: 0] >= 2_000_000)
            // Now it is gone, and the next one was seen a million milliseconds later.
            try await fixture.redis("LPOP", fixture.keys.queue("q"))
            let next = try await ages(fixture)["q", default: 0]
            #expect(next >= 1_000_000 && next < 2_000_000)
            try await fixture.redis("LPOP", fixture.keys.queue("q"))
            #expect(try await ages(fixture).isEmpty)
            try await QueueAges(fixture.store).note()
            #expect(try await fixture.redis("EXISTS", fixture.keys.ages).integer == 0)
        }
    }

    @Test("jobs that are equal, or long, are followed as long as fewer are done than stood before them")
    func counted() async throws {
        let long = String(repeating: "x", count: AgeMark.longestPayload + 1)
        for jobs in [["a", "a", "a"], ["b", "c", long]] {
            try await JobFixture.with { fixture in
                try await push(jobs, fixture)
                try await QueueAges(fixture.store).note()
                try await elapse(1_000_000, "q", fixture)
                #expect(try await ages(fixture)["q", default: 0] >= 1_000_000)
                try await fixture.redis("INCRBY", fixture.keys.stat("processed"), 2)
                #expect(try await ages(fixture)["q", default: 0] >= 1_000_000)
                try await fixture.redis("INCRBY", fixture.keys.stat("failed"), 1)
                #expect(try await ages(fixture)["q"] == nil)
            }
        }
    }

    @Test("a job that is enqueued again behind others is not taken for the one that was seen")
    func again() async throws {
        try await JobFixture.with { fixture in
            try await push(["tick"], fixture)
            try await QueueAges(fixture.store).note()
            try await elapse(1_000_000, "q", fixture)
            try await fixture.redis("LPOP", fixture.keys.queue("q"))
            try await push(["other", "tick"], fixture)
            #expect(try await ages(fixture)["q"] == nil)
        }
    }

    @Test("rates are told from what the leader saw, and a queue of another type harms no other")
    func rates() async throws {
        try await JobFixture.with(cluster: true) { fixture in
            try await push(["a"], fixture)
            try await fixture.redis("SADD", fixture.keys.queues, "bad")
            try await fixture.redis("SET", fixture.keys.queue("bad"), "text")
            try await QueueAges(fixture.store).note()
            let snapshot = try await QueueInspector(fixture.store).snapshot()
            #expect(snapshot.queues.map(\.text) == ["bad", "q"] && snapshot.queues.map(\.length) == [0, 1])
            #expect(snapshot.queues[1].age != nil)
            #expect(snapshot.earlier?.processed == 0)
        }
        var snapshot = QueueSnapshot(totals: .init(time: 3000, processed: 30, failed: 4))
        #expect(snapshot.rates(since: .init(time: 1000, processed: 10, failed: 4))?.processed == 10)
        #expect(snapshot.rates(since: .init(time: 2950, processed: 10, failed: 4)) == nil)
        #expect(snapshot.rates(since: .init(time: 1000, processed: 31, failed: 4)) == nil)
        (snapshot.nextDelayed, snapshot.nextRetry) = (2000, 9000)
        #expect(snapshot.lag == 1000)
    }
}
