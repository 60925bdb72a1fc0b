// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

@Suite("finishes of jobs", .serialized)
struct FinishTests {
    @Test("do for each job what became of it, and count it", arguments: [false, true])
    func outcomes(cluster: Bool) async throws {
        try await JobFixture.with(cluster: cluster) { fixture async throws in
            let owner = "host:1~a"
            try await fixture.start(owner)
            for number in 1...8 { try await fixture.push("q", job(number)) }
            let jobs = try await fixture.claim(owner, 1, 8, "q")
            let outcomes: [JobOutcome] = [
                .done, .retry(milliseconds: 60_000), .later(milliseconds: 60_000), .failed(entry: Array("{}".utf8)),
                .expired, .dropped, .requeue, .requeue,
            ]
            let answer = try await fixture.store.finish(owner, zip(jobs, outcomes).map { FinishedJob($0, $1) })
            #expect(answer == .finished(refused: [], doneHeld: 1, doneSent: 1, ended: []))
            #expect(try await fixture.queue("q") == [job(7), job(8)], "in their order")
            #expect(try await fixture.redis("ZRANGE", fixture.keys.retry, 0, -1).elements?.count == 2)
            #expect(try await fixture.list(fixture.keys.failed) == ["{}"])
            #expect(try await fixture.api.dead(0, -1).map(\.payload) == [jobs[3].payload])
            #expect(try await fixture.number(fixture.keys.stat("processed")) == 1)
            #expect(try await fixture.number(fixture.keys.stat("failed")) == 2)
            #expect(try await fixture.number(fixture.keys.stat("expired")) == 1)
            #expect(try await fixture.store.held(owner).isEmpty)
        }
    }

    @Test("that are repeated change nothing, and say that nothing was held")
    func repetition() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld()
            let retry = FinishedJob(jobs[0], .retry(milliseconds: 0))
            let done = FinishedJob(jobs[1], .done)
            _ = try await fixture.finish("host:1~a", retry, done)
            let again = try await fixture.finish("host:1~a", retry, done)
            #expect(again == .finished(refused: [1, 2], doneHeld: 0, doneSent: 1, ended: []))
            #expect(try await fixture.number(fixture.keys.stat("processed")) == 1)
            #expect(try await fixture.number(fixture.keys.stat("failed")) == 1)
        }
    }

    @Test("of an owner whose lease has ended are refused as a whole")
    func fenced() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld()
            try await fixture.end("host:1~a")
            #expect(try await fixture.finish("host:1~a", FinishedJob(jobs[0], .done)) == .lost)
            #expect(try await fixture.store.held("host:1~a").count == 3)
        }
    }

    @Test("and a claim go in one turn, each with its own answer")
    func turn() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld()
            let order = ClaimOrder(first: 4, want: 5, queues: ["q"])
            // The server knows no script yet, or has forgotten them.
            try await fixture.redis("SCRIPT", "FLUSH")
            let turn = await fixture.store.turn("host:1~a", finish: [FinishedJob(jobs[0], .done)], claim: order)
            #expect(try turn.finish.get() == .finished(refused: [], doneHeld: 1, doneSent: 1, ended: []))
            #expect(try turn.claim.get() == .jobs([HeldJob(number: 4, queue: "q", payload: Array(job(4).utf8))]))
            try await fixture.end("host:1~a")
            let late = await fixture.store.turn("host:1~a", finish: [], claim: order)
            #expect(try late.finish.get() == .lost)
            #expect(try late.claim.get() == .lost)
        }
    }

    @Test("count failures and crashes by payload, and the next claim of such a job says so")
    func counters() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld()
            _ = try await fixture.finish("host:1~a", FinishedJob(jobs[0], .retry(milliseconds: 0)))
            try await fixture.push("q", job(1))
            let again = try await fixture.claim("host:1~a", 4, 5, "q")
            #expect(again.map(\.counters.failures) == [0, 1], "jobs with identical payloads share their counters")
            _ = try await fixture.finish("host:1~a", FinishedJob(again[1], .done))
            #expect(try await fixture.redis("HLEN", fixture.keys.attempts).integer == 0)
        }
    }

    @Test("of jobs whose task nobody knows yet count how often, until somebody does something else with them")
    func unknown() async throws {
        try await JobFixture.with { fixture async throws in
            let (owner, store) = ("host:1~a", fixture.store)
            try await fixture.start(owner)
            try await fixture.push("q", job(1))
            for times in 0..<3 {
                let taken = try #require(try await fixture.claim(owner, 1 + times, 1, "q").first)
                #expect(taken.counters == JobCounters(unknown: times))
                _ = try await fixture.finish(owner, FinishedJob(taken, .unknown(milliseconds: 0)))
                let due = try await store.dueRetries(now: try await store.time(), limit: 10)
                #expect(try await store.promote(due) == 1)
            }
            #expect(try await fixture.number(fixture.keys.stat("failed")) == 0)
            // Housekeeping takes no counter for the time of the last one.
            #expect(try await store.keepHouse(window: JobFixture.never, mostDead: 1).counters == 0)
            let known = try #require(try await fixture.claim(owner, 9, 1, "q").first)
            #expect(known.counters == JobCounters(unknown: 3))
            _ = try await fixture.finish(owner, FinishedJob(known, .done))
            #expect(try await fixture.redis("EXISTS", fixture.keys.attempts, fixture.keys.kept).integer == 0)
        }
    }
}
