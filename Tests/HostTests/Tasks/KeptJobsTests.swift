// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("jobs that are enqueued while Redis is away", .timeLimit(.minutes(10)))
struct KeptJobsTests {
    @Test("are kept where the caller wants it, through kill -9, and done once and in their order when it is back")
    func keep() async throws {
        let server = try await RedisServer()
        let project = try await TaskBundles.project()
        let environment = ["REDIS_URL": "redis://127.0.0.1:\(server.port)"]
        let one = try await TaskHero.start(project, [], environment, workers: 1)
        try await server.kill()
        for text in ["a", "b"] {
            #expect(try await one.enqueue("note", #"{"text":"\#(text)"}"#, #","keep":true"#).outcome == "kept")
        }
        let answer = try await one.post("enqueue", #"{"task":"note","inputs":{"text":"lost"}}"#)
        #expect(answer.status != 200)
        one.hero.send(SIGKILL)
        #expect(try await one.hero.exitCode() == -SIGKILL)
        try await server.restart()
        let two = try await TaskHero.start(project, [], environment, workers: 1)
        try await two.enqueue("note", #"{"text":"c"}"#, #","keep":true"#)
        let lines = try await two.journal { $0.contains("note c") }
        #expect(lines == ["note a", "note b", "note c"])
        try await two.hero.line(containing: "jobs that were kept are in Redis")
        #expect(try await two.hero.stop() == 0)
        #expect(project.list("data/jobs").isEmpty)
    }
}
