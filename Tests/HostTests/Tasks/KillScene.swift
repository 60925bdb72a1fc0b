// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Tasks that write down what they have done, compiled once for all scenes.
struct KillBundles: Sendable {
    static let shared = Task { try await KillBundles() }

    private let built: TestProject

    private init() async throws {
        built = try TestProject([
            "tasks/record.swift": Self.record, "tasks/often.swift": Self.often, "tasks/tell.swift": Self.tell,
        ])
        try await built.build()
    }

    /// A project that works on jobs, with little patience.
    static func project() async throws -> TestProject {
        let built = try await shared.value.built
        let project = try TestProject()
        for name in built.list("tasks") where name.hasSuffix(".so") {
            try project.copy(built.path("tasks/\(name)"), to: "tasks/\(name)")
        }
        try project.write(
            """
            default:
              scheduler: true
              timeout: 20
              checkTimeout: 20
              maxEventLoopDelay: 60000
              minTaskProcessors: 4
              maxTaskProcessors: 4
              stopTimeout: 100
            """, to: "config/tasks.yml")
        return project
    }

    /// Every tenth job throws the first time, and every tenth enqueues another one; with `SLOW` none ends by itself.
    private static let record = """
        import ActionHero
        import Glibc

        struct Oops: Error {}

        struct Record: BackgroundTask {
            static let queue = "q"
            static let retry = RetryPolicy(limit: 5, baseDelay: .milliseconds(10))
            @Input("Which") var number: Int

            func run(_ context: TaskContext) async throws {
                if number % 10 == 9, context.attempt == 1 { throw Oops() }
                let isSlow = getenv("SLOW") != nil
                try await Task.sleep(for: .milliseconds(isSlow ? 86_400_000 : number % 4))
                if number < 1000, number % 10 == 5 {
                    try await context.tasks.enqueue("record", ["number": .integer(number + 1000)])
                }
                note(number)
            }
        }

        func note(_ number: Int) {
            guard let path = getenv("DONE") else { return }
            let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            let line = Array("\\(number)\\n".utf8)
            _ = write(file, line, line.count)
            close(file)
        }
        """

    /// Tells of each of its runs, and whether it could end.
    private static let tell = """
        import ActionHero
        import Glibc

        struct Tell: BackgroundTask {
            static let queue = "q"
            @Input("Which") var number: Int
            @Input("How long it takes") var milliseconds: Int

            func run(_ context: TaskContext) async throws {
                tell("begin")
                do {
                    if milliseconds > 0 { try await Task.sleep(for: .milliseconds(milliseconds)) }
                } catch {
                    tell("interrupted")
                    throw error
                }
                tell("end")
            }

            private func tell(_ word: String) {
                guard let path = getenv("DONE") else { return }
                let file = open(String(cString: path) + ".told", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
                let line = Array("\\(word) \\(number)\\n".utf8)
                _ = write(file, line, line.count)
                close(file)
            }
        }
        """

    private static let often = """
        import ActionHero
        import Glibc

        struct Often: BackgroundTask {
            static let queue = "q"
            static let frequency = Duration.seconds(86_400)

            func run(_ context: TaskContext) async throws {
                guard let path = getenv("DONE") else { return }
                let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
                _ = write(file, "-1\\n", 3)
                close(file)
            }
        }
        """
}

/// Jobs in a Redis of their own, and processes of one project that work on them.
struct KillScene: Sendable {
    /// Jobs of all kinds: waiting, delayed, held by a process that is gone, and some that have crashed one.
    static let jobs = 60

    /// Whether the host under test stops where it is told to: debug builds do.
    static let hasFailpoints =
        FileManager.default.contents(atPath: Stage.hero)?.range(of: Data("HERO_FAILPOINT_REPORT".utf8)) != nil

    let server: RedisServer
    let project: TestProject

    init() async throws {
        server = try await RedisServer()
        project = try await KillBundles.project()
        // A job is `{"class":"record","queue":"q","args":[{"number":1}]}`, and its crashes are counted by its SHA-1.
        let script = """
            local function job(n) return '{"class":"record","queue":"q","args":[{"number":'..n..'}]}' end
            redis.call('SADD', 'resque:queues', 'q')
            for n = 0, 49 do redis.call('RPUSH', 'resque:queue:q', job(n)) end
            for n = 0, 2 do redis.call('HSET', 'resque:attempts', redis.sha1hex(job(n)), '0 1 '..redis.call('TIME')[1]..'000') end
            redis.call('ZADD', 'resque:delayed_queue_schedule', 1000, '1000')
            for n = 50, 54 do
              redis.call('RPUSH', 'resque:delayed:1000', job(n))
              redis.call('SADD', 'resque:timestamps:'..job(n), 'delayed:1000')
            end
            redis.call('ZADD', 'resque:leases', 1, 'ghost:1~x')
            redis.call('HSET', 'resque:owners', 'ghost:1~x', '{}')
            redis.call('HSET', 'resque:held:ghost:1~x', '#', 1)
            for n = 55, 59 do redis.call('HSET', 'resque:held:ghost:1~x', n - 54, '1:q'..job(n)) end
            return 1
            """
        #expect(try await server.cli("EVAL", script, "0").contains("1"))
    }

    private var url: String { "redis://127.0.0.1:\(server.port)" }

    func start(_ environment: [String: String] = [:]) throws -> RunningHero {
        let ours = ["REDIS_ENABLED": "true", "REDIS_URL": url, "DONE": project.path("done")]
        return try project.launch(environment: ours.merging(environment) { $1 })
    }

    /// A cluster of two workers.
    func startCluster(_ environment: [String: String]) async throws -> RunningCluster {
        let ours = ["REDIS_ENABLED": "true", "REDIS_URL": url, "DONE": project.path("done")]
        return try await RunningCluster.launch(
            workers: 2, project: project, environment: ours.merging(environment) { $1 })
    }

    /// Variables by which the first process stops that comes to a place so often.
    func stopping(at place: String, _ time: Int = 1) -> [String: String] {
        ["HERO_FAILPOINT": "\(place):\(time)", "HERO_FAILPOINT_REPORT": project.path("report")]
    }

    /// Waits until a process has stopped where it was told to.
    ///
    /// - Returns: Its pid.
    /// - Throws: When the test is over.
    func stopped() async throws -> Int32 {
        while true {
            let report = (try? project.read("report")) ?? ""
            // There is a newline at its end when the process is about to stop.
            if report.hasSuffix("\n"), let pid = Int32(report.dropLast()), ProcessTable.isStopped(pid) { return pid }
            try await Self.pause()
        }
    }

    /// What is to be done: the jobs, what some of them enqueue, and one run of the task that runs by itself.
    static let all = Set(-1..<jobs).union(stride(from: 1005, to: 1000 + jobs, by: 10))

    /// Waits until all is done and nobody holds anything who was killed, and may have done a job without saying so.
    ///
    /// - Parameter dead: Their pids.
    /// - Throws: When the test is over.
    func allDone(without dead: [Int32]) async throws {
        while !Self.all.isSubset(of: done) { try await Self.pause() }
        while true {
            let owners = try await server.cli("ZRANGE", "resque:leases", "0", "-1")
            if !dead.contains(where: { owners.contains(":\($0)~") }) { break }
            try await Self.pause()
        }
        // What such a one had done is done again.
        while try await unfinished() > 0 { try await Self.pause() }
    }

    /// Waits until the first worker has a job that runs on, as other programs see it.
    func showsJob() async throws {
        let pattern = #"resque:worker:*+1:\*"#
        while try await server.cli("KEYS", pattern).isEmpty { try await Self.pause() }
    }

    /// Leaves the processor to the processes that are watched.
    private static func pause() async throws { try await Task.sleep(for: .milliseconds(20)) }

    /// Numbers of the jobs that have been done, as often as they were.
    var done: [Int] { ((try? project.read("done")) ?? "").split(separator: "\n").compactMap { Int($0) } }

    /// Jobs that processes hold.
    func held() async throws -> Int { try await count("0") }

    /// The same with those that wait, in one look.
    func unfinished() async throws -> Int {
        try await count("redis.call('LLEN', 'resque:queue:q') + redis.call('ZCARD', 'resque:retry')")
    }

    private func count(_ more: String) async throws -> Int {
        let script = """
            local n = \(more)
            for _, key in ipairs(redis.call('KEYS', 'resque:held:*')) do
              n = n + redis.call('HLEN', key) - redis.call('HEXISTS', key, '#') - redis.call('HEXISTS', key, '!')
            end
            return n
            """
        return Int(try await server.cli("EVAL", script, "0").filter(\.isNumber)) ?? -1
    }

    /// What is left of jobs after all of them are done, in the words of whoever looks.
    func remains() async throws -> [String] {
        let script = """
            local found = {}
            local function look(command, ...)
              local n = redis.call(command, ...)
              if n ~= 0 then found[#found + 1] = command..' '..table.concat({...}, ' ')..': '..n end
            end
            for _, key in ipairs(redis.call('KEYS', 'resque:held:*')) do found[#found + 1] = key end
            for _, key in ipairs(redis.call('KEYS', 'resque:worker:*')) do found[#found + 1] = key end
            for _, key in ipairs({'queue:q', 'failed', 'delayed:1000'}) do look('LLEN', 'resque:'..key) end
            for _, key in ipairs({'leases', 'retry', 'dead', 'delayed_queue_schedule'}) do look('ZCARD', 'resque:'..key) end
            for _, key in ipairs({'kept'}) do look('HLEN', 'resque:'..key) end
            return found
            """
        let text = try await server.cli("EVAL", script, "0")
        return text.split(separator: "\n").map(String.init).filter { !$0.contains("empty") && !$0.isEmpty }
    }
}
