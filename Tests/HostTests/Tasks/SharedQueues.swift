// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport

/// A project whose process works on the queues of a server that others use, too.
struct SharedQueues: Sendable {
    private static let built = Task {
        let project = try TestProject(["tasks/shared.swift": source])
        try await project.build()
        return project
    }

    let server: RedisServer
    let project: TestProject

    init() async throws {
        let built = try await Self.built.value
        (server, project) = (try await RedisServer(.socket), try TestProject())
        for name in built.list("tasks") where name.hasSuffix(".so") {
            try project.copy(built.path("tasks/\(name)"), to: "tasks/\(name)")
        }
    }

    private var settings: [String: String] {
        ["REDIS_ENABLED": "true", "REDIS_URL": "unix://\(server.socketPath)", "ENABLE_WEB_SERVER": "false"]
    }

    func start(processors: Int) async throws -> RunningHero {
        let count = ["MIN_TASK_PROCESSORS": String(processors), "MAX_TASK_PROCESSORS": String(processors)]
        let hero = try project.launch(
            ["--set=tasks.queues=[\"default\",\"high\"]"], environment: settings.merging(count) { $1 })
        try await hero.waitUntilServing()
        return hero
    }

    func run(_ peer: ResquePeer, _ words: String...) async throws -> [String] {
        switch words.count {
        case 1: try await peer.run(words[0], socket: server.socketPath, namespace: "resque")
        case 2: try await peer.run(words[0], words[1], socket: server.socketPath, namespace: "resque")
        default:
            try await peer.run(words[0], words[1], words[2], words[3], socket: server.socketPath, namespace: "resque")
        }
    }

    /// Adds the contents of a file, whatever its bytes.
    func push(_ file: String, to queue: String = "default") async throws {
        let script =
            #"redis-cli -s "$0" SADD resque:queues "$1" && redis-cli -s "$0" -x RPUSH "resque:queue:$1" < "$2""#
        let pushed = try await Program.run(
            "sh", ["-c", script, server.socketPath, queue, project.path(file)], directory: project.root)
        guard pushed.code == 0 else { throw BuildFailure(description: pushed.error + pushed.output) }
    }

    /// What `Echo` has been given, in its order.
    var journal: [String] { ((try? project.read("journal")) ?? "").split(separator: "\n").map(String.init) }

    private static let source = """
        import ActionHero
        import Glibc

        struct Echo: BackgroundTask {
            static let name = "Echo"
            @Input("What") var text: String

            func run(_ context: TaskContext) async throws {
                let descriptor = open("\\(context.application.projectRoot)/journal", O_WRONLY | O_CREAT | O_APPEND, 0o600)
                _ = (text + "\\n").withCString { Glibc.write(descriptor, $0, strlen($0)) }
                close(descriptor)
            }
        }

        struct Fails: BackgroundTask {
            static let name = "Fails"
            static let retry = RetryPolicy.never

            func run(_ context: TaskContext) async throws { throw Broken() }
        }

        struct Broken: Error, CustomStringConvertible {
            var description: String { "broken" }
        }

        /// For a queue that the process does not work on.
        struct Sends: BackgroundTask {
            func run(_ context: TaskContext) async throws {
                try await context.tasks.enqueue("Echo", ["text": "from here"], .queue("theirs"))
            }
        }

        struct Waits: BackgroundTask {
            static let name = "Waits"

            func run(_ context: TaskContext) async throws { try await Task.sleep(for: .seconds(3600)) }
        }
        """
}
