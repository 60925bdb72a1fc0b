// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRedis
import HeroTestSupport
import NIOPosix
import Synchronization
import Testing

@testable import HeroTasks

/// Processes that work on the jobs of one Redis until all are done, some of which end on the way.
final class MortalScene: Sendable {
    private let fixture: JobFixture
    private let plan: KillPlan
    let history = JobHistory()
    /// Processes that have ended and that nobody has been told of yet.
    private let ended = Mutex<[Int]>([])
    private let restarts = Mutex<[Task<Void, any Error>]>([])
    private let producers = Mutex(0)

    init(_ fixture: JobFixture, _ plan: KillPlan) { (self.fixture, self.plan) = (fixture, plan) }

    private struct Cast {
        var all: [MortalProcess] = []
        var living: [MortalProcess] = []
        /// Successors so far.
        var heirs = 0
    }

    /// - Returns: Places that the processes came to, and how many of them ended.
    func run() async throws -> (places: Set<String>, deaths: Int) {
        try await fixture.redis("EVAL", RedisArgument(KillScript.fill), 0)
        for number in KillScript.jobs { history.acknowledge(Array(job(number).utf8)) }
        history.acknowledge(Array(KillScript.recurrent.utf8))
        var cast = Cast()
        let first = try add(plan.dooms[0], hasScheduler: plan.victim != .worker, isSlow: plan.stops, to: &cast)
        if plan.hasCompanion { try add([], hasScheduler: true, isSlow: false, to: &cast) }
        produce(100, by: first.store)
        produce(200, by: fixture.store)
        let stop = plan.stops ? Task { await self.end(first) } : nil
        let end = ContinuousClock.now + .seconds(60)
        repeat {
            while try await goOn(&cast) {
                guard ContinuousClock.now < end else {
                    throw StuckScene(description: "\(plan): \(try await dump(cast))")
                }
                try await Task.sleep(for: .milliseconds(2))
            }
            cast.living.forEach { $0.client.spare() }
        } while !ended.withLock(\.isEmpty)
        await stop?.value
        for restart in restarts.withLock({ $0 }) { try await restart.value }
        for process in cast.living {
            let isClean = await process.stop()
            // A machine that is too busy makes a process give up a lease that is this short.
            #expect(isClean || plan.discovery == .deadline, "\(plan)")
        }
        for process in cast.all where process.client.isDead { _ = await process.stop(within: 0) }
        try await check()
        for process in cast.all {
            try await process.bury()
            await process.client.close()
        }
        return (cast.all.reduce(into: []) { $0.formUnion($1.client.places) }, cast.all.count - cast.living.count)
    }

    @discardableResult
    private func add(
        _ dooms: [Doom], hasScheduler: Bool, isSlow: Bool, to cast: inout Cast
    ) throws -> MortalProcess {
        let number = cast.all.count
        let settings = JobFixture.settings(try #require(fixture.server).socketPath)
        let connection = StandaloneClient(settings, on: MultiThreadedEventLoopGroup.singleton.next())
        let client = MortalClient(
            connection, dooms, losses: plan.losses, seed: plan.seed &* 8 &+ number
        ) { [weak self] doom in self?.strike(number, doom) }
        let process = try MortalProcess(
            number, client, fixture.keys, history, plan.discovery, hasScheduler: hasScheduler, isSlow: isSlow)
        cast.all.append(process)
        cast.living.append(process)
        process.start()
        return process
    }

    /// Called in the middle of what the process does.
    private func strike(_ number: Int, _ doom: Doom) {
        switch doom.manner {
        case .redisKilled:
            fixture.server?.send(SIGKILL)
            // Awaited by `run`.
            let restart = Task { [fixture] in
                try await fixture.server?.restart()
                return
            }
            restarts.withLock { $0.append(restart) }
        case .killed, .cutOff:
            if doom.manner == .killed { history.kill(number) }
            ended.withLock { $0.append(number) }
        }
    }

    /// Tells a process to stop as soon as it has jobs.
    private func end(_ process: MortalProcess) async {
        while !history.hasBegun(in: process.number), !process.client.isDead { await Task.yield() }
        guard !process.client.isDead else { return }
        _ = await process.stop(within: 20)
        // Where it did not come to its place, it has ended now.
        guard !process.client.isDead else { return }
        process.client.die()
        history.kill(process.number)
        ended.withLock { $0.append(process.number) }
    }

    /// Enqueues jobs, and notes of which it was told that they are there.
    private func produce(_ first: Int, by store: JobStore) {
        producers.withLock { $0 += 1 }
        // Its end is waited for by `goOn`.
        Task { [history] in
            for number in first..<first + 8 {
                let answer = try? await QueueAPI(store).enqueue("t", .integer(number), queue: "q")
                let isDead = (store.client as? MortalClient)?.isDead ?? false
                if answer == .enqueued, !isDead { history.acknowledge(Array(job(number).utf8)) }
            }
            producers.withLock { $0 -= 1 }
        }
    }

    // MARK: What happens meanwhile

    /// - Returns: Whether something is to be done yet.
    private func goOn(_ cast: inout Cast) async throws -> Bool {
        let numbers = ended.withLock { ended in
            defer { ended = [] }
            return ended
        }
        if !numbers.isEmpty { try await bury(numbers, &cast) }
        // The time for which somebody has the right to reap passes quickly here.
        guard (try? await fixture.redis("DEL", fixture.keys.reaper)) != nil else { return true }
        guard producers.withLock({ $0 }) == 0, ended.withLock(\.isEmpty),
            try await isFinished(), cast.all.allSatisfy({ !$0.client.isDead || $0.client.isQuiet })
        else { return true }
        if plan.stops, let first = cast.living.first, first.number == 0 { return true }
        // A last call of a process that is gone may have begun an owner after the others had looked.
        let owners = try await fixture.redis("ZRANGE", fixture.keys.leases, 0, -1).elements?.compactMap(\.text) ?? []
        let strangers = owners.filter { owner in !cast.living.contains { owner.hasPrefix("host\($0.number):") } }
        if !strangers.isEmpty { tell(of: cast.all.filter { $0.client.isDead }, cast) }
        guard strangers.isEmpty else { return true }
        return try await !isFinished()
    }

    private func isFinished() async throws -> Bool {
        let value = try? await fixture.redis("EVAL", RedisArgument(KillScript.unfinished), 0)
        return value?.integer == 0
    }

    private func bury(_ numbers: [Int], _ cast: inout Cast) async throws {
        var dead = cast.living.filter { numbers.contains($0.number) }
        if plan.victim == .group, numbers.contains(0) {
            for other in cast.living where other.number != 0 {
                // In this order: what it has said is said.
                other.client.die()
                history.kill(other.number)
                dead.append(other)
            }
        }
        for process in dead { try await process.bury() }
        cast.living.removeAll { process in dead.contains { $0 === process } }
        for _ in dead {
            cast.heirs += 1
            let dooms = plan.dooms.count > cast.heirs ? plan.dooms[cast.heirs] : []
            try add(dooms, hasScheduler: true, isSlow: false, to: &cast)
        }
        tell(of: dead, cast)
        try await releaseLead(dead)
    }

    private func tell(of dead: [MortalProcess], _ cast: Cast) {
        guard plan.discovery == .told else { return }
        for process in dead {
            guard let mark = process.mark else { continue }
            for other in cast.living { other.reaper.died(pid: mark.pid, start: mark.start, job: nil) }
        }
    }

    /// Who leads before it has begun to work leaves its lock to time, which passes quickly here.
    private func releaseLead(_ dead: [MortalProcess]) async throws {
        let owners = (try? await fixture.store.owners().owners.map(\.owner)) ?? []
        for process in dead where !owners.contains(where: { $0.hasPrefix("host\(process.number):") }) {
            try? await fixture.store.resign("host\(process.number):1")
        }
    }

    // MARK: The end

    /// What is to be known of a scene that does not end.
    private func dump(_ cast: Cast) async throws -> String {
        let script = """
            local text = ''
            for _, key in ipairs(redis.call('KEYS', '*')) do text = text..' '..key..' '..redis.call('TYPE', key).ok end
            return text
            """
        let keys = try await fixture.redis("EVAL", RedisArgument(script), 0).text ?? ""
        let owners = try await fixture.redis("HGETALL", fixture.keys.owners).elements?.compactMap(\.text) ?? []
        let leases = try await fixture.redis("ZRANGE", fixture.keys.leases, 0, -1, "WITHSCORES")
        let leader = try await fixture.store.leader() ?? "nobody"
        let living = cast.living.map(\.number)
        return "\(living) live of \(cast.all.count), \(leader) leads, \(owners) \(leases)\(keys)"
    }

    private func check() async throws {
        let keys = fixture.keys
        let failed = try await fixture.list(keys.failed)
        let dead = try failed.map { entry in
            let payload = try JSON(parsing: Array(entry.utf8))["payload"]
            return Array((payload?.text() ?? "").utf8)
        }
        let processed = try await fixture.number(keys.stat("processed"))
        #expect(history.faults(dead: Set(dead), processed: processed) == [], "\(plan)")
        // A process that has ended cannot have been the fault of a job more often than processes have ended.
        #expect(dead.count <= 3, "\(plan) \(failed)")
        // The last word of a worker to those who look is said once: where replies are lost, it may be.
        if plan.losses > 0 { try await cleanUpWorkers() }
        let remains = try await Undertaker(fixture: fixture).remains()
        #expect(remains == [], "\(plan)")
    }

    private func cleanUpWorkers() async throws {
        try await fixture.store.unregister(try await fixture.api.workers())
    }
}

struct StuckScene: Error, CustomStringConvertible {
    let description: String
}
