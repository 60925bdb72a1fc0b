// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroSystem
import HeroTestSupport
import NIOCore
import NIOPosix

@testable import HeroTasks

/// A process that is an object: its connection, its workers, its scheduler, its reaper, and a pid that lives as long as it.
final class MortalProcess: Sendable {
    let number: Int
    let client: MortalClient
    let store: JobStore
    let workers: TaskWorkers
    let reaper: TaskReaper
    let scheduler: TaskScheduler?
    /// Somebody who has a pid, where others prove by it that the process has ended.
    private let body: RunningHero?
    let mark: ProcessMark?

    /// - Parameters:
    ///   - number: Of the processes of a scene.
    ///   - client: Its connection.
    ///   - keys: Where jobs are.
    ///   - history: Where it writes down what it does.
    ///   - discovery: How others hear of its end.
    ///   - hasScheduler: Whether it may lead.
    ///   - isSlow: Whether its jobs end only when they are told to.
    /// - Throws: An error when nobody can have a pid for it.
    init(
        _ number: Int, _ client: MortalClient, _ keys: JobKeys, _ history: JobHistory, _ discovery: Discovery,
        hasScheduler: Bool, isSlow: Bool
    ) throws {
        (self.number, self.client) = (number, client)
        body =
            discovery == .deadline
            ? nil : try RunningHero(["3600"], executable: "sleep", directory: "/", environment: [:])
        mark = body.flatMap { body in
            guard case .at(let start) = ProcessBirth.of(Int(body.identifier)) else { return nil }
            return ProcessMark(place: "the place of this test", pid: Int(body.identifier), start: start)
        }
        let process = TaskProcess(name: "host\(number):1", mark: mark)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        store = JobStore(client, keys)
        var settings = WorkerSettings()
        (settings.poll, settings.grace, settings.farewell) = (5_000_000, 1_000_000, 1_000_000)
        // Long enough for the last word of whoever is killed on its way to it.
        if isSlow { (settings.grace, settings.farewell) = (200_000_000, 200_000_000) }
        settings.backoff = 1_000_000...5_000_000
        if discovery == .deadline { settings.lease = 600_000_000 }
        let runner = MortalRunner(process: number, client: client, history: history, isSlow: isSlow)
        let workers = TaskWorkers(
            store, runner, machine: WorkerMachine(settings: settings, queues: QueueOrder(["q"]), seed: UInt64(number)),
            identity: process.identity(queues: "q"), on: loop, note: { _ in })
        self.workers = workers
        reaper = TaskReaper(
            store, process, interval: 20, on: loop, own: { workers.ownOwners }, note: { _ in })
        var rules = TaskScheduler.Settings()
        rules.interval = 5
        let job = RecurrentJob(
            RecurrentTask(name: "t", rule: .every(3_600_000)), queue: "q", payload: Array(KillScript.recurrent.utf8))
        scheduler =
            hasScheduler
            ? TaskScheduler(
                store, name: process.name, host: OneTask(recurrent: [job]), settings: rules, on: loop, note: { _ in })
            : nil
    }

    func start() {
        workers.start()
        workers.resize(to: 3)
        reaper.start()
        scheduler?.start()
    }

    /// Its pid is nobody's from now on.
    func bury() async throws {
        client.die()
        guard let body else { return }
        body.send(SIGKILL)
        try await body.exitCode()
    }

    /// - Returns: Whether nothing was left to others.
    func stop(within milliseconds: Int = 60_000) async -> Bool {
        await scheduler?.stop()
        await reaper.stop()
        return await workers.stop(within: milliseconds)
    }
}

private struct OneTask: SchedulerHost {
    let recurrent: [RecurrentJob]
    func isWanted(_ job: JobPayload, payload: [UInt8]) async -> DelayedFate { .wanted }
}

/// Does jobs, some of them at the second try.
private struct MortalRunner: JobRunner {
    let process: Int
    let client: MortalClient
    let history: JobHistory
    let isSlow: Bool

    func limits(of job: HeldJob) -> (task: String, limits: TaskLimits)? { nil }

    func run(_ run: JobRun) async -> JobEnd {
        let place = history.begin(run, in: process)
        let payload = run.job.payload
        let kind = payload.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % 20
        do { try await Task.sleep(for: .milliseconds(isSlow ? 86_400_000 : kind % 4)) } catch {
            history.end(place, .other)
            return JobEnd(.requeue)
        }
        if kind < 3, history.isFirstTry(payload) {
            history.end(place, .other)
            return JobEnd([.retry(milliseconds: 1), .later(milliseconds: 1), .requeue][kind])
        }
        history.end(place, .done)
        return JobEnd(.done)
    }
}
