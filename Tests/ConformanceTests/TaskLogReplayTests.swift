// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

@Suite("lines of the log about tasks, compared with the reference", .timeLimit(.minutes(10)))
struct TaskLogReplayTests {
    private static let tasks = """
        import ActionHero

        struct FxString: BackgroundTask {
            func run(_ context: TaskContext) async throws -> String { "theWord" }
        }

        struct TypeError: Error, CustomStringConvertible {
            var description: String { "smtp down" }
        }

        struct FxFail: BackgroundTask {
            static let retry = RetryPolicy.never
            func run(_ context: TaskContext) async throws { throw TypeError() }
        }
        """

    /// What stands in Redis for each, and what each is called among the recordings.
    private static let cases: [(name: String, queue: String, jobs: [String])] = [
        ("success returning a string", "high", [#"{"class":"fxString","queue":"high","args":[{}]}"#]),
        ("failure", "high", [#"{"class":"fxFail","queue":"high","args":[{"a":1}]}"#]),
        ("pushed: Ruby style job without queue", "high", [#"{"class":"fxString","args":[{}]}"#]),
        ("pushed: key order different", "high", [#"{"args":[{"b":1}],"queue":"high","class":"fxFail"}"#]),
        (
            "order over queues, *", "a",
            [1, 2].map { #"{"class":"fxString","queue":"a","args":[{"n":\#($0)}]}"# }
        ),
    ]

    /// From the level on, without what is never the same.
    private static func comparable(_ line: String) -> String? {
        guard
            let start = line.range(
                of: #"(info|error|debug): (\[ worker \] |Error from Task)"#, options: .regularExpression)
        else { return nil }
        let text = String(line[start.lowerBound...]).replacingOccurrences(
            of: "duration=[0-9]+", with: "duration=N", options: .regularExpression)
        // The reference goes on with a backtrace, we with the number of the attempt.
        return text.components(separatedBy: " attempt=")[0].trimmingCharacters(in: .whitespaces)
    }

    @Test("success, failure and their data are written as recorded")
    func lines() async throws {
        let server = try await RedisServer()
        let project = try TestProject(["tasks/fx.swift": Self.tasks])
        try await project.build()
        let hero = try await project.start(environment: [
            "REDIS_ENABLED": "true", "REDIS_URL": "redis://127.0.0.1:\(server.port)", "MIN_TASK_PROCESSORS": "1",
            "MAX_TASK_PROCESSORS": "1", "LOG_LEVEL": "info",
        ])
        for (name, queue, jobs) in Self.cases {
            let recording = try #require(RecordedTopics.workers.first { $0.name == name })
            var recorded = (recording.response["log"]?.arrayValue ?? []).compactMap(\.stringValue)
                .compactMap(Self.comparable)
            recorded = Array(recorded.prefix(jobs.count))
            try #require(recorded.count == jobs.count, "\(name)")
            let mark = hero.lines.count
            for job in jobs { try await server.cli("RPUSH", "resque:queue:\(queue)", job) }
            try await server.cli("SADD", "resque:queues", queue)
            var ours: [String] = []
            while ours.count < jobs.count {
                ours = hero.lines.dropFirst(mark).compactMap(Self.comparable)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(ours == recorded, "\(name)")
        }
        #expect(try await hero.stop() == 0)
        #expect(hero.lines.contains { $0.contains("[ worker ] ended") })
    }

    @Test("every recording of workers and schedulers is repeated here or explained in docs/differences.md")
    func explained() throws {
        let text = try String(contentsOfFile: "\(Stage.repository)/docs/differences.md", encoding: .utf8)
        let page = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let repeated = Set(Self.cases.map(\.name))
        for recording in RecordedTopics.workers + RecordedTopics.schedulers where !repeated.contains(recording.name) {
            #expect(page.contains("`\(recording.title)`"), "\(recording.title)")
        }
    }
}
