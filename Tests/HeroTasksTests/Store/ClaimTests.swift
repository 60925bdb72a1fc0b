// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

@Suite("claims of jobs", .serialized)
struct ClaimTests {
    @Test("take queues in strict order, the oldest jobs first, and record what was taken", arguments: [false, true])
    func order(cluster: Bool) async throws {
        try await JobFixture.with(cluster: cluster) { fixture async throws in
            try await fixture.start("host:1~a")
            try await fixture.push("low", job(4))
            try await fixture.push("high", job(1), job(2), job(3))
            let jobs = try await fixture.claim("host:1~a", 1, 4, "high", "low")
            #expect(jobs.map(\.text) == (1...4).map { job($0) })
            #expect(jobs.map(\.number) == [1, 2, 3, 4] && jobs.map(\.queue) == ["high", "high", "high", "low"])
            #expect(try await fixture.queue("high").isEmpty)
            #expect(try await fixture.store.held("host:1~a").map(\.number) == [1, 2, 3, 4])
        }
    }

    @Test("that are repeated give the same jobs without those that are finished, and older ones are spent")
    func repetition() async throws {
        try await JobFixture.with { fixture async throws in
            let owner = "host:1~a"
            try await fixture.start(owner)
            try await fixture.push("q", job(1), job(2), job(3))
            let jobs = try await fixture.claim(owner, 1, 2, "q")
            #expect(try await fixture.claim(owner, 1, 2, "q") == jobs)
            _ = try await fixture.store.finish(owner, [FinishedJob(jobs[0], .done)])
            #expect(try await fixture.claim(owner, 1, 2, "q") == [jobs[1]])
            #expect(try await fixture.claim(owner, 3, 2, "q").map(\.text) == [job(3)])
            let late = try await fixture.store.claim(owner, ClaimOrder(first: 1, want: 2, queues: ["q"]))
            #expect(late == .spent, "a second job must never get a number")
        }
    }

    @Test("that found nothing are remembered, so that a late duplicate takes no jobs that nobody knows of")
    func emptyClaim() async throws {
        try await JobFixture.with { fixture async throws in
            let owner = "host:1~a"
            try await fixture.start(owner)
            #expect(try await fixture.claim(owner, 1, 2, "q") == [])
            #expect(try await fixture.claim(owner, 3, 2, "q") == [])
            try await fixture.push("q", job(1))
            #expect(try await fixture.store.claim(owner, ClaimOrder(first: 1, want: 2, queues: ["q"])) == .spent)
            #expect(try await fixture.claim(owner, 3, 2, "q") == [], "the same, which was nothing")
            #expect(try await fixture.queue("q") == [job(1)])
        }
    }

    @Test("take a queue that is named twice once")
    func namedTwice() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.start("o:1~a")
            try await fixture.push("q", job(1), job(2), job(3), job(4))
            #expect(try await fixture.claim("o:1~a", 1, 3, "q", "q").map(\.text) == [job(1), job(2), job(3)])
            #expect(try await fixture.queue("q") == [job(4)])
        }
    }

    @Test("leave bytes as they are: deep ones, empty arrays, long numbers, and what is no JSON at all")
    func bytes() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.start("o:1~a")
            let deep = String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000)
            let payloads: [[UInt8]] = [
                Array(#"{"class":"t","args":[\#(deep)]}"#.utf8),
                Array(#"{"class":"t","args":[[],{},9007199254740993]}"#.utf8), [0xFF, 0, 0x33, 0x3A], [],
            ]
            for payload in payloads {
                try await fixture.redis("RPUSH", fixture.keys.queue("läw:x"), RedisArgument(payload))
            }
            let jobs = try await fixture.claim("o:1~a", 1, 10, "läw:x")
            #expect(jobs.map(\.payload) == payloads)
            #expect(jobs.allSatisfy { $0.queue == "läw:x" })
            _ = try await fixture.store.finish("o:1~a", jobs.map { FinishedJob($0, .requeue) })
            let back = try await fixture.redis("LRANGE", fixture.keys.queue("läw:x"), 0, -1)
            #expect(back.elements?.compactMap(\.bytes) == payloads)
        }
    }

    @Test("stop when there are enough bytes, after one job at least")
    func mostBytes() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.start("o:1~a")
            for number in 1...30 { try await fixture.push("q", job(number)) }
            let size = job(1).utf8.count + 3
            let some = ClaimOrder(first: 1, want: 30, queues: ["q"], mostBytes: size * 12)
            guard case .jobs(let jobs) = try await fixture.store.claim("o:1~a", some) else { return }
            #expect(jobs.map(\.text) == (1...12).map { job($0) })
            let one = ClaimOrder(first: 31, want: 30, queues: ["q"], mostBytes: 1)
            guard case .jobs(let next) = try await fixture.store.claim("o:1~a", one) else { return }
            #expect(next.map(\.text) == [job(13)])
            #expect(try await fixture.queue("q").count == 17)
        }
    }

    @Test("take nothing from a queue that is paused, nor from any when all are, at once and for everybody")
    func pauses() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.start("o:1~a")
            try await fixture.push("a", job(1))
            try await fixture.push("b", job(2))
            try await fixture.api.pause("a")
            #expect(try await fixture.claim("o:1~a", 1, 5, "a", "b").map(\.text) == [job(2)])
            try await fixture.api.pause("*")
            try await fixture.push("b", job(3))
            #expect(try await fixture.claim("o:1~a", 6, 5, "a", "b").isEmpty)
            #expect(try await fixture.api.paused() == ["*", "a"])
            try await fixture.api.resume("*")
            try await fixture.api.resume("a")
            #expect(try await fixture.claim("o:1~a", 11, 5, "a", "b").map(\.text) == [job(1), job(3)])
        }
    }

    @Test("of more than a hundred jobs are refused before anything is sent")
    func bound() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.start("o:1~a")
            await #expect(throws: RedisError.self) { try await fixture.claim("o:1~a", 1, 101, "q") }
        }
    }

    @Test("of a queue whose key has another type fail before they write, and others can still be asked")
    func wrongType() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.start("o:1~a")
            try await fixture.redis("SET", fixture.keys.queue("bad"), "x")
            try await fixture.push("q", job(1))
            await #expect(throws: RedisError.self) { try await fixture.claim("o:1~a", 1, 5, "q", "bad") }
            #expect(try await fixture.queue("q") == [job(1)])
            #expect(try await fixture.store.held("o:1~a").isEmpty)
            #expect(try await fixture.claim("o:1~a", 1, 5, "q").map(\.text) == [job(1)])
        }
    }
}
