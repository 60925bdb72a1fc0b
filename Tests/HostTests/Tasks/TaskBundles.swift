// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Tasks and actions that enqueue them, compiled once for all tests.
struct TaskBundles: Sendable {
    static let shared = Task { try await TaskBundles() }

    private let built: TestProject

    private init() async throws {
        built = try TestProject([
            "tasks/work.swift": Self.work, "tasks/regular.swift": Self.regular, "actions/jobs.swift": Self.jobs,
        ])
        try await built.build()
    }

    /// A project of its own with all of them.
    ///
    /// - Parameter settings: Lines of `config/tasks.yml` below `default:`.
    /// - Returns: The project.
    /// - Throws: An error when they cannot be built.
    static func project(_ settings: String...) async throws -> TestProject {
        let built = try await shared.value.built
        let project = try TestProject()
        for directory in ["actions", "tasks"] {
            for name in built.list(directory) where name.hasSuffix(".so") {
                try project.copy(built.path("\(directory)/\(name)"), to: "\(directory)/\(name)")
            }
        }
        let lines = ["timeout: 50", "checkTimeout: 20", "maxEventLoopDelay: 60000"] + settings
        try project.write("default:\n" + lines.map { "  \($0)\n" }.joined(), to: "config/tasks.yml")
        return project
    }

    /// Each notes in a file of the project that it has begun, and later that it has ended.
    private static let work = """
        import ActionHero
        import Glibc

        enum Journal {
            static func write(_ root: String, _ line: String) {
                let descriptor = open("\\(root)/journal", O_WRONLY | O_CREAT | O_APPEND, 0o600)
                _ = (line + "\\n").withCString { Glibc.write(descriptor, $0, strlen($0)) }
                close(descriptor)
            }
        }

        /// Answers at once.
        struct Greet: BackgroundTask {
            static let resultLifetime = Duration.seconds(600)
            @Input("Whom") var who: String
            @Input("What nobody may see", secret: true) var password = ""

            func run(_ context: TaskContext) async throws -> [String: String] {
                context.progress(0.5, "half")
                return ["greeting": "hello \\(who)"]
            }
        }

        /// Waits for a file.
        struct Linger: BackgroundTask {
            @Input("Which") var name: String

            func run(_ context: TaskContext) async throws {
                let root = context.application.projectRoot
                Journal.write(root, "begin \\(name) \\(context.attempt) \\(getpid())")
                while access("\\(root)/go", F_OK) != 0 { try await Task.sleep(for: .milliseconds(5)) }
                Journal.write(root, "end \\(name)")
            }
        }

        /// Waits for a file, and hears nothing meanwhile.
        struct Stubborn: BackgroundTask {
            static let execution = Execution.threadPool
            @Input("Which") var name: String

            func run(_ context: TaskContext) async throws {
                let root = context.application.projectRoot
                Journal.write(root, "begin \\(name) \\(context.attempt) \\(getpid())")
                while access("\\(root)/go", F_OK) != 0 { usleep(5000) }
                Journal.write(root, "end \\(name)")
            }
        }

        /// Throws as often as it is told.
        struct Stumble: BackgroundTask {
            static let retry = RetryPolicy(limit: 2, baseDelay: .milliseconds(1), jitter: 0)
            static let resultLifetime = Duration.seconds(600)
            @Input("How often") var times: Int

            func run(_ context: TaskContext) async throws -> Int {
                if context.attempt <= times { throw TaskFailure(text: "stumbled \\(context.attempt)") }
                return context.attempt
            }
        }

        /// Goes on where it was, and throws as often as it is told.
        struct Climb: BackgroundTask {
            static let retry = RetryPolicy(limit: 5, baseDelay: .milliseconds(1), jitter: 0)
            @Input("How often") var times: Int

            func run(_ context: TaskContext) async throws {
                let step = try context.cursor(as: Int.self) ?? 0
                try await context.saveCursor(step + 1)
                if context.attempt <= times { throw TaskFailure(text: "slipped") }
                Journal.write(context.application.projectRoot, "climbed to \\(step)")
            }
        }

        struct TaskFailure: Error, CustomStringConvertible {
            let text: String
            var description: String { text }
        }

        /// Says that it was there.
        struct Note: BackgroundTask {
            static let execution = Execution.threadPool
            static let retry = RetryPolicy.never
            @Input("What") var text: String

            func run(_ context: TaskContext) async throws {
                if text == "fail" { throw TaskFailure(text: "it was to fail") }
                Journal.write(context.application.projectRoot, "note \\(text)")
            }
        }

        /// Takes longer than it may.
        struct Dawdle: BackgroundTask {
            static let timeout = Duration.milliseconds(20)
            static let retry = RetryPolicy.never

            func run(_ context: TaskContext) async throws { try await Task.sleep(for: .seconds(3600)) }
        }
        """

    private static let regular = """
        import ActionHero
        import Glibc

        struct Regular: BackgroundTask {
            static let queue = "regular"
            static let frequency = Duration.milliseconds(200)

            func run(_ context: TaskContext) async throws {
                let descriptor = open("\\(context.application.projectRoot)/regular", O_WRONLY | O_CREAT | O_APPEND, 0o600)
                _ = write(descriptor, "x", 1)
                close(descriptor)
            }
        }
        """

    private static let jobs = """
        import ActionHero

        /// Enqueues what it is told: `{"name": …, "inputs": …}`.
        struct Enqueue: Action {
            @Input("The task") var task: String
            @Input("Its inputs") var inputs: [String: JSON] = [:]
            @Input("Milliseconds to wait") var after = 0
            @Input("Milliseconds for which it is unique") var unique = 0
            @Input("Whether it waits for Redis") var keep = false
            struct Output: Encodable { let outcome: String; let job: String? }

            func run(_ context: Context) async throws -> Output {
                var object = JSON.Object()
                for (name, value) in inputs.sorted(by: { $0.key < $1.key }) { object[name] = value }
                var job = Job(task, object)
                if after > 0 { job = Job(task, object, .after(.milliseconds(after))) }
                if unique > 0 { job = Job(task, object, .unique(for: .milliseconds(unique))) }
                if keep { job = Job(task, object, .whenAway(.keep)) }
                let result = try await context.tasks.enqueue(job)
                return Output(outcome: "\\(result.outcome)", job: result.jobID)
            }
        }

        struct Begin: Action {
            @Input("Which") var name: String

            func run(_ context: Context) async throws -> [String: Bool] {
                ["enqueued": try await context.tasks.enqueue("linger", ["name": .string(name)]).isEnqueued]
            }
        }

        struct Outcome: Action {
            @Input("The job") var job: String
            struct Output: Encodable {
                let state: String
                let output: String
                let error: String?
            }

            func run(_ context: Context) async throws -> Output {
                guard let result = try await context.tasks.result(job) else {
                    throw ActionError("no such job", status: 404)
                }
                return Output(state: "\\(result.state)", output: "\\(result.output)", error: result.error)
            }
        }

        struct Chain: Action {
            @Input("Notes") var notes: [String]
            func run(_ context: Context) async throws -> [String: String] {
                let result = try await context.tasks.enqueue(
                    chain: notes.map { Job("note", ["text": .string($0)]) })
                return ["outcome": "\\(result.outcome)"]
            }
        }

        struct Batch: Action {
            @Input("Notes") var notes: [String]
            func run(_ context: Context) async throws -> [String: String] {
                let id = try await context.tasks.enqueue(
                    JobBatch(
                        notes.map { Job("note", ["text": .string($0)]) },
                        onCompletion: Job("note", ["text": "complete"]), onSuccess: Job("note", ["text": "success"]),
                        onFailure: Job("note", ["text": "failure"])))
                return ["batch": id]
            }
        }

        struct Pause: Action {
            @Input("Whether it goes on") var resume = false
            func run(_ context: Context) async throws -> [String: [String]] {
                if resume { try await context.tasks.resume() } else { try await context.tasks.pause("default") }
                return ["paused": try await context.tasks.paused()]
            }
        }

        struct Details: Action {
            struct Output: Encodable {
                let waiting: [String]
                let queues: [String: Int]
                let stats: [String: Int]
                let failed: [String]
                let leader: String?
                let delayed: Int
            }
            func run(_ context: Context) async throws -> Output {
                let details = try await context.tasks.details()
                return Output(
                    waiting: try await context.tasks.queued("default").map { $0.inputs?["name"]?.stringValue ?? $0.name },
                    queues: details.queues, stats: details.stats,
                    failed: try await context.tasks.failed().map(\\.error), leader: details.leader,
                    delayed: try await context.tasks.timestamps().count)
            }
        }
        """
}
