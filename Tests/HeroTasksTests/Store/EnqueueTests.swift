// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

@Suite("enqueued jobs", .serialized)
struct EnqueueTests {
    @Test("with conditions are there once, and answer why not a second time")
    func conditions() async throws {
        try await JobFixture.with { fixture async throws in
            var options = EnqueueOptions()
            options.unique = ("order-7", 60_000)
            let first = try await fixture.api.enqueue("t", 1, queue: "q", options)
            let second = try await fixture.api.enqueue("t", 2, queue: "q", options)
            #expect(first == .enqueued && second == .notUnique)
            var locked = EnqueueOptions()
            QueueLockPlugin().beforeEnqueue(JobPayload(task: "t", queue: "q", inputs: 3), queue: "q", &locked)
            DelayQueueLockPlugin().beforeEnqueue(&locked)
            let third = try await fixture.api.enqueue("t", 3, queue: "q", locked)
            let fourth = try await fixture.api.enqueue("t", 3, queue: "q", locked)
            #expect(third == .enqueued && fourth == .locked)
            #expect(try await fixture.api.locks().map(\.key) == ["lock:t:q:[3]"])
            try await QueueLockPlugin().beforePerform(
                JobPayload(task: "t", queue: "q", inputs: 3), queue: "q", in: fixture.store)
            _ = try await fixture.api.enqueueIn(60_000, "t", 3, queue: "q")
            let fifth = try await fixture.api.enqueue("t", 3, queue: "q", locked)
            #expect(fifth == .isDelayed)
            #expect(try await fixture.api.locks().isEmpty, "a refusal leaves no lock behind, unlike the reference's")
            #expect(try await fixture.queue("q") == [job(1), job(3)])
        }
    }

    @Test("in bulk go in one transaction, each to its queue in order")
    func bulk() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = (1...2500).map { JobPayload(task: "t", queue: $0 % 2 == 0 ? "a" : "b", inputs: .integer($0)) }
            try await fixture.api.enqueue(jobs)
            #expect(try await fixture.api.queues() == ["a", "b"])
            #expect(try await fixture.api.lengths().map(\.length) == [1250, 1250])
            #expect(try await fixture.queue("a").prefix(2) == [job(2, queue: "a"), job(4, queue: "a")])
        }
    }

    @Test("that replicas should have say when there are not enough of them, and are there nevertheless")
    func replicas() async throws {
        try await JobFixture.with { fixture async throws in
            var options = EnqueueOptions()
            options.replicas = (0, 100)
            #expect(try await fixture.api.enqueue("t", 1, queue: "q", options) == .enqueued)
            options.replicas = (1, 10)
            let error = await #expect(throws: RedisError.self) {
                try await fixture.api.enqueue("t", 2, queue: "q", options)
            }
            #expect(error?.kind == .connectionLost && error?.message.contains("0 of 1 replicas") == true)
            options.unique = ("u", 60_000)
            await #expect(throws: RedisError.self) { try await fixture.api.enqueue("t", 3, queue: "q", options) }
            #expect(try await fixture.queue("q") == [job(1), job(2), job(3)])
        }
    }

    @Test("with numbers that JavaScript would change are refused, and nothing is enqueued")
    func refusal() async throws {
        try await JobFixture.with { fixture async throws in
            await #expect(throws: MalformedJob.self) {
                try await fixture.api.enqueue("t", .integer(9_007_199_254_740_993), queue: "q")
            }
            #expect(try await fixture.api.queues().isEmpty)
        }
    }

    @Test("can be removed, found and counted by their inputs")
    func inspection() async throws {
        try await JobFixture.with { fixture async throws in
            let api = fixture.api
            for number in [1, 2, 1, 3] { _ = try await api.enqueue("t", .integer(number), queue: "q") }
            _ = try await api.enqueue("other", [:], queue: "q")
            #expect(try await api.del("q", "t", 1, count: 1) == 1)
            #expect(try await api.del("q", "t", 1) == 1)
            #expect(try await api.del("q", "t", [1]) == 0)
            #expect(try await api.delByFunction("q", "t") == 2)
            #expect(try await api.queued("q", 0, -1).count == 1)
            try await api.delQueue("q")
            #expect(try await api.queues().isEmpty)
            let error = await #expect(throws: RedisError.self) { try await api.delLock("queue:q") }
            #expect(error?.kind == .invalid)
        }
    }
}
