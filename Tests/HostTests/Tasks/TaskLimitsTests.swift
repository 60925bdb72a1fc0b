// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("limits of tasks, in two processes", .timeLimit(.minutes(10)))
struct TaskLimitsTests {
    private static let limited = """
        import ActionHero
        import Glibc

        func journal(_ context: TaskContext, _ line: String) {
            let file = open("\\(context.application.projectRoot)/journal", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            _ = (line + "\\n").withCString { write(file, $0, strlen($0)) }
            close(file)
        }

        /// Waits for a file; one at a time.
        struct Narrow: BackgroundTask {
            static let concurrency = 1
            func run(_ context: TaskContext) async throws {
                journal(context, "begin")
                while access("\\(context.application.projectRoot)/go", F_OK) != 0 {
                    try await Task.sleep(for: .milliseconds(5))
                }
                journal(context, "end")
            }
        }

        /// One an hour.
        struct Rare: BackgroundTask {
            static let rateLimit = TaskRateLimit(1, per: .seconds(3600))
            func run(_ context: TaskContext) async throws { journal(context, "begin") }
        }

        /// Is of no use any more when somebody can run it.
        struct Stale: BackgroundTask {
            static let expires = Duration.milliseconds(1)
            func run(_ context: TaskContext) async throws { journal(context, "begin") }
        }

        /// Runs in the first second of each minute, and what it missed is made up for.
        struct Minutely: BackgroundTask {
            static let queue = "cron"
            static let cron = "* * * * *"
            static let missedRuns = MissedRuns.once
            func run(_ context: TaskContext) async throws { journal(context, "minute") }
        }
        """

    private static let actions = """
        import ActionHero

        /// Enqueues beside a write of its own.
        struct Beside: Action {
            func run(_ context: Context) async throws -> [String: Int] {
                let commands = try await context.tasks.commands(for: [Job("note", ["text": "beside"])])
                let replies = try await context.redis.transaction([RedisRequest("INCR", ["orders"])] + commands)
                return ["replies": replies.count]
            }
        }

        struct Durable: Action {
            func run(_ context: Context) async throws -> [String: String] {
                do {
                    let job = Job("note", ["text": "durable"], .durability(.replicas(1, timeout: .milliseconds(10))))
                    return ["outcome": "\\(try await context.tasks.enqueue(job).outcome)"]
                } catch let error as TaskError { return ["code": "\\(error.code)"] }
            }
        }
        """

    private let server: RedisServer
    private let project: TestProject
    private var environment: [String: String] { ["REDIS_URL": "redis://127.0.0.1:\(server.port)"] }

    init() async throws {
        server = try await RedisServer()
        project = try await TaskBundles.project()
        try project.write(Self.limited, to: "tasks/limited.swift")
        try project.write(Self.actions, to: "actions/beside.swift")
        try await project.build()
    }

    private func push(_ task: String, _ times: Int, _ inputs: String = "{}") async throws {
        try await server.cli("SADD", "resque:queues", "default")
        for _ in 0..<times {
            try await server.cli(
                "RPUSH", "resque:queue:default", #"{"class":"\#(task)","queue":"default","args":[\#(inputs)]}"#)
        }
    }

    private func start(_ title: String) async throws -> TaskHero {
        try await TaskHero.start(project, [], environment.merging(["ACTIONHERO_TITLE": title]) { $1 })
    }

    /// Waits until somebody has looked at everything that was in the queue before.
    private func lookedAtAll(_ hero: TaskHero, _ mark: String) async throws {
        try await push("note", 1, #"{"text":"\#(mark)"}"#)
        try await hero.journal { $0.contains("note \(mark)") }
    }

    @Test("as many jobs run as the task allows, and all of them one after the other")
    func concurrency() async throws {
        let (one, two) = (try await start("one"), try await start("two"))
        try await push("narrow", 4)
        for round in 1...3 { try await lookedAtAll(one, "round \(round)") }
        #expect(one.journal.filter { $0 == "begin" }.count == 1)
        try one.go()
        let lines = try await one.journal { lines in lines.filter { $0 == "end" }.count == 4 }
        let order = lines.filter { !$0.hasPrefix("note") }
        #expect(order == Array(repeating: ["begin", "end"], count: 4).flatMap { $0 })
        #expect(try await one.hero.stop() == 0)
        #expect(try await two.hero.stop() == 0)
    }

    @Test("as many jobs begin in a time as the task allows, and the others wait without having failed")
    func rate() async throws {
        let (one, two) = (try await start("one"), try await start("two"))
        try await push("rare", 4)
        for round in 1...3 { try await lookedAtAll(one, "round \(round)") }
        #expect(one.journal.filter { $0 == "begin" }.count == 1)
        // Those that were put off, in the one process or the other.
        while try await server.cli("ZCARD", "resque:retry") != "3" { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try await one.details().failed.isEmpty)
        #expect(try await server.cli("GET", "resque:stat:failed").isEmpty)
        #expect(try await one.hero.stop() == 0)
        #expect(try await two.hero.stop() == 0)
    }

    @Test("a job that is too old when its turn comes is dropped, and counted")
    func expiry() async throws {
        let one = try await TaskHero.start(project, [], environment, workers: 0)
        try await one.enqueue("stale")
        #expect(try await one.hero.stop() == 0)
        let two = try await start("two")
        while try await server.cli("GET", "resque:stat:expired") != "1" { try await Task.sleep(for: .milliseconds(5)) }
        #expect(two.journal.isEmpty)
        let details = try await two.details()
        #expect(details.failed.isEmpty && details.stats["failed"] ?? 0 == 0)
        #expect(try await two.hero.stop() == 0)
    }

    @Test("a task with a cron line is run by the workers, once for what was missed")
    func cron() async throws {
        // An hour ago, as its state says it.
        let seconds = Int(Date().timeIntervalSince1970) - 3600
        try await server.cli("HSET", "resque:recurrent", "minutely", "\(seconds)000")
        let one = try await start("one")
        let lines = try await one.journal { $0.contains("minute") }
        #expect(lines.filter { $0 == "minute" }.count == 1)
        let last = Int(try await server.cli("HGET", "resque:recurrent", "minutely")) ?? 0
        #expect(last > seconds * 1000 + 3_000_000)
        #expect(try await one.hero.stop() == 0)
    }

    @Test("jobs can be enqueued in a transaction with other commands, and say when no replica has them")
    func transaction() async throws {
        let one = try await start("one")
        let replies = try await one.hero.request("/api/beside")
        #expect(replies.status == 200 && replies.text.contains("replies") && replies.text.contains("3"))
        try await one.journal { $0.contains("note beside") }
        #expect(try await server.cli("GET", "orders") == "1")
        // It is there all the same, and will run.
        #expect(try await one.hero.request("/api/durable").text.contains("notReplicated"))
        try await one.journal { $0.contains("note durable") }
        #expect(try await one.hero.stop() == 0)
    }
}
