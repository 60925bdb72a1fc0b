// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("background tasks", .timeLimit(.minutes(10)))
struct TaskTests {
    @Test("a job that an action enqueues is run, its result can be asked for, and the log shows no secret")
    func wholeWay() async throws {
        let one = try await TaskHero.start(try await TaskBundles.project())
        let enqueued = try await one.enqueue("greet", #"{"who":"Ada","password":"swordfish-1"}"#)
        #expect(enqueued.outcome == "enqueued")
        let result = try await one.result(enqueued.job)
        #expect(result.state == "succeeded" && result.output == #"{"greeting":"hello Ada"}"#)
        // The project has a task with a frequency, too, whose lines may come first.
        var (line, seen) = ("", 0)
        while !line.contains("class=greet") {
            line = try await one.hero.line(containing: "[ worker ] task success", after: seen)
            seen = (one.hero.lines.dropFirst(seen).firstIndex(of: line) ?? seen) + 1
        }
        #expect(line.contains("class=greet") && line.contains("queue=default") && line.contains("[FILTERED]"))
        #expect(!one.hero.lines.contains { $0.contains("swordfish-1") })
        #expect(try await one.details { $0.stats["processed"] ?? 0 > 0 }.failed.isEmpty)
        let wrong = try await one.post("enqueue", #"{"task":"greet"}"#)
        #expect(wrong.status != 200 && wrong.text.contains("who is a required input for task greet"))
        #expect(try await one.post("enqueue", #"{"task":"nothing"}"#).text.contains("task nothing not found"))
        #expect(try await one.hero.stop() == 0)
        #expect(one.hero.lines.contains { $0.contains("[ worker ] ended") })
    }

    @Test("an initializer can say which queues its process works on, and change its mind while jobs run")
    func providedQueues() async throws {
        let project = try await TaskBundles.project("queues: [nowhere]")
        try project.write(
            """
            import ActionHero
            import Glibc

            struct Chooser: Initializer {
                func initialize(_ application: Application) async throws {
                    let file = "\\(application.projectRoot)/second"
                    application.tasks.provideQueues { access(file, F_OK) == 0 ? ["second"] : ["first"] }
                }
            }
            """, to: "initializers/chooser.swift")
        try await project.build()
        let one = try await TaskHero.start(project, workers: 1)
        for queue in ["second", "first"] {
            let done = try await project.hero(
                ["task", "enqueue", "--queue", queue, "note", "--text", queue], environment: ["REDIS_ENABLED": "true"])
            #expect(done.code == 0, "\(done.error)")
        }
        try await one.journal { $0 == ["note first"] }
        try project.write("", to: "second")
        try await one.journal { $0 == ["note first", "note second"] }
        #expect(try await one.hero.stop() == 0)
    }

    @Test("a job that throws is tried again as its task says, and is among the failed ones when that was in vain")
    func retries() async throws {
        let one = try await TaskHero.start(try await TaskBundles.project())
        let good = try await one.result(try await one.enqueue("stumble", #"{"times":2}"#).job)
        #expect(good.state == "succeeded" && good.output == "3")
        let bad = try await one.result(try await one.enqueue("stumble", #"{"times":3}"#).job)
        #expect(bad.state == "failed" && bad.error == "stumbled 3")
        #expect(try await one.details { !$0.failed.isEmpty }.failed == ["stumbled 3"])
        try await one.enqueue("dawdle")
        let late = try await one.details { $0.failed.count == 2 }
        #expect(late.failed.last?.contains("took longer than the 20 ms") == true)
        try await one.hero.stop()
    }

    @Test("delayed jobs run when they are due, unique ones once, and those of a paused queue when it goes on")
    func conditions() async throws {
        let one = try await TaskHero.start(try await TaskBundles.project())
        #expect(try await one.enqueue("note", #"{"text":"later"}"#, #","after":1000"#).outcome == "enqueued")
        try await one.journal { $0 == ["note later"] }
        #expect(try await one.details { $0.delayed == 0 }.failed.isEmpty)
        #expect(try await one.enqueue("note", #"{"text":"once"}"#, #","unique":600000"#).outcome == "enqueued")
        #expect(try await one.enqueue("note", #"{"text":"once"}"#, #","unique":600000"#).outcome == "duplicate")
        try await one.journal { $0 == ["note later", "note once"] }
        #expect(try await one.post("pause", "{}").text.contains("default"))
        try await one.enqueue("note", #"{"text":"paused"}"#)
        try await one.enqueue("greet", #"{"who":"x"}"#)
        #expect(try await one.details().queues["default"] == 2)
        #expect(try await one.post("pause", #"{"resume":true}"#).status == 200)
        try await one.journal { $0.last == "note paused" }
        try await one.hero.stop()
    }

    @Test("a job that is tried again goes on where it was, and an equal one after it begins at the beginning")
    func cursors() async throws {
        let one = try await TaskHero.start(try await TaskBundles.project())
        try await one.enqueue("climb", #"{"times":2}"#)
        try await one.journal { $0 == ["climbed to 2"] }
        try await one.enqueue("climb", #"{"times":0}"#)
        try await one.journal { $0 == ["climbed to 2", "climbed to 0"] }
        try await one.enqueue("climb", #"{"times":0}"#)
        try await one.journal { $0 == ["climbed to 2", "climbed to 0", "climbed to 0"] }
        try await one.hero.stop()
    }

    @Test("a chain runs one after the other, and what follows a batch when all its jobs have ended")
    func chainsAndBatches() async throws {
        let one = try await TaskHero.start(try await TaskBundles.project())
        _ = try await one.post("chain", #"{"notes":["a","b","c"]}"#)
        try await one.journal { $0 == ["note a", "note b", "note c"] }
        _ = try await one.post("batch", #"{"notes":["d","e"]}"#)
        let good = try await one.journal { $0.count == 7 }
        #expect(Set(good[3..<5]) == ["note d", "note e"] && Set(good[5...]) == ["note complete", "note success"])
        _ = try await one.post("batch", #"{"notes":["fail","f"]}"#)
        let bad = try await one.journal { $0.count == 10 }
        #expect(bad[7] == "note f" && Set(bad[8...]) == ["note complete", "note failure"])
        // A chain ends with the job that has failed.
        _ = try await one.post("chain", #"{"notes":["fail","never"]}"#)
        #expect(try await one.details { $0.failed.count == 2 }.failed == ["it was to fail", "it was to fail"])
        #expect(one.journal.count == 10)
        try await one.hero.stop()
    }

    @Test("any action is a job, and a task with a frequency runs by itself")
    func actionsAndRecurrentTasks() async throws {
        let one = try await TaskHero.start(try await TaskBundles.project())
        try await one.enqueue("runAction", #"{"action":"chain","notes":["of an action"]}"#)
        try await one.journal { $0 == ["note of an action"] }
        while (try? one.project.read("regular"))?.count ?? 0 < 3 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try await one.details().leader?.isEmpty == false)
        try await one.hero.stop()
    }

    @Test("without Redis an enqueue says so, and so does a namespace that a Redis Cluster cannot use")
    func refusals() async throws {
        let project = try await TaskBundles.project()
        let one = try await TaskHero.start(project, [], ["REDIS_ENABLED": "false"])
        let answer = try await one.post("enqueue", #"{"task":"note","inputs":{"text":"x"}}"#)
        #expect(answer.status != 200 && answer.text.contains("background jobs need Redis"))
        try await one.hero.stop()
        let two = try project.launch(
            environment: [
                "REDIS_ENABLED": "true", "REDIS_MODE": "cluster", "REDIS_CLUSTER_NODES": "127.0.0.1:1",
                "REDIS_PASSWORD": "x",
            ])
        #expect(try await two.exitCode() == 78)
        #expect(two.lines.contains { $0.contains("tasks.namespace") && $0.contains("Set it to {resque}") })
    }

    @Test("lines of cron and time zones that cannot be used keep a process from starting")
    func wrongCron() async throws {
        let project = try TestProject([
            "tasks/wrong.swift": """
            import ActionHero
            struct WrongLine: BackgroundTask {
                static let cron = "61 * * * *"
                func run(_ context: TaskContext) async throws {}
            }
            struct WrongZone: BackgroundTask {
                static let cron = "@daily"
                static let timeZone = "Europe/Atlantis"
                func run(_ context: TaskContext) async throws {}
            }
            """
        ])
        try await project.build()
        let hero = try project.launch(environment: ["REDIS_ENABLED": "false"])
        #expect(try await hero.exitCode() == 78)
        #expect(hero.lines.contains { $0.contains("61") })
        #expect(hero.lines.contains { $0.contains("there is no time zone \"Europe/Atlantis\"") })
    }

    @Test("a task that is not to go on after an error does not, while others do")
    func brittle() async throws {
        let project = try await TaskBundles.project()
        try project.write(
            """
            import ActionHero
            import Glibc

            struct Broken: Error {}

            struct Brittle: BackgroundTask {
                static let frequency = Duration.milliseconds(50)
                static let retry = RetryPolicy.never
                static let reEnqueuePeriodicTaskIfException = false

                func run(_ context: TaskContext) async throws {
                    let path = "\\(context.application.projectRoot)/brittle"
                    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
                    _ = write(descriptor, "x", 1)
                    close(descriptor)
                    throw Broken()
                }
            }
            """, to: "tasks/brittle.swift")
        try await project.build()
        let one = try await TaskHero.start(project)
        func runs(_ file: String) -> Int { ((try? project.read(file)) ?? "").count }
        while runs("brittle") == 0 { try await Task.sleep(for: .milliseconds(5)) }
        func passTime() async throws {
            // Four of its own periods each.
            let before = runs("regular")
            while runs("regular") < before + 2 { try await Task.sleep(for: .milliseconds(5)) }
        }
        // One that was due in the meantime may have been on its way.
        try await passTime()
        let last = runs("brittle")
        try await passTime()
        #expect(runs("brittle") == last && last < 4)
        #expect(try await one.hero.stop() == 0)
    }
}
