// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOPosix
import Synchronization
import Testing

@testable import HeroTasks

/// Costs are counted in what Redis was asked, which no other program of the machine changes; `HERO_LONG=1` has a million jobs.
@Suite("very many jobs", .serialized, .timeLimit(.minutes(30)))
struct ManyJobsTests {
    private static let isLong = ProcessInfo.processInfo.environment["HERO_LONG"] != nil
    private static let delayed = isLong ? 1_000_000 : 10_000
    private static let queued = isLong ? 1_000_000 : 30_000
    private static let moments = isLong ? 1000 : 100

    @Test("delayed ones cost the same each, however many wait behind them, and the process' memory does not grow")
    func promotion() async throws {
        try await JobFixture.with { fixture in
            let script = """
                for m = 1, ARGV[1] do
                  redis.call('ZADD', KEYS[1], m, m)
                  for n = 1, ARGV[2] do
                    local job = '{"class":"t","queue":"q","args":['..m..','..n..']}'
                    redis.call('RPUSH', ARGV[3]..':delayed:'..m, job)
                    redis.call('SADD', ARGV[3]..':timestamps:'..job, 'delayed:'..m)
                  end
                end
                """
            try await fixture.redis(
                "EVAL", RedisArgument(script), 1, fixture.keys.schedule, RedisArgument(Self.moments),
                RedisArgument(Self.delayed / Self.moments), RedisArgument(fixture.keys.namespace))
            let costs = CostsOfRedis(fixture, steps: 5, of: Self.delayed)
            try await costs.begin()
            let before = ProcessState.residentKilobytes(of: getpid())
            var settings = TaskScheduler.Settings()
            settings.interval = 1
            let scheduler = TaskScheduler(
                fixture.store, name: "host:1", host: NoTasks(), settings: settings,
                on: MultiThreadedEventLoopGroup.singleton.next(), note: { _ in })
            scheduler.start()
            try await costs.run { try await fixture.redis("LLEN", fixture.keys.queue("q")).integer ?? 0 }
            await scheduler.stop()
            costs.expectFlat("promoting")
            print("memory: \(ProcessState.residentKilobytes(of: getpid()) - before) kB more")
            #expect(try await fixture.redis("ZCARD", fixture.keys.schedule).integer == 0)
            #expect(try await fixture.redis("KEYS", "*timestamps*").elements?.count == 0)
        }
    }

    @Test("waiting ones cost the same each, however many wait behind them")
    func claims() async throws {
        try await JobFixture.with { fixture in
            let script = """
                for n = 1, ARGV[1] do redis.call('RPUSH', KEYS[1], '{"class":"t","queue":"q","args":['..n..']}') end
                """
            try await fixture.redis(
                "EVAL", RedisArgument(script), 1, fixture.keys.queue("q"), RedisArgument(Self.queued))
            let costs = CostsOfRedis(fixture, steps: 5, of: Self.queued)
            try await costs.begin()
            let workers = TaskWorkers(
                fixture.store, Nothing(), machine: WorkerMachine(queues: QueueOrder(["q"]), seed: 1),
                identity: TaskWorkers.Identity(name: "host:1", who: Array("{}".utf8)),
                on: MultiThreadedEventLoopGroup.singleton.next(), note: { _ in })
            workers.start()
            workers.resize(to: 10)
            try await costs.run { try await fixture.number(fixture.keys.stat("processed")) }
            #expect(await workers.stop(within: 60_000))
            costs.expectFlat("claiming and finishing")
        }
    }
}

/// What Redis does for each job, in the first part of them, the second and so on.
private final class CostsOfRedis: Sendable {
    private struct Sample {
        var done = 0
        var calls = 0
        var microseconds = 0
    }

    private let fixture: JobFixture
    private let steps: Int
    private let count: Int
    private let samples = Mutex<[Sample]>([])

    init(_ fixture: JobFixture, steps: Int, of count: Int) {
        (self.fixture, self.steps, self.count) = (fixture, steps, count)
    }

    func begin() async throws {
        try await fixture.redis("CONFIG", "RESETSTAT")
        try await take(0)
    }

    /// Until all are done.
    func run(_ done: () async throws -> Int) async throws {
        var now = 0
        while now < count {
            now = try await done()
            let parts = samples.withLock { $0.count } - 1
            if now >= count * (parts + 1) / steps { try await take(now) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Commands within scripts, without those of the test, and Redis' time for the scripts.
    private func take(_ done: Int) async throws {
        let text = try await fixture.redis("INFO", "commandstats").text ?? ""
        var sample = Sample(done: done)
        for line in text.split(separator: "\r\n") where line.hasPrefix("cmdstat_") {
            let name = line.dropFirst(8).prefix { $0 != ":" }
            func value(_ key: String) -> Int {
                let rest = line.firstRange(of: key + "=").map { line[$0.upperBound...] } ?? ""
                return Int(rest.prefix { $0.isNumber }) ?? 0
            }
            guard !["llen", "get", "info", "config|resetstat", "config"].contains(name) else { continue }
            if name.hasPrefix("eval") { sample.microseconds += value("usec") }
            sample.calls += value("calls")
        }
        samples.withLock { $0.append(sample) }
    }

    /// The last part asks Redis for at most a quarter more than the first one.
    func expectFlat(_ what: String) {
        let samples = samples.withLock { $0 }
        let parts = zip(samples.dropFirst(), samples).map { after, before in
            let jobs = Double(max(1, after.done - before.done))
            return (
                calls: Double(after.calls - before.calls) / jobs,
                microseconds: Double(after.microseconds - before.microseconds) / jobs
            )
        }
        print("\(what) \(count) jobs: calls of Redis per job \(parts.map(\.calls)), µs \(parts.map(\.microseconds))")
        guard let first = parts.first, let last = parts.last else { return }
        #expect(last.calls <= first.calls * 1.25 + 0.1, "\(what)")
    }
}

private struct NoTasks: SchedulerHost {
    let recurrent: [RecurrentJob] = []
    func isWanted(_ job: JobPayload, payload: [UInt8]) async -> DelayedFate { .wanted }
}

private struct Nothing: JobRunner {
    func limits(of job: HeldJob) -> (task: String, limits: TaskLimits)? { nil }
    func run(_ run: JobRun) async -> JobEnd { JobEnd(.done) }
}
