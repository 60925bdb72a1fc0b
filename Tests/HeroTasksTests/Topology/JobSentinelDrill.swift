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

/// One set of servers, processes that enqueue and one that works, and what became of the jobs.
final class JobSentinelDrill: Sendable {
    /// What has to have a job before its enqueuer is told that it is there.
    enum Holder: Int, Sendable, CaseIterable {
        case primary, replica, allReplicas
        static func of(_ number: Int) -> Holder { allCases[number % allCases.count] }
    }

    private struct State {
        var acknowledged: [Int: ContinuousClock.Instant] = [:]
        var refused = 0
        var next = 0
        var isOver = false
        var faults: [(name: String, begun: ContinuousClock.Instant)] = []
    }

    private static let callers = 20
    /// Together 200 a second.
    private static let pause = Duration.milliseconds(100)

    private let begin = ContinuousClock.now
    private let set: RedisSentinelSet
    private let state = Mutex(State())
    private let enqueuer: JobStore
    private let worker: JobStore
    private let workers: TaskWorkers
    private let reaper: TaskReaper
    private let ledger = DoneNumbers()
    private let stopped = Mutex<RedisServer?>(nil)

    init() async throws {
        set = try await RedisSentinelSet(downAfter: 1000)
        let sentinels = [NodeAddress(host: "127.0.0.1", port: set.sentinels[0].port)]
        func store() throws -> JobStore {
            var server = RedisConnectionSettings(.tcp(host: "", port: 1))
            server.commandTimeout = 3000
            let client = SentinelClient(
                SentinelSettings(name: RedisSentinelSet.name, sentinels: sentinels), server: server,
                on: MultiThreadedEventLoopGroup.singleton.next())
            return JobStore(client, try JobKeys(namespace: "resque", isCluster: false))
        }
        (enqueuer, worker) = (try store(), try store())
        let process = TaskProcess(name: "host:1", mark: nil)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        var settings = WorkerSettings()
        settings.lease = 6_000_000_000
        let workers = TaskWorkers(
            worker, ledger, machine: WorkerMachine(settings: settings, queues: QueueOrder(["q"]), seed: 1),
            identity: process.identity(queues: "q"), on: loop, note: { _ in })
        self.workers = workers
        reaper = TaskReaper(worker, process, interval: 500, on: loop, own: { workers.ownOwners }, note: { _ in })
        workers.start()
        workers.resize(to: 5)
        reaper.start()
    }

    // MARK: The load

    func stop() { state.withLock { $0.isOver = true } }

    /// Runs until ``stop()``.
    func load() async {
        await withTaskGroup { group in
            for _ in 0..<Self.callers { group.addTask { await self.call() } }
        }
    }

    private func call() async {
        let clock = ContinuousClock()
        while let number = next() {
            let time = clock.now
            var options = EnqueueOptions()
            switch Holder.of(number) {
            case .primary: break
            case .replica: options.replicas = (1, 1000)
            case .allReplicas: options.replicas = (2, 1000)
            }
            let answer = try? await QueueAPI(enqueuer).enqueue("t", .integer(number), queue: "q", options)
            state.withLock { state in
                if answer == .enqueued { state.acknowledged[number] = clock.now } else { state.refused += 1 }
            }
            try? await Task.sleep(until: time + Self.pause, clock: clock)
        }
    }

    private func next() -> Int? {
        state.withLock { state in
            guard !state.isOver else { return nil }
            state.next += 1
            return state.next
        }
    }

    // MARK: The faults

    private func watched() async throws -> Int? {
        let words = try await set.sentinels[0].cli("SENTINEL", "get-master-addr-by-name", RedisSentinelSet.name)
        return words.split(separator: "\n").last.flatMap { Int($0) }
    }

    /// Breaks something, and waits until jobs are enqueued and done at another primary, and all follow it.
    func failover(
        _ name: String, restarts: Bool = false, continues: Bool = false,
        _ fault: (RedisSentinelSet, RedisServer) async throws -> Void
    ) async throws {
        try await progress()
        let port = try #require(try await watched())
        let old = try set.server(port)
        state.withLock { $0.faults.append((name, .now)) }
        try await fault(set, old)
        try await RedisSentinelSet.poll { try await watched() != port }
        try await progress()
        if restarts { try await old.restart() }
        if continues { old.send(SIGCONT) }
        try await heal()
    }

    /// Until two seconds' worth of jobs that are enqueued from now on have been done.
    private func progress() async throws {
        let first = state.withLock { $0.next }
        try await RedisSentinelSet.poll { ledger.highest > first + 400 }
    }

    /// Sentinels would do it too, after ten seconds.
    private func heal() async throws {
        try await RedisSentinelSet.poll {
            guard let port = try await watched(),
                try await set.server(port).cli("INFO", "replication").contains("role:master")
            else { return false }
            for server in set.servers where server.port != port {
                let replication = try await server.cli("INFO", "replication")
                guard !replication.contains("master_port:\(port)\r") else { continue }
                try await server.cli("REPLICAOF", "127.0.0.1", "\(port)")
            }
            let replication = try await set.server(port).cli("INFO", "replication")
            return replication.components(separatedBy: "state=online").count == 3
        }
    }

    // MARK: Afterwards

    /// Until Redis has no job any more.
    func allDone() async throws {
        try await RedisSentinelSet.poll {
            guard let port = try await watched() else { return false }
            let script = """
                local n = redis.call('LLEN', 'resque:queue:q')
                for _, key in ipairs(redis.call('KEYS', 'resque:held:*')) do
                  n = n + redis.call('HLEN', key) - redis.call('HEXISTS', key, '#') - redis.call('HEXISTS', key, '!')
                end
                return n
                """
            return try await set.server(port).cli("EVAL", script, "0").filter(\.isNumber) == "0"
        }
    }

    /// Jobs that their enqueuers take for enqueued, and that nobody has done.
    func lost(_ holder: Holder) -> [Int] {
        let done = ledger.done
        return state.withLock { state in
            state.acknowledged.keys.filter { Holder.of($0) == holder && done[$0] == nil }.sorted()
        }
    }

    func report() {
        let (acknowledged, refused, faults) = state.withLock { ($0.acknowledged, $0.refused, $0.faults) }
        let twice = ledger.done.values.filter { $0 > 1 }.count
        print(
            "\(acknowledged.count) jobs acknowledged in \(ContinuousClock.now - begin), \(refused) refused,",
            "\(twice) done more than once")
        for holder in Holder.allCases {
            let lost = lost(holder)
            let after = faults.enumerated().map { index, fault in
                let end = index + 1 < faults.count ? faults[index + 1].begun : .now
                let count = lost.compactMap { acknowledged[$0] }.filter { (fault.begun..<end).contains($0) }.count
                return "\(fault.name) \(count)"
            }
            print("held by \(holder): \(lost.count) lost; acknowledged after \(after.joined(separator: ", "))")
        }
    }

    /// - Returns: Whether the worker has left nothing behind.
    func close() async -> Bool {
        await reaper.stop()
        let isClean = await workers.stop(within: 60_000)
        await enqueuer.client.close()
        await worker.client.close()
        return isClean
    }
}

/// Counts how often each job was done.
private final class DoneNumbers: JobRunner {
    private let state = Mutex<(done: [Int: Int], highest: Int)>(([:], 0))

    var done: [Int: Int] { state.withLock { $0.done } }
    /// Numbers are given out in order.
    var highest: Int { state.withLock { $0.highest } }

    func limits(of job: HeldJob) -> (task: String, limits: TaskLimits)? { nil }

    func run(_ run: JobRun) async -> JobEnd {
        guard let number = try? JobPayload(reading: run.job.payload).arguments.first?.intValue else {
            return JobEnd(.done)
        }
        state.withLock { state in
            state.done[number, default: 0] += 1
            state.highest = max(state.highest, number)
        }
        return JobEnd(.done)
    }
}
