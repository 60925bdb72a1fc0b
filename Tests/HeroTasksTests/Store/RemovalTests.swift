// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

@Suite("jobs that are removed", .serialized)
struct RemovalTests {
    private func tagged(_ id: String) -> EnqueueOptions {
        var options = EnqueueOptions()
        options.tag = JobTag(id: id, batch: "b")
        return options
    }

    /// A batch of one, which is closed.
    private func withBatch(
        _ fixture: JobFixture, _ enqueue: (QueueAPI, EnqueueOptions) async throws -> Void
    ) async throws {
        var plan = BatchPlan()
        plan.completion = JobPayload(task: "after", queue: "after", inputs: [:])
        plan.failure = JobPayload(task: "bad", queue: "after", inputs: [:])
        #expect(try await fixture.api.openBatch("b", plan))
        try await enqueue(fixture.api, tagged("one"))
        #expect(try await fixture.api.closeBatch("b"))
        #expect(try await fixture.api.batch("b")?.pending == 1)
    }

    /// The job is gone, its batch is over as one that did not succeed, and whoever asks for the job's result is told.
    private func expectEnd(_ fixture: JobFixture) async throws {
        #expect(try await fixture.api.batch("b") == BatchStatus(state: "settled", pending: 0, failed: 1))
        let after = try await fixture.api.queued("after", 0, -1).map { try JobPayload(reading: $0).task }
        #expect(after == ["after", "bad"])
        #expect(try await fixture.api.status("one")?["state"] == "dropped")
        try await fixture.redis("FLUSHALL")
    }

    @Test("from queues end for their batches, by whichever way they are removed", arguments: [false, true])
    func queued(cluster: Bool) async throws {
        try await JobFixture.with(cluster: cluster) { fixture async throws in
            let ways: [(QueueAPI) async throws -> Int] = [
                { try await $0.del("q", "t", ["a": 1]) }, { try await $0.del("q", "t", ["a": 1], count: 2) },
                { try await $0.delByFunction("q", "t") }, { try await $0.delByFunction("q", "t", start: -2, stop: 1) },
                {
                    try await $0.delQueue("q")
                    return 2
                },
            ]
            for way in ways {
                try await withBatch(fixture) { api, options async throws in
                    #expect(try await api.enqueue("t", ["a": 1], queue: "q") == .enqueued)
                    #expect(try await api.enqueue("t", ["a": 1], queue: "q", options) == .enqueued)
                }
                #expect(try await way(fixture.api) == 2)
                #expect(try await fixture.queue("q").isEmpty)
                try await expectEnd(fixture)
            }
        }
    }

    @Test("from moments and from retries end for their batches, too", arguments: [false, true])
    func waiting(cluster: Bool) async throws {
        try await JobFixture.with(cluster: cluster) { fixture async throws in
            for way in 1...3 {
                try await withBatch(fixture) { api, options async throws in
                    #expect(try await api.enqueueAt(5_000, "t", ["a": 1], queue: "q", options) == .enqueued)
                }
                let list = WaitingList(fixture.store)
                switch way {
                case 1: #expect(try await fixture.api.delDelayed("q", "t", ["a": 1]) == [5])
                case 2:
                    let id = try #require(try await list.delayed(1).first?.id)
                    #expect(try await list.removeDelayed(id) == 1)
                default:
                    let payload = try #require(try await fixture.store.delayed(5, limit: 1).first)
                    _ = try await fixture.store.move(5, [DelayedJob(unwanted: payload)])
                    #expect(try await fixture.api.settle(["b"]) == 1)
                }
                #expect(try await fixture.redis("EXISTS", fixture.keys.delayed(5)).integer == 0)
                try await expectEnd(fixture)
            }
            try await withBatch(fixture) { api, options async throws in
                #expect(try await api.enqueue("t", ["a": 1], queue: "q", options) == .enqueued)
            }
            try await fixture.start("host:1~a")
            let job = try #require(try await fixture.claim("host:1~a", 1, 1, "q").first)
            _ = try await fixture.finish("host:1~a", FinishedJob(job, .retry(milliseconds: JobFixture.never)))
            #expect(try await fixture.api.removeRetries(["host:1~a~1"]) == 1)
            try await expectEnd(fixture)
        }
    }

    @Test("of one task leave all others in their order, however many there are")
    func many() async throws {
        try await JobFixture.with { fixture async throws in
            let script = """
                for i = 1, 30000 do
                  local name = i % 3 == 0 and 'odd' or i % 3 == 1 and 'even' or '\\\\u0061'
                  redis.call('RPUSH', KEYS[1], '{"class":"'..name..'","queue":"q","args":['..i..']}')
                end
                """
            try await fixture.redis("EVAL", RedisArgument(script), 1, fixture.keys.queue("q"))
            try await fixture.redis("RPUSH", fixture.keys.queue("q"), "no job")
            #expect(try await fixture.api.delByFunction("q", "odd", start: 9, stop: 11) == 1)
            #expect(try await fixture.api.delByFunction("q", "odd") == 9999)
            // Its name as somebody else spells it.
            #expect(try await fixture.api.delByFunction("q", "a") == 10_000)
            let left = try await fixture.queue("q")
            #expect(left.count == 10_001 && left.last == "no job")
            #expect(
                left.dropLast() == (0..<10_000).map { #"{"class":"even","queue":"q","args":[\#($0 * 3 + 1)]}"# }[...])
            try await fixture.api.delQueue("q")
            #expect(try await fixture.redis("EXISTS", fixture.keys.queue("q")).integer == 0)
        }
    }
}
