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

    @Test("in bulk with conditions or for later take one round trip for two hundred", arguments: [false, true])
    func bulkWithConditions(cluster: Bool) async throws {
        try await JobFixture.with(cluster: cluster) { fixture async throws in
            let client = CountingClient(fixture.client)
            let api = QueueAPI(JobStore(client, fixture.keys))
            func unique(_ key: String) -> EnqueueOptions {
                var options = EnqueueOptions()
                options.unique = (key, 60_000)
                return options
            }
            // So that the server knows the scripts.
            _ = try await api.enqueue("t", 0, queue: "first", unique("0"))
            _ = try await api.enqueueAt(1000, "t", 0, queue: "first")
            _ = client.roundTrips()
            let orders = (1...300).map { number in
                EnqueueOrder("t", .integer(number), queue: "q", .now, unique("\(number % 250)"))
            }
            let answers = try await api.enqueue(orders)
            #expect(client.roundTrips() == 2)
            #expect(answers.map { $0 == .enqueued } == (1...300).map { $0 % 250 != 0 && $0 <= 250 })
            #expect(try await fixture.queue("q") == (1...249).map { job($0) })
            let later = try await api.enqueue(
                (1...100).map { EnqueueOrder("t", .integer($0), queue: "q", .after(60_000)) }
                    + [EnqueueOrder("t", 1, queue: "q", .at(5000)), EnqueueOrder("t", 1, queue: "q", .at(5000))])
            #expect(client.roundTrips() == 2, "one asks for the time")
            #expect(later.dropLast().allSatisfy { $0 == .enqueued } && later.last == .duplicate)
            #expect(try await fixture.store.delayed(5, limit: 10) == [Array(job(1).utf8)])
            var durable = EnqueueOptions()
            durable.replicas = (9, 1)
            // So many do not have it, which is said after it was done.
            await #expect(throws: RedisError.self) {
                try await api.enqueue([EnqueueOrder("t", 7, queue: "d", .now, durable)])
            }
            #expect(try await fixture.queue("d").count == 1)
            // A job that cannot be written keeps the others from being sent.
            await #expect(throws: MalformedJob.self) {
                try await api.enqueue([
                    EnqueueOrder("t", 8, queue: "e"), EnqueueOrder("t", .integer(1 << 60), queue: "e"),
                ])
            }
            #expect(try await fixture.queue("e").isEmpty)
        }
    }
}
