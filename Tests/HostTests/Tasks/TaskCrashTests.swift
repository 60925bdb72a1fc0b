// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("jobs that crash their worker", .timeLimit(.minutes(10)))
struct TaskCrashTests {
    /// Each crashes its worker when it is allowed to.
    private static let traps = """
        import ActionHero
        import Glibc

        func begin(_ context: TaskContext) -> String {
            let root = context.application.projectRoot
            let file = open("\\(root)/journal", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            let line = "begin trap \\(context.attempt) \\(getpid())\\n"
            _ = line.withCString { write(file, $0, strlen($0)) }
            close(file)
            return root
        }

        struct Trap: BackgroundTask {
            func run(_ context: TaskContext) async throws {
                let root = begin(context)
                while access("\\(root)/now", F_OK) != 0 { try await Task.sleep(for: .milliseconds(5)) }
                fatalError("trapped")
            }
        }

        struct TrapOnPool: BackgroundTask {
            static let execution = Execution.threadPool
            func run(_ context: TaskContext) async throws {
                let root = begin(context)
                while access("\\(root)/now", F_OK) != 0 { usleep(5000) }
                fatalError("trapped")
            }
        }
        """

    private func attempts(_ lines: [String], _ name: String) -> [Substring] {
        lines.filter { $0.hasPrefix("begin \(name) ") }.map { $0.split(separator: " ")[2] }
    }

    @Test(
        "are the only ones that it is counted for, until their task is out of service; the others begin anew",
        arguments: [("linger", "trap"), ("stubborn", "trapOnPool")])
    func blame(neighbour: String, trap: String) async throws {
        let project = try await TaskBundles.project()
        try project.write(Self.traps, to: "tasks/traps.swift")
        try await project.build()
        let cluster = try await RunningCluster.start(
            workers: 1, project: project, settings: ["cluster.quarantine.crashes=2"],
            environment: [
                "ACTIONHERO_ENV": "development", "REDIS_ENABLED": "true", "MIN_TASK_PROCESSORS": "3",
                "MAX_TASK_PROCESSORS": "3", "LOG_LEVEL": "debug",
            ])
        let one = TaskHero(project: project, hero: cluster.master)
        for name in ["a", "b"] {
            let done = try await project.hero(
                ["task", "enqueue", neighbour, "--name", name], environment: ["REDIS_ENABLED": "true"])
            #expect(done.code == 0, "\(done.error)")
        }
        let done = try await project.hero(["task", "enqueue", trap], environment: ["REDIS_ENABLED": "true"])
        #expect(done.code == 0, "\(done.error)")
        try await one.journal { lines in ["a", "b", "trap"].allSatisfy { attempts(lines, $0) == ["1"] } }
        try project.write("", to: "now")
        // The second crash is that of the same job, and the third worker refuses it.
        try await one.journal { attempts($0, "a").count == 3 && attempts($0, "b").count == 3 }
        let details = try await failed(cluster)
        #expect(details.contains { $0.contains("task \(trap) is quarantined") }, "\(details)")
        try one.go()
        let lines = try await one.journal { $0.contains("end a") && $0.contains("end b") }
        #expect(attempts(lines, "a") == ["1", "1", "1"] && attempts(lines, "b") == ["1", "1", "1"], "\(lines)")
        #expect(attempts(lines, "trap") == ["1", "2"], "\(lines)")
        #expect(
            cluster.master.lines.contains { $0.contains("the task \(trap) has crashed 2 workers and its jobs fail") })
        try await cluster.stop()
    }

    private func failed(_ cluster: RunningCluster) async throws -> [String] {
        while true {
            let details = try await cluster.request("/api/details").decoded(TaskHero.Details.self)
            if !details.failed.isEmpty { return details.failed }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
