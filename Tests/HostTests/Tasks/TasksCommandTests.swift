// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("hero tasks", .timeLimit(.minutes(10)))
struct TasksCommandTests {
    @Test("shows queues, workers, counters, what has failed, who leads and who is dead")
    func shows() async throws {
        let scene = try await JobsScene()
        let server = scene.server
        try await scene.enqueue("a")
        try await scene.enqueue("b")
        try await scene.enqueue("c", "low")
        try await scene.fail("a")
        try await server.cli("SADD", "resque:paused", "low")
        try await server.cli("SET", "resque:stat:processed", "12")
        try await server.cli("SET", "resque:stat:failed", "3")
        try await server.cli("SET", "resque:resque_scheduler_leader_lock", "node-a:7")
        try await server.cli("SADD", "resque:workers", "node-a:7+1:default,low", "node-a:7+2:*")
        let record =
            #"{"run_at":"Fri Dec 12 2014 14:01:16 GMT-0800 (Pacific Standard Time)","queue":"default","payload":"#
            + JobsScene.job("a") + #","worker":"node-a:7+1"}"#
        try await server.cli("SET", "resque:worker:node-a:7+1:default,low", record)
        try await server.cli(
            "SET", "resque:worker:ping:node-a:7+2", #"{"time":1700000000,"name":"node-a:7+2","queues":"*"}"#)
        try await server.cli("ZADD", "resque:delayed_queue_schedule", "1700000000", "1700000000")
        try await server.cli("RPUSH", "resque:delayed:1700000000", JobsScene.job("d"))
        try await server.cli("ZADD", "resque:leases", "1700000000000", "node-b:9~x")
        try await server.cli("HSET", "resque:owners", "node-b:9~x", "{}", "node-c:9~y", "{}", "node-d:9~z", "gone 1")
        try await server.cli("HSET", "resque:held:node-b:9~x", "#", "1", "1", "7:default" + JobsScene.job("a"))

        let shown = try await scene.json(ShownJobs.self)
        #expect(shown.queues.map(\.name) == ["default", "low"])
        #expect(shown.queues.map(\.length) == [2, 1])
        #expect(shown.queues.map(\.isPaused) == [false, true] && !shown.isPaused)
        #expect(shown.processed == 12 && shown.failedRuns == 3 && shown.failed == 1 && shown.perSecond == nil)
        #expect(shown.scheduler.leader == "node-a:7" && shown.scheduler.lagMilliseconds > 0)
        #expect(shown.delayed.count == 1 && shown.delayed.next == 1_700_000_000_000)
        #expect(shown.workers.map(\.name) == ["node-a:7+1", "node-a:7+2"])
        #expect(shown.workers[0].job?.task == "a" && shown.workers[0].job?.began == 1_418_421_676_000)
        #expect(shown.workers[1].job == nil && shown.workers[1].pinged == 1_700_000_000_000)
        #expect(shown.processes.map(\.name) == ["node-b:9~x", "node-c:9~y"])
        #expect(shown.processes.map(\.state) == ["expired", "leaseless"])
        #expect(shown.processes.map(\.held) == [1, 0])

        let text = try await scene.tasks()
        #expect(text.code == 0)
        for part in ["node-a:7 leads", "processed: 12", "low", "paused", "node-a:7+1", "node-b:9~x"] {
            #expect(text.output.contains(part), "\(text.output)")
        }
    }

    @Test("shows an empty Redis, and with --watch one object on each line until nobody reads any more")
    func watches() async throws {
        let scene = try await JobsScene()
        let shown = try await scene.tasks()
        #expect(shown.code == 0 && shown.output.contains("no queues") && shown.output.contains("no workers"))
        let line = "\(Stage.hero) tasks --watch --json --interval 0.1 | head -n 3"
        let watched = try await Program.run(
            "sh", ["-c", line], directory: scene.project.root,
            environment: ["PROJECT_ROOT": scene.project.root, "REDIS_ENABLED": "true"])
        let lines = watched.output.split(separator: "\n")
        #expect(lines.count == 3, "\(watched.output)\(watched.error)")
        for line in lines { _ = try JSONDecoder().decode(ShownJobs.self, from: Data(line.utf8)) }
    }

    @Test("a name of a queue acts on no terminal, and one that is no text is shown")
    func oddBytes() async throws {
        let scene = try await JobsScene()
        let script = #"""
            local q = 'od\27[31m"\\\n\255'
            redis.call('SADD', 'resque:queues', q) redis.call('RPUSH', 'resque:queue:'..q, '1', '2', '3')
            """#
        try await scene.server.cli("EVAL", script, "0")
        let shown = try await scene.json(ShownJobs.self)
        #expect(shown.queues.map(\.name) == ["od\u{1B}[31m\"\\\n\u{FFFD}"] && shown.queues[0].length == 3)
        let text = try await scene.tasks()
        #expect(text.code == 0 && !text.output.utf8.contains(0x1B), "\(text.output)")
        #expect(text.output.contains("od") && text.output.contains("3"))
        #expect(try await scene.tasks("pause", "od\u{1B}\n").output == "paused od\\x1b\\n\n")
        #expect(try await scene.json(ShownJobs.self).queues[0].isPaused == false)
        #expect(try await scene.tasks("resume", "od\u{1B}\n").code == 0)
    }

    @Test("says why there are no jobs to be seen")
    func without() async throws {
        let project = try TestProject()
        let disabled = try await project.hero("tasks", environment: ["REDIS_ENABLED": "false"])
        #expect(disabled.code == 1 && disabled.error.contains("redis.enabled is false"), "\(disabled.error)")
        let embedded = try TestProject(["config/redis.yml": "default:\n  mode: embedded\n"])
        let stopped = try await embedded.hero("tasks", "failed", environment: ["REDIS_ENABLED": "true"])
        #expect(stopped.code == 1 && stopped.error.contains("embedded Redis does not run"), "\(stopped.error)")
        let away = try TestProject([
            "config/redis.yml": "default:\n  url: redis://127.0.0.1:1\n  timeouts:\n    command: 300\n"
        ])
        let failed = try await away.hero("tasks", "pause", "--all", environment: ["REDIS_ENABLED": "true"])
        #expect(failed.code == 1 && failed.error.contains("Redis cannot be asked"), "\(failed.error)")
        #expect(failed.output == "")
    }

    @Test(
        "words and flags that mean nothing are usage errors, before Redis is asked",
        arguments: [
            ["bogus"], ["retry"], ["retry", "--all", "--task", "a"], ["retry", "zz"],
            ["retry", "1700000000-aaaaaaaaaaaa"],
            ["remove"], ["remove", "--queue", "a", "aaaaaa"], ["pause"], ["pause", "a", "--all"], ["resume"],
            ["pause", "*"], ["drain"], ["drain", "a", "--timeout", "-1"], ["failed", "--count", "0"],
            ["failed", "--skip", "-1"], ["delayed", "--count", "1001"], ["locks", "--remove", "a"],
            ["--interval", "0"], ["--nonsense"],
        ])
    func usage(words: [String]) async throws {
        let project = try TestProject()
        let done = try await project.hero(["tasks"] + words, environment: ["REDIS_ENABLED": "true"])
        #expect(done.code == 64, "\(words): \(done.output)\(done.error)")
        #expect(done.output == "" && !done.error.isEmpty)
    }

    @Test("pauses and resumes queues by name and all of them, and points at names that are not there")
    func pauses() async throws {
        let scene = try await JobsScene()
        try await scene.enqueue("a", "mails")
        let paused = try await scene.tasks("pause", "mails", "mials")
        #expect(paused.code == 0 && paused.output == "paused mails\npaused mials\n")
        #expect(paused.error.contains("there is no queue mials yet – did you mean mails?"), "\(paused.error)")
        #expect(try await scene.server.cli("SMEMBERS", "resque:paused").split(separator: "\n").count == 2)
        let wrong = try await scene.tasks("resume", "other")
        #expect(wrong.code == 1 && wrong.error.contains("other is not paused; paused: mails, mials"), "\(wrong.error)")
        #expect(try await scene.tasks("pause", "--all").output == "paused all queues\n")
        #expect(try await scene.json(ShownJobs.self).isPaused)
        #expect(try await scene.tasks("resume", "--all").code == 0)
        #expect(try await scene.json(ShownJobs.self).queues[0].isPaused)
        #expect(try await scene.tasks("resume", "mails", "mials").code == 0)
        #expect(try await scene.server.cli("EXISTS", "resque:paused") == "0")
    }

    @Test("draining pauses, says what still runs, and ends when nothing does")
    func drains() async throws {
        let scene = try await JobsScene()
        try await scene.enqueue("a")
        try await scene.server.cli("HSET", "resque:owners", "node-b:9~x", "{}")
        try await scene.server.cli("HSET", "resque:held:node-b:9~x", "1", "7:default" + JobsScene.job("long"))
        let late = try await scene.tasks("drain", "default", "--timeout", "0")
        #expect(late.code == 1 && late.error.contains("still running: long by node-b:9~x"), "\(late.error)")
        #expect(try await scene.server.cli("SISMEMBER", "resque:paused", "default") == "1")
        #expect(try await scene.tasks("drain", "other", "--timeout", "0").code == 0)
        try await scene.server.cli("DEL", "resque:held:node-b:9~x")
        let done = try await scene.tasks("drain", "default")
        #expect(done.code == 0 && done.output == "no job of default runs\n", "\(done.error)")
        #expect(try await scene.list("resque:queue:default") == [JobsScene.job("a")])
    }

    @Test("lists workers, and removes what one of another program has left")
    func workers() async throws {
        let scene = try await JobsScene()
        #expect(try await scene.tasks("workers").output == "no workers\n")
        try await scene.server.cli("SADD", "resque:workers", "old:7:default")
        try await scene.server.cli(
            "SET", "resque:worker:old:7:default",
            #"{"run_at":"never","queue":"default","payload":\#(JobsScene.job("a")),"worker":"old:7"}"#)
        let listed = try await scene.json([ShownJobs.Worker].self, "workers")
        #expect(listed.map(\.name) == ["old:7"] && listed[0].job?.task == "a" && listed[0].job?.began == nil)
        let wrong = try await scene.tasks("workers", "--remove", "old:8")
        #expect(wrong.code == 1 && wrong.error.contains("there is no worker old:8"))
        #expect(try await scene.tasks("workers", "--remove", "old:7").code == 0)
        #expect(try await scene.json([ShownJobs.Worker].self, "workers").isEmpty)
        #expect(try await scene.list("resque:failed").count == 1)
    }

    @Test("lists the locks of plugins and removes one by its name")
    func locks() async throws {
        let scene = try await JobsScene()
        #expect(try await scene.tasks("locks").output == "no locks\n")
        try await scene.server.cli("SET", "resque:lock:a:default:[{}]", "99999999999")
        try await scene.server.cli("SET", "resque:workerslock:b:default:[{}]", "1")
        let locks = try await scene.json([String: String].self, "locks")
        #expect(locks == ["lock:a:default:[{}]": "99999999999", "workerslock:b:default:[{}]": "1"])
        #expect(try await scene.tasks("locks").output.contains("workerslock:b:default:[{}]  over"))
        #expect(try await scene.tasks("locks", "--remove", "lock:other").code == 1)
        #expect(try await scene.tasks("locks", "--remove", "lock:a:default:[{}]").code == 0)
        #expect(try await scene.json([String: String].self, "locks").count == 1)
    }
}
