// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import HeroTasks

@Suite("workers that are cut off anywhere", .serialized, .timeLimit(.minutes(10)))
struct SeveredTests {
    /// More with `HERO_KILL_SEEDS=300`.
    private static let seeds = ProcessInfo.processInfo.environment["HERO_KILL_SEEDS"].flatMap { UInt64($0) } ?? 40

    @Test(
        "lose no job: each is done, by others if need be, at most once more for each that was held, and nothing is left"
    )
    func severed() async throws {
        try await JobFixture.with { fixture in
            for seed in 1...Self.seeds {
                try await fixture.redis("FLUSHALL")
                try await SeveredScene(fixture, seed: seed).run()
            }
        }
    }
}

/// One process that is cut off after some calls, and another that goes on.
private struct SeveredScene: Sendable {
    private static let jobs = 40

    let fixture: JobFixture
    let seed: UInt64
    let ledger = Ledger()
    let place = "the place of this test"

    init(_ fixture: JobFixture, seed: UInt64) { (self.fixture, self.seed) = (fixture, seed) }

    private func process(_ pid: Int) -> TaskProcess {
        TaskProcess(name: "host:\(pid)", mark: ProcessMark(place: place, pid: pid, start: 1))
    }

    private func workers(_ process: TaskProcess, _ store: JobStore, on loop: any EventLoop) -> TaskWorkers {
        var settings = WorkerSettings()
        // Whoever is cut off is not waited for.
        (settings.poll, settings.grace, settings.farewell) = (5_000_000, 1_000_000, 1_000_000)
        settings.backoff = 1_000_000...5_000_000
        let machine = WorkerMachine(settings: settings, queues: QueueOrder(["q"]), seed: seed)
        let workers = TaskWorkers(
            store, ledger, machine: machine, identity: process.identity(queues: "q"), on: loop, note: { _ in })
        workers.start()
        workers.resize(to: 3)
        return workers
    }

    private func scheduler(_ process: TaskProcess, _ store: JobStore, on loop: any EventLoop) -> TaskScheduler {
        var settings = TaskScheduler.Settings()
        settings.interval = 5
        let task = RecurrentTask(name: "t", rule: .every(3_600_000))
        let host = FixedHost(recurrent: [RecurrentJob(task, queue: "q", payload: Array(job(Self.jobs).utf8))])
        let scheduler = TaskScheduler(
            store, name: process.name, host: host, settings: settings, on: loop, note: { _ in })
        scheduler.start()
        return scheduler
    }

    func run() async throws {
        var random = SeededRandom(seed: seed)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        for number in 0..<Self.jobs - 5 { try await fixture.push("q", job(number)) }
        for number in Self.jobs - 5..<Self.jobs {
            try await fixture.redis("RPUSH", fixture.keys.delayed(1000), RedisArgument(job(number)))
        }
        try await fixture.redis("ZADD", fixture.keys.schedule, "1000", "1000")
        let cut = NoteBox<Bool>()
        let client = SeveredClient(
            fixture.client, after: 1 + random.next(below: 60), executesLast: random.next(below: 2) == 0,
            losses: random.next(below: 3) * 10, random: SeededRandom(seed: seed &+ 1), severed: { cut.take(true) })
        // Nobody has these pids, so a look proves that the first is gone.
        let (victim, other) = (process(1_000_000_001), process(1_000_000_002))
        let store = JobStore(client, fixture.keys)
        let first = workers(victim, store, on: loop)
        let firstScheduler = scheduler(victim, store, on: loop)
        await cut.first { _ in true }

        let second = workers(other, fixture.store, on: loop)
        let secondScheduler = scheduler(other, fixture.store, on: loop)
        let reaped = NoteBox<ReaperNote>()
        let reaper = TaskReaper(
            fixture.store, other, on: loop, own: { second.ownOwners }, note: { reaped.take($0) })
        reaper.start()
        await ledger.all(Self.jobs + 1)
        // Its last call may have begun an owner after the first look.
        reaper.died(pid: 1_000_000_001, start: 1, job: nil)
        try await settled()
        await reaper.stop()
        await secondScheduler.stop()
        #expect(await second.stop(within: 60_000), "seed \(seed)")
        _ = await first.stop(within: 0)
        await firstScheduler.stop()
        try await expectTidy(
            held: reaped.all.reduce(0) { sum, note in
                if case .recovered(_, let jobs, _) = note { sum + jobs } else { sum }
            })
    }

    /// Until nothing is left of the process that was cut off, and what it had done without saying so is done again.
    private func settled() async throws {
        let keys = fixture.keys
        while true {
            let owners = try await fixture.redis("ZRANGE", keys.leases, 0, -1).elements?.compactMap(\.text) ?? []
            if !owners.contains(where: { $0.hasPrefix("host:1000000001~") }) { break }
            await Task.yield()
        }
        // In one look, as jobs go from one place to the other.
        let script = """
            local n = redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2])
            for _, key in ipairs(redis.call('KEYS', '*:held:*')) do
              n = n + redis.call('HLEN', key) - redis.call('HEXISTS', key, '#') - redis.call('HEXISTS', key, '!')
            end
            return n
            """
        while try await fixture.redis("EVAL", RedisArgument(script), 2, keys.queue("q"), keys.retry).integer != 0 {
            await Task.yield()
        }
    }

    private func expectTidy(held: Int) async throws {
        let keys = fixture.keys
        #expect(Set(ledger.done.keys).count == Self.jobs + 1, "seed \(seed)")
        let extra = ledger.done.values.reduce(0) { $0 + $1 - 1 }
        #expect(extra <= held, "seed \(seed): only what was held is done twice")
        for (key, command) in [
            (keys.leases, "ZCARD"), (keys.retry, "ZCARD"), (keys.dead, "ZCARD"), (keys.kept, "HLEN"),
        ] {
            #expect(try await fixture.redis(RedisArgument(command), key).integer == 0, "seed \(seed): \(key)")
        }
        #expect(try await fixture.queue("q") == [], "seed \(seed)")
        #expect(try await fixture.list(keys.failed) == [], "seed \(seed)")
        #expect(try await fixture.redis("KEYS", "*held*").elements?.isEmpty == true, "seed \(seed)")
    }
}

private struct FixedHost: SchedulerHost {
    let recurrent: [RecurrentJob]
    func isWanted(_ job: JobPayload, payload: [UInt8]) async -> DelayedFate { .wanted }
}

/// Does jobs, some of them at the second try, and counts how often each was done.
private final class Ledger: JobRunner {
    private struct State {
        var done: [[UInt8]: Int] = [:]
        var tried: Set<[UInt8]> = []
        var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    var done: [[UInt8]: Int] { state.withLock { $0.done } }

    func limits(of job: HeldJob) -> (task: String, limits: TaskLimits)? { nil }

    func run(_ run: JobRun) async -> JobEnd {
        let payload = run.job.payload
        await Task.yield()
        let kind = payload.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % 10
        let isFirst = state.withLock { $0.tried.insert(payload).inserted }
        if isFirst, kind == 0 { return JobEnd(.retry(milliseconds: 1)) }
        if isFirst, kind == 1 { return JobEnd(.later(milliseconds: 1)) }
        if isFirst, kind == 2 { return JobEnd(.requeue) }
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.done[payload, default: 0] += 1
            guard let waiting = state.waiting, state.done.count >= waiting.count else { return nil }
            state.waiting = nil
            return waiting.continuation
        }
        waiting?.resume()
        return JobEnd(.done)
    }

    /// Until so many have been done.
    func all(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.done.count < count { state.waiting = (count, continuation) }
                return state.done.count >= count
            }
            if isThere { continuation.resume() }
        }
    }
}
