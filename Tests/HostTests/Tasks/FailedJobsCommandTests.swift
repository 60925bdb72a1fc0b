// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("hero tasks and jobs that failed or wait", .timeLimit(.minutes(10)))
struct FailedJobsCommandTests {
    struct Failed: Decodable {
        let id: String
        let task: String?
        let queue: String?
        let error: String?
    }

    struct Waiting: Decodable {
        let id: String
        let reason: String
        let due: Int
        let task: String?
        let queue: String?
    }

    @Test("failed jobs are listed with ids, a page at a time, also those that are no jobs")
    func lists() async throws {
        let scene = try await JobsScene()
        #expect(try await scene.tasks("failed").output == "no failed jobs\n")
        try await scene.fail("a", "first\\u001b[31m")
        try await scene.server.cli("RPUSH", "resque:failed", "no JSON")
        try await scene.fail("b")
        let failed = try await scene.json([Failed].self, "failed")
        #expect(failed.map(\.task) == ["a", nil, "b"] && Set(failed.map(\.id)).count == 3)
        #expect(failed[0].error == "first\u{1B}[31m" && failed[0].queue == "default")
        let page = try await scene.tasks("failed", "--count", "2")
        #expect(page.output.contains("1 more: hero tasks failed --skip 2"), "\(page.output)")
        #expect(!page.output.utf8.contains(0x1B) && !page.output.contains("no way"))
        #expect(try await scene.tasks("failed", "--skip", "3").output == "there are only 3 failed jobs\n")
    }

    @Test("a failed job is retried by its id, by its task, or with all others; what is no job stays and is named")
    func retries() async throws {
        let scene = try await JobsScene()
        for task in ["a", "b", "b", "c"] { try await scene.fail(task) }
        try await scene.server.cli("LINSERT", "resque:failed", "BEFORE", JobsScene.entry("b"), "no JSON")
        let ids = try await scene.json([Failed].self, "failed")
        let one = try await scene.tasks("retry", try #require(ids.first { $0.task == "a" }).id)
        #expect(one.code == 0 && one.output == "retried 1 job\n", "\(one.error)")
        #expect(try await scene.list("resque:queue:default") == [JobsScene.job("a")])
        #expect(try await scene.tasks("retry", "--task", "b").output == "retried 2 jobs\n")
        let none = try await scene.tasks("retry", "--task", "b")
        #expect(none.code == 1 && none.error.contains("no job of b has failed"))
        let all = try await scene.tasks("retry", "--all")
        #expect(all.code == 1 && all.output == "retried 1 job\n" && all.error.contains("stays: "), "\(all.error)")
        #expect(try await scene.list("resque:failed") == ["no JSON"])
        #expect(try await scene.list("resque:queue:default") == ["a", "b", "b", "c"].map { JobsScene.job($0) })
        let missing = try await scene.tasks("retry", "aaaaaaaaaaaa", "node-a:1~x~1")
        #expect(missing.code == 1 && missing.output == "")
        #expect(missing.error.contains("there is no job aaaaaaaaaaaa"))
        #expect(missing.error.contains("there is no job node-a:1~x~1"))
    }

    @Test("what is dead leaves both places, whichever way it is retried or removed")
    func dead() async throws {
        let scene = try await JobsScene()
        for (number, task) in ["a", "b", "c"].enumerated() {
            let id = "node-a:1~x~\(number)"
            try await scene.fail(task)
            try await scene.server.cli("ZADD", "resque:dead", "1700000000000", id)
            try await scene.server.cli(
                "HSET", "resque:kept", id, "7:default" + JobsScene.job(task), "\(id):f", JobsScene.entry(task))
            let digest = "return redis.call('HSET', KEYS[1], 'f:'..redis.sha1hex(ARGV[1]), ARGV[2])"
            try await scene.server.cli("EVAL", digest, "1", "resque:kept", JobsScene.entry(task), id)
        }
        #expect(try await scene.json(ShownJobs.self).dead == 3)
        #expect(try await scene.tasks("retry", "node-a:1~x~0").code == 0)
        #expect(try await scene.tasks("retry", "--task", "b").code == 0)
        #expect(try await scene.tasks("remove", "--all").output == "removed 1 job\n")
        for key in ["dead", "kept", "failed"] { #expect(try await scene.server.cli("EXISTS", "resque:\(key)") == "0") }
        #expect(try await scene.list("resque:queue:default") == ["a", "b"].map { JobsScene.job($0) })
    }

    @Test("delayed jobs and those that wait for their next attempt are listed in order, hastened and removed by id")
    func delayed() async throws {
        let scene = try await JobsScene()
        #expect(try await scene.tasks("delayed").output == "no delayed jobs\n")
        for (moment, task) in [("4000000000", "late"), ("4000000000", "later"), ("3000000000", "soon")] {
            let job = JobsScene.job(task)
            try await scene.server.cli("ZADD", "resque:delayed_queue_schedule", moment, moment)
            try await scene.server.cli("RPUSH", "resque:delayed:\(moment)", job)
            try await scene.server.cli("SADD", "resque:timestamps:\(job)", "delayed:\(moment)")
        }
        try await scene.server.cli("ZADD", "resque:retry", "3500000000000", "node-a:1~x~7")
        try await scene.server.cli("HSET", "resque:kept", "node-a:1~x~7", "3:low" + JobsScene.job("again", "low"))
        let waiting = try await scene.json([Waiting].self, "delayed")
        #expect(waiting.map(\.task) == ["soon", "again", "late", "later"])
        #expect(waiting.map(\.reason) == ["delayed", "retry", "delayed", "delayed"])
        #expect(waiting[1].id == "node-a:1~x~7" && waiting[1].queue == "low")
        let text = try await scene.tasks("delayed")
        #expect(text.output.contains("next attempt") && text.output.contains(waiting[0].id), "\(text.output)")
        #expect(try await scene.tasks("retry", "node-a:1~x~7").code == 0)
        #expect(try await scene.server.cli("ZSCORE", "resque:retry", "node-a:1~x~7") == "0")
        #expect(
            try await scene.tasks("remove", "node-a:1~x~7", waiting[0].id, waiting[2].id).output == "removed 3 jobs\n")
        #expect(try await scene.json([Waiting].self, "delayed").map(\.task) == ["later"])
        #expect(try await scene.server.cli("ZRANGE", "resque:delayed_queue_schedule", "0", "-1") == "4000000000")
        let keys = try await scene.server.cli("KEYS", "resque:timestamps:*")
        #expect(keys == "resque:timestamps:\(JobsScene.job("later"))")
        #expect(try await scene.tasks("remove", waiting[0].id).code == 1)
    }

    @Test("jobs that wait in a queue are removed by their task, or all with their queue")
    func empties() async throws {
        let scene = try await JobsScene()
        for task in ["a", "b", "a"] { try await scene.enqueue(task, "mails") }
        try await scene.fail("a")
        let wrong = try await scene.tasks("remove", "--queue", "mials", "--all")
        #expect(
            wrong.code == 1 && wrong.error.contains("there is no queue mials – did you mean mails?"), "\(wrong.error)")
        #expect(try await scene.tasks("remove", "--queue", "mails", "--task", "a").output == "removed 2 jobs of a\n")
        #expect(try await scene.list("resque:queue:mails") == [JobsScene.job("b", "mails")])
        let all = try await scene.tasks("remove", "--queue", "mails", "--all")
        #expect(all.output == "removed the queue mails with 1 job\n")
        #expect(try await scene.server.cli("EXISTS", "resque:queue:mails", "resque:queues") == "0")
        #expect(try await scene.list("resque:failed").count == 1)
    }
}
