// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

@Suite("reaps of owners that are gone", .serialized)
struct ReapTests {
    private let owner = "host:1~a"

    private func reaped(_ jobs: [HeldJob]) -> [ReapedJob] {
        jobs.map { ReapedJob(number: $0.number, queue: $0.queue, entry: Array("entry \($0.number)".utf8)) }
    }

    @Test("return jobs to the heads of their queues in their order, a part at a time", arguments: [false, true])
    func order(cluster: Bool) async throws {
        try await JobFixture.with(cluster: cluster) { fixture async throws in
            let jobs = try await fixture.threeHeld(owner)
            var order = ReapOrder(owner: owner)
            #expect(try await fixture.store.reap(order, reaped(jobs)) == .alive)
            order.isProven = true
            #expect(try await fixture.store.reap(order, reaped(Array(jobs[1...]))) == .reaped(left: 1, givenUp: []))
            #expect(try await fixture.store.renew(owner, lease: JobFixture.never) == .lost, "fenced from the first on")
            // Another reaper finds it, without a proof of its own.
            #expect(try await fixture.store.owners().owners.first?.deadline == 0)
            let rest = try await fixture.store.held(owner)
            #expect(
                try await fixture.store.reap(ReapOrder(owner: owner), reaped(rest)) == .reaped(left: 0, givenUp: []))
            #expect(try await fixture.queue("q") == (1...4).map { job($0) })
            #expect(try await !fixture.store.start(owner, lease: JobFixture.never, who: Array("{}".utf8)))
        }
    }

    @Test("find owners without a lease, and jobs held by somebody whom nobody knows")
    func sweep() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld(owner)
            try await fixture.redis("ZREM", fixture.keys.leases, RedisArgument(owner))
            #expect(try await fixture.store.owners().owners.first?.deadline == nil)
            #expect(try await fixture.store.unknownHolders().isEmpty)
            try await fixture.redis("HDEL", fixture.keys.owners, RedisArgument(owner))
            #expect(try await fixture.store.unknownHolders() == [owner])
            #expect(
                try await fixture.store.reap(ReapOrder(owner: owner), reaped(jobs)) == .reaped(left: 0, givenUp: []))
            #expect(try await fixture.queue("q") == (1...4).map { job($0) })
        }
    }

    @Test("count one crash for ten jobs of one payload in one process that was killed")
    func equalPayloads() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.start(owner)
            for _ in 1...10 { try await fixture.push("q", job(1)) }
            let jobs = try await fixture.claim(owner, 1, 10, "q")
            var order = ReapOrder(owner: owner)
            order.isProven = true
            #expect(try await fixture.store.reap(order, reaped(jobs)) == .reaped(left: 0, givenUp: []))
            try await fixture.start("host:2~b")
            let again = try await fixture.claim("host:2~b", 1, 10, "q")
            #expect(again.map(\.counters.crashes) == Array(repeating: 1, count: 10))
        }
    }

    @Test("give up only the job that crashed its process too often, and name it: its neighbours stay")
    func poisonPill() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.push("q", job(1), job(2), job(3))
            for crash in 1...4 {
                let owner = "host:\(crash)~a"
                try await fixture.start(owner)
                let jobs = try await fixture.claim(owner, 1, 3, "q")
                #expect(jobs.map(\.text) == (1...3).map { job($0) })
                var order = ReapOrder(owner: owner)
                order.isProven = true
                order.culprit = 2
                let answer = try await fixture.store.reap(order, reaped(jobs))
                #expect(answer == .reaped(left: 0, givenUp: crash == 4 ? [2] : []))
            }
            #expect(try await fixture.queue("q") == [job(1), job(3)])
            #expect(try await fixture.list(fixture.keys.failed) == ["entry 2"])
            #expect(try await fixture.api.dead(0, -1).map(\.queue) == ["q"])
            #expect(try await fixture.redis("HLEN", fixture.keys.attempts).integer == 0)
        }
    }

    @Test("count a suspect only when it was marked as running")
    func marks() async throws {
        try await JobFixture.with { fixture async throws in
            try await fixture.push("q", job(1), job(2))
            for crash in 1...5 {
                let owner = "host:\(crash)~a"
                try await fixture.start(owner)
                let jobs = try await fixture.claim(owner, 1, 2, "q")
                if crash > 1 { #expect(try await fixture.store.mark(owner, running: [1]) == .yes) }
                var order = ReapOrder(owner: owner)
                (order.isProven, order.crashesAllowed) = (true, 10)
                _ = try await fixture.store.reap(order, reaped(jobs))
            }
            try await fixture.start("host:9~z")
            #expect(try await fixture.claim("host:9~z", 1, 2, "q").map(\.counters.crashes) == [5, 1])
        }
    }

    @Test("have one reaper at a time")
    func lock() async throws {
        try await JobFixture.with { fixture async throws in
            let first = try await fixture.store.takeReaperLock("a", milliseconds: 60_000)
            let second = try await fixture.store.takeReaperLock("b", milliseconds: 60_000)
            #expect(first && !second)
        }
    }
}
