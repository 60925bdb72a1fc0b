// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTestSupport
import Synchronization
import Testing

@testable import HeroShared

@Suite("fetch")
struct FetchTests {
    @Test("of a hundred callers in two processes one computes, and all get its value")
    func noStampede() async throws {
        let members = try await Members()
        let (computations, started, gate) = (Counter(), Counter(), Signal())
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<100 {
                group.addTask {
                    if started.increment() == 100 { gate.set() }
                    return try await members[number % 2].cache.fetch("k", expiresAfter: .seconds(600)) {
                        await gate.wait()
                        return computations.increment()
                    }
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(values == Array(repeating: 1, count: 100))
        #expect(computations.value == 1)
        #expect(try await members[0].cache.load("k", as: Int.self).value == 1)
        #expect(try await members[0].redis.command("PTTL", "actionhero:cache:k").integer ?? 0 > 500_000)
        #expect(try await members.server.cli("KEYS", "actionhero:lock:*") == "")
        await members.close()
    }

    @Test("what is no lock is an error at once, not a lock to wait for")
    func notALock() async throws {
        let server = try await RedisServer(.socket)
        let time = ManualTime()
        let member = Member(SharedSettings(id: "node-a", projectRoot: "/"), server, time: time.keeper)
        try await member.services.start()
        let began = time.milliseconds
        // A program that answers the same to everything, or somebody else's key.
        _ = try await server.cli("SET", "actionhero:lock:k", String(repeating: "x", count: 100_000))
        let error = await #expect(throws: CacheError.self) { try await member.cache.fetch("k") { 1 } }
        #expect(error?.code == .unreadable)
        #expect(error?.message == "what Redis has for the lock of k is no lock: 100000 bytes; is that server Redis?")
        await #expect(throws: CacheError.self) { try await member.cache.load("k", as: Int.self, retry: .seconds(60)) }
        #expect(time.milliseconds == began)
        await member.close()
    }

    @Test("a failure is thrown and not kept", arguments: Backend.allCases)
    func failure(_ backend: Backend) async throws {
        try await backend.run { member in
            await #expect(throws: ActionError("no rates")) {
                try await member.cache.fetch("k") { () async throws -> Int in throw ActionError("no rates") }
            }
            let answer1 = try await member.cache.fetch("k") { 5 }
            #expect(answer1 == 5)
            let answer2 = try await member.cache.fetch("k") { 6 }
            #expect(answer2 == 5)
        }
    }

    @Test("when the process that computes is cut off, another one takes over")
    func takesOver() async throws {
        let members = try await Members()
        let begun = Signal()
        let first = Task {
            try await members[0].cache.fetch("k", lease: .milliseconds(300)) {
                begun.set()
                try await Task.sleep(for: .seconds(3600))
                return "never"
            }
        }
        await begun.wait()
        await members[0].client?.close()
        #expect(try await members[1].cache.fetch("k") { "second" } == "second")
        // Its computation was cancelled with its lease.
        await #expect(throws: RedisFailure.self) { try await first.value }
        #expect(members[0].log.lines(containing: "the lease of a computation was lost").isEmpty == false)
        await members[1].close()
    }

    @Test("waiting for others ends when the caller has waited long enough")
    func limit() async throws {
        let members = try await Members()
        let (begun, gate) = (Signal(), Signal())
        let first = Task {
            try await members[0].cache.fetch("k") {
                begun.set()
                await gate.wait()
                return 1
            }
        }
        await begun.wait()
        for member in members.all {
            let error = await #expect(throws: CacheError.self) {
                try await member.cache.fetch("k", waitingAtMost: .milliseconds(30)) { 2 }
            }
            #expect(error?.code == .timedOut)
        }
        gate.set()
        #expect(try await first.value == 1)
        await members.close()
    }

    @Test("the first caller may leave; when all have, the computation is cancelled")
    func leaving() async throws {
        try await Backend.local.run { member in
            let (begun, gate, cancelled) = (Signal(), Signal(), Signal())
            let first = Task {
                try await member.cache.fetch("k") {
                    begun.set()
                    await gate.wait()
                    return 1
                }
            }
            await begun.wait()
            let second = Task { try await member.cache.fetch("k") { 2 } }
            while member.services.cache.flights.seats("k") < 2 { await Task.yield() }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            gate.set()
            let answer3 = try await second.value
            #expect(answer3 == 1)
            let again = Signal()
            let alone = Task {
                try await member.cache.fetch("other") {
                    again.set()
                    do { try await Task.sleep(for: .seconds(3600)) } catch {
                        cancelled.set()
                        throw error
                    }
                    return 1
                }
            }
            await again.wait()
            alone.cancel()
            await cancelled.wait()
        }
    }

    @Test("a value that cannot be read is computed anew")
    func unreadable() async throws {
        try await Backend.local.run { member in
            try await member.cache.save("k", "an earlier version's text")
            #expect(try await member.cache.fetch("k") { 5 } == 5)
            #expect(try await member.cache.load("k", as: Int.self).value == 5)
        }
    }

    private struct Counted: Codable, Sendable {
        static let readings = Counter()

        init() {}
        init(from decoder: any Decoder) throws { Self.readings.increment() }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(1)
        }
    }

    @Test("a value that is there is read once")
    func hit() async throws {
        try await Backend.local.run { member in
            try await member.cache.save("k", Counted())
            _ = try await member.cache.fetch("k") { () async throws -> Counted in throw ActionError("it was there") }
            #expect(Counted.readings.value == 1)
        }
    }

    @Test("a computation that fetches its own key fails instead of waiting for itself")
    func recursive() async throws {
        try await Backend.local.run { member in
            let cache = member.cache
            let error = await #expect(throws: CacheError.self) {
                try await cache.fetch("a") { try await cache.fetch("b") { try await cache.fetch("a") { 1 } } }
            }
            #expect(error?.code == .recursive)
        }
    }

    @Test("a key that another owner has locked is waited for, like by load")
    func waitsForLock() async throws {
        let time = ManualTime()
        let member = Member(SharedSettings(id: "node-a", projectRoot: "/"), nil, time: time.keeper)
        try await member.cache.save("k", 1)
        try await member.cache.withLockName("other").lock("k", for: .seconds(5))
        #expect(try await member.cache.fetch("k") { 2 } == 1)
        #expect(time.milliseconds >= 1_005_000)
    }
}

/// Counts from several tasks.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .acquiring) }

    @discardableResult
    func increment() -> Int { count.add(1, ordering: .acquiringAndReleasing).newValue }
}

/// Collects numbers from several tasks, in their order.
final class Collected: Sendable {
    private let numbers = Mutex<[Int]>([])

    var all: [Int] { numbers.withLock { $0 } }
    func add(_ number: Int) { numbers.withLock { $0.append(number) } }
}
