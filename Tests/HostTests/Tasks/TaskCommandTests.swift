// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("hero task", .timeLimit(.minutes(10)))
struct TaskCommandTests {
    private static let source = """
        import ActionHero

        struct SendMail: BackgroundTask {
            static let queue = "mails"
            @Input("Whom") var to: String
            @Input("How often") var count = 1
            @Input("Tags") var tags: [String]?

            func run(_ context: TaskContext) async throws -> [String: Int] {
                print("printed by the task")
                context.progress(0.5, "half of \\(to)")
                if to == "nobody" { throw Refused() }
                return [to: count]
            }
        }

        struct Refused: Error, CustomStringConvertible {
            var description: String { "nobody reads mail" }
        }

        struct Once: BackgroundTask {
            static let uniqueFor = Duration.seconds(600)
            func run(_ context: TaskContext) async throws {}
        }
        """

    private static let project = Task {
        let project = try TestProject(["tasks/mail.swift": source])
        try await project.build()
        return project
    }

    private func hero(_ server: RedisServer?, _ words: String...) async throws -> Finished {
        let redis = server.map { ["REDIS_ENABLED": "true", "REDIS_URL": "redis://127.0.0.1:\($0.port)"] }
        return try await Self.project.value.hero(["task"] + words, environment: redis ?? ["REDIS_ENABLED": "false"])
    }

    @Test("a task runs in the command's process without Redis: its result is the output, and nothing else is")
    func runs() async throws {
        let done = try await hero(nil, "run", "sendMail", "--to", "ada", "--count", "3")
        #expect(done.code == 0 && done.output == "{\n  \"ada\": 3\n}\n", "\(done.output)\(done.error)")
        #expect(done.error.contains("50 % half of ada") && done.error.contains("printed by the task"))
        let nothing = try await hero(nil, "run", "once")
        #expect(nothing.code == 0 && nothing.output == "null\n", "\(nothing.error)")
    }

    @Test("what a task throws, does not take, or is not, ends with a status and a reason")
    func refuses() async throws {
        let thrown = try await hero(nil, "run", "sendMail", "--to", "nobody")
        #expect(thrown.code == 1 && thrown.output == "" && thrown.error.contains("Error: nobody reads mail"))
        let missing = try await hero(nil, "run", "sendMail")
        #expect(missing.code == 1 && missing.error.contains("to is a required input for task sendMail"))
        let wrong = try await hero(nil, "run", "sendMail", "--to", "a", "--count", "many")
        #expect(wrong.code == 1 && wrong.error.contains("count"), "\(wrong.error)")
        let flag = try await hero(nil, "run", "sendMail", "--form", "a")
        #expect(flag.code == 64 && flag.error.contains("there is no input --form"), "\(flag.error)")
        let unknown = try await hero(nil, "run", "sendMial")
        #expect(unknown.code == 1 && unknown.error.contains("did you mean sendMail?"), "\(unknown.error)")
        let help = try await hero(nil, "run", "sendMail", "--help")
        #expect(help.code == 0 && help.output.contains("--count <whole number>"), "\(help.output)")
        let without = try await hero(nil, "enqueue", "sendMail", "--to", "a")
        #expect(without.code == 1 && without.error.contains("redis.enabled is false"), "\(without.error)")
    }

    @Test("a job is enqueued with values of the types that its task wants, now or later, there or elsewhere")
    func enqueues() async throws {
        let server = try await RedisServer()
        let now = try await hero(
            server, "enqueue", "sendMail", "--to", "07", "--count", "3", "--tags", "1", "--tags", "b")
        #expect(now.code == 0 && now.output == "enqueued sendMail in mails\n", "\(now.output)\(now.error)")
        let job = #"{"class":"sendMail","queue":"mails","args":[{"to":"07","count":3,"tags":["1","b"]}]}"#
        #expect(try await server.cli("LRANGE", "resque:queue:mails", "0", "-1") == job)
        let later = try await hero(server, "enqueue", "--queue", "low", "--in", "5000", "sendMail", "--to=a")
        #expect(later.code == 0 && later.output == "enqueued sendMail in low, to run in 83 min\n", "\(later.error)")
        let moment = try await server.cli("ZRANGE", "resque:delayed_queue_schedule", "0", "-1")
        #expect(
            try await server.cli("LRANGE", "resque:delayed:\(moment)", "0", "-1")
                == #"{"class":"sendMail","queue":"low","args":[{"to":"a","count":1}]}"#)
        let missing = try await hero(server, "enqueue", "sendMail")
        #expect(missing.code == 1 && missing.error.contains("to is a required input"), "\(missing.error)")
        #expect(try await hero(server, "enqueue", "--in", "-1", "sendMail", "--to", "a").code == 64)
        #expect(try await hero(server, "enqueue", "once").code == 0)
        let again = try await hero(server, "enqueue", "once")
        #expect(again.code == 1 && again.error.contains("an equal job is there already"), "\(again.error)")
    }

    @Test("an action is enqueued as a job, and a task that only another program has where the queue is said")
    func foreign() async throws {
        let server = try await RedisServer()
        let action = try await hero(server, "enqueue", "runAction", "--action", "status", "--email", "a@b")
        #expect(action.code == 0, "\(action.error)")
        #expect(
            try await server.cli("LRANGE", "resque:queue:default", "0", "-1")
                == #"{"class":"runAction","queue":"default","args":[{"action":"status","email":"a@b"}]}"#)
        let unknown = try await hero(server, "enqueue", "ruby", "--x", "1")
        #expect(unknown.code == 1 && unknown.error.contains("With --queue NAME before it"), "\(unknown.error)")
        let done = try await hero(server, "enqueue", "--queue", "rb", "ruby", "--x", "1")
        #expect(done.code == 0 && done.output.hasPrefix("enqueued ruby in rb"), "\(done.error)")
        #expect(
            try await server.cli("LRANGE", "resque:queue:rb", "0", "-1")
                == #"{"class":"ruby","queue":"rb","args":[{"x":"1"}]}"#)
    }

    @Test("while a leader looks, hero tasks knows how old jobs are, and goes on knowing when it has gone")
    func ages() async throws {
        let scene = try await JobsScene()
        try await scene.enqueue("a", "nobodys")
        let leader = try await scene.project.start(environment: [
            "REDIS_ENABLED": "true", "SCHEDULER": "true",
            "ACTIONHERO_CONFIG_OVERRIDES": #"{"tasks":{"timeout":100}}"#,
        ])
        var shown = try await scene.json(ShownJobs.self)
        while shown.queues[0].ageMilliseconds == nil { shown = try await scene.json(ShownJobs.self) }
        #expect(shown.scheduler.leader != nil)
        // Its counters can be compared with those of its last look.
        try await RedisSentinelSet.poll { try await scene.json(ShownJobs.self).perSecond != nil }
        #expect(try await leader.stop() == 0)
        let after = try await scene.json(ShownJobs.self)
        #expect(after.scheduler.leader == nil)
        #expect(try #require(after.queues[0].ageMilliseconds) >= (shown.queues[0].ageMilliseconds ?? 0))
        let findings = try await scene.project.hero("redis", "doctor", environment: ["REDIS_ENABLED": "true"])
        #expect(findings.output.contains("oldest job: waits in nobodys for"), "\(findings.output)")
    }
}
