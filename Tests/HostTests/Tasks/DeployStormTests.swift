// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Five deploys, and with `HERO_LONG` thirty: a minute of them.
@Suite("jobs and deploys without end", .timeLimit(.minutes(15)))
struct DeployStormTests {
    private static let deploys = ProcessInfo.processInfo.environment["HERO_LONG"] == nil ? 5 : 30

    @Test("while a cluster is deployed every two seconds, 500 jobs a second all end once, and have not failed")
    func storm() async throws {
        let server = try await RedisServer()
        let project = try await KillBundles.project()
        // Whoever takes three seconds does not get them from most deploys, and begins again.
        try project.write(
            """
            default:
              scheduler: true
              timeout: 100
              checkTimeout: 20
              maxEventLoopDelay: 60000
              minTaskProcessors: 40
              maxTaskProcessors: 40
              stopTimeout: 2000
            """, to: "config/tasks.yml")
        let cluster = try await RunningCluster.start(
            workers: 2, project: project,
            environment: [
                "REDIS_ENABLED": "true", "REDIS_URL": "redis://127.0.0.1:\(server.port)", "DONE": project.path("done"),
                "LOG_LEVEL": "info",
            ])
        let storm = DeployStorm(server: server, project: project)
        async let enqueued = storm.enqueue(rounds: Self.deploys * 20)
        for _ in 0..<Self.deploys {
            cluster.master.send(SIGUSR2)
            try await Task.sleep(for: .seconds(2))
        }
        let count = try await enqueued
        try await storm.emptied()
        let runs = try storm.runs()
        #expect(runs.faults(count) == [])
        print("\(Self.deploys) deploys, \(count) jobs, \(runs.interruptions) interrupted")
        #expect(try await server.cli("LLEN", "resque:failed").contains("0"))
        #expect(try await server.cli("GET", "resque:stat:failed").filter(\.isNumber) == "")
        // Nobody has been counted as part of a crash.
        #expect(try await server.cli("HLEN", "resque:attempts").contains("0"))
        #expect(try await cluster.stop() == 0)
        #expect(try await server.cli("ZCARD", "resque:leases").contains("0"))
    }
}

/// Jobs that are enqueued all the time, and what they have written down.
private struct DeployStorm: Sendable {
    let server: RedisServer
    let project: TestProject

    /// 50 jobs every tenth of a second, and twice a second a long one.
    ///
    /// - Returns: How many there were.
    func enqueue(rounds: Int) async throws -> Int {
        let script = """
            redis.call('SADD', 'resque:queues', 'q')
            for n = ARGV[1], ARGV[1] + 49 do
              local long = n % 250 == 0 and 3000 or 0
              redis.call('RPUSH', 'resque:queue:q',
                '{"class":"tell","queue":"q","args":[{"number":'..n..',"milliseconds":'..long..'}]}')
            end
            """
        let clock = ContinuousClock()
        var next = clock.now
        for round in 0..<rounds {
            try await server.cli("EVAL", script, "0", "\(round * 50)")
            next += .milliseconds(100)
            try await Task.sleep(until: next, clock: clock)
        }
        return rounds * 50
    }

    /// Until no job waits and nobody holds one.
    func emptied() async throws {
        let script = """
            local n = redis.call('LLEN', 'resque:queue:q') + redis.call('ZCARD', 'resque:retry')
            for _, key in ipairs(redis.call('KEYS', 'resque:held:*')) do
              n = n + redis.call('HLEN', key) - redis.call('HEXISTS', key, '#') - redis.call('HEXISTS', key, '!')
            end
            return n
            """
        while try await server.cli("EVAL", script, "0").filter(\.isNumber) != "0" {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    func runs() throws -> ToldRuns { ToldRuns(try project.read("done.told")) }
}

/// What jobs have told of their runs.
private struct ToldRuns: Sendable {
    private var events: [Int: [Substring]] = [:]
    private(set) var interruptions = 0

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let number = Int(words[1]) else { continue }
            events[number, default: []].append(words[0])
            if words[0] == "interrupted" { interruptions += 1 }
        }
    }

    /// Jobs that were lost, and those that ran once more without having been interrupted.
    func faults(_ count: Int) -> [String] {
        (0..<count).compactMap { number in
            let told = events[number] ?? []
            let breaks = told.filter { $0 == "interrupted" }.count
            let expected = (0..<breaks).flatMap { _ in ["begin", "interrupted"] } + ["begin", "end"]
            return told.map(String.init) == expected ? nil : "\(number): \(told)"
        }
    }
}
