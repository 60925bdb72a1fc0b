// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

@Suite("leases of owners", .serialized)
struct LeaseTests {
    @Test("that have ended are never renewed, started, marked or claimed under again")
    func ended() async throws {
        try await JobFixture.with { fixture async throws in
            let (store, owner) = (fixture.store, "host:1~a")
            _ = try await fixture.threeHeld()
            try await fixture.end(owner)
            #expect(try await store.renew(owner, lease: JobFixture.never) == .lost)
            #expect(try await store.mark(owner, running: [1]) == .lost)
            #expect(try await store.claim(owner, ClaimOrder(first: 4, want: 1, queues: ["q"])) == .lost)
            #expect(try await !store.start(owner, lease: JobFixture.never, who: Array("{}".utf8)))
            #expect(try await store.renew(owner, lease: JobFixture.never) == .lost)
        }
    }

    @Test("end by Redis' clock, whatever a client says")
    func clock() async throws {
        try await JobFixture.with { fixture async throws in
            #expect(try await fixture.store.start("host:1~a", lease: 60_000, who: Array("{}".utf8)))
            let (owners, now) = try await fixture.store.owners()
            #expect(owners.count == 1)
            let deadline = try #require(owners.first?.deadline)
            #expect(deadline <= now + 60_000 && deadline > 60_000)
            #expect(owners.first?.who == Array("{}".utf8))
        }
    }

    @Test("say what Redis holds when they are renewed: what was taken away, and what was put there")
    func reconciliation() async throws {
        try await JobFixture.with { fixture async throws in
            let (store, owner) = (fixture.store, "host:1~a")
            _ = try await fixture.threeHeld()
            #expect(try await store.renew(owner, lease: JobFixture.never) == .held([1, 2, 3]))
            try await fixture.redis("HDEL", fixture.keys.held(owner), 2)
            let packed = PackedJob(queue: "q", payload: Array(job(9).utf8))
            try await fixture.redis("HSET", fixture.keys.held(owner), 9, RedisArgument(packed.bytes))
            #expect(try await store.mark(owner, running: [1]) == .yes)
            #expect(try await store.renew(owner, lease: JobFixture.never) == .held([1, 3, 9]))
        }
    }

    @Test("end cleanly only when nothing is held, and a late start does not bring them back")
    func leave() async throws {
        try await JobFixture.with { fixture async throws in
            let (store, owner) = (fixture.store, "host:1~a")
            let jobs = try await fixture.threeHeld()
            #expect(try await !store.leave(owner))
            _ = try await store.finish(owner, jobs.map { FinishedJob($0, .requeue) })
            #expect(try await fixture.queue("q") == (1...4).map { job($0) }, "at the head, in their order")
            #expect(try await store.leave(owner))
            #expect(try await !store.start(owner, lease: JobFixture.never, who: Array("{}".utf8)))
            #expect(try await store.owners().owners.map(\.gone).allSatisfy { $0 != nil })
            #expect(try await fixture.redis("EXISTS", fixture.keys.held(owner)).integer == 0)
        }
    }

    @Test("never give what is held a time to live: a job would be stuck when it ends")
    func noTimeToLive() async throws {
        try await JobFixture.with { fixture async throws in
            let jobs = try await fixture.threeHeld()
            _ = try await fixture.store.renew("host:1~a", lease: 1000)
            _ = try await fixture.finish("host:1~a", FinishedJob(jobs[0], .retry(milliseconds: 1000)))
            #expect(try await fixture.redis("TTL", fixture.keys.held("host:1~a")).integer == -1)
            #expect(try await fixture.redis("TTL", fixture.keys.kept).integer == -1)
        }
    }
}
