// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

@Suite("batches of jobs", .serialized)
struct BatchTests {
    private let owner = "host:1~a"

    private func follow(_ name: String) -> JobPayload { JobPayload(task: name, queue: "after", inputs: [:]) }

    private func add(_ count: Int, to batch: String, _ fixture: JobFixture) async throws {
        for number in 1...count {
            var options = EnqueueOptions()
            options.tag = JobTag(id: "\(batch)\(number)", batch: batch)
            #expect(try await fixture.api.enqueue("t", .integer(number), queue: "q", options) == .enqueued)
        }
    }

    @Test(
        "enqueue what follows them once, when the last job has ended, and a parent ends with them",
        arguments: [false, true])
    func nested(cluster: Bool) async throws {
        try await JobFixture.with(cluster: cluster) { fixture async throws in
            let api = fixture.api
            var (outer, inner) = (BatchPlan(), BatchPlan())
            (outer.completion, outer.success, outer.failure) = (follow("all"), follow("good"), follow("bad"))
            (inner.success, inner.failure, inner.parent) = (follow("inner good"), follow("inner bad"), "o")
            #expect(try await api.openBatch("o", outer))
            #expect(try await !api.openBatch("o", outer))
            #expect(try await api.openBatch("i", inner))
            try await add(2, to: "i", fixture)
            #expect(try await api.closeBatch("o"))
            #expect(try await api.batch("o") == BatchStatus(state: "closed", pending: 1, failed: 0))
            try await fixture.start(owner)
            let jobs = try await fixture.claim(owner, 1, 2, "q")
            let members = try jobs.map { try JobPayload(reading: $0.payload).tag.member }
            let one = try await fixture.finish(owner, FinishedJob(jobs[0], .done, member: members[0]))
            #expect(one == .finished(refused: [], doneHeld: 0, doneSent: 0, ended: []))
            #expect(try await api.closeBatch("i"))
            let two = try await fixture.finish(
                owner, FinishedJob(jobs[1], .failed(entry: Array("{}".utf8)), member: members[1]))
            #expect(two == .finished(refused: [], doneHeld: 0, doneSent: 0, ended: ["i"]))
            // Whoever was told has died; the next one finds it.
            #expect(try await api.endedBatches() == ["i"])
            #expect(try await api.settle(try await api.endedBatches()) == 2)
            #expect(try await api.settle(["i", "o"]) == 0)
            let names = try await api.queued("after", 0, -1).map { try JobPayload(reading: $0).task }
            #expect(names == ["inner bad", "all", "bad"])
            #expect(try await api.batch("o")?.state == "settled")
            var late = EnqueueOptions()
            late.tag = JobTag(id: "z", batch: "o")
            #expect(try await api.enqueue("t", 9, queue: "q", late) == .batchClosed)
        }
    }

    @Test("without jobs end when they are closed")
    func empty() async throws {
        try await JobFixture.with { fixture async throws in
            var plan = BatchPlan()
            plan.success = follow("good")
            #expect(try await fixture.api.openBatch("b", plan))
            #expect(try await fixture.api.closeBatch("b"))
            #expect(try await !fixture.api.closeBatch("b"))
            #expect(try await fixture.api.queued("after", 0, -1).count == 1)
        }
    }
}
