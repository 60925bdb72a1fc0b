// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("jobs and the ends of their processes", .timeLimit(.minutes(10)))
struct TaskDeployTests {
    private func begun(_ lines: [String], _ name: String) -> [[Substring]] {
        lines.filter { $0.hasPrefix("begin \(name) ") }.map { $0.split(separator: " ") }
    }

    @Test("a process that stops gives back what has not ended, at the head of its queue and without a failure")
    func stop() async throws {
        let project = try await TaskBundles.project("stopTimeout: 0")
        let one = try await TaskHero.start(project, workers: 1)
        for name in ["a", "b", "c"] { try await one.enqueue("linger", #"{"name":"\#(name)"}"#) }
        try await one.journal { begun($0, "a").count == 1 }
        #expect(try await one.hero.stop() == 0)
        #expect(one.hero.lines.contains { $0.contains("jobs are interrupted and go back to their queues") })
        let two = try await TaskHero.start(project, workers: 0)
        let details = try await two.details()
        #expect(details.waiting == ["a", "b", "c"] && details.failed.isEmpty)
        try await two.hero.stop()
        let three = try await TaskHero.start(project, workers: 1)
        try three.go()
        let lines = try await three.journal { $0.last == "end c" }
        // Whoever was interrupted has not failed: it is its first attempt again.
        #expect(begun(lines, "a").map { $0[2] } == ["1", "1"])
        #expect(lines.filter { $0.hasPrefix("end") } == ["end a", "end b", "end c"])
        try await three.hero.stop()
    }

    @Test("a process that becomes the next one waits for its jobs, and the next one has what it did not begin")
    func restart() async throws {
        let project = try await TaskBundles.project("stopTimeout: 20000")
        let one = try await TaskHero.start(project, workers: 1)
        for name in ["a", "b"] { try await one.enqueue("linger", #"{"name":"\#(name)"}"#) }
        try await one.journal { begun($0, "a").count == 1 }
        one.hero.send(SIGUSR2)
        try await one.hero.line(containing: "stopping process")
        try one.go()
        let lines = try await one.journal { $0.last == "end b" }
        #expect(lines.count == 4 && begun(lines, "a").count == 1)
        #expect(try await one.details().failed.isEmpty)
        try await one.hero.stop()
    }

    @Test("a job that does not end although it is told to is named when it is cut off, and is done by the next process")
    func cutOff() async throws {
        let project = try await TaskBundles.project("stopTimeout: 0")
        let one = try await TaskHero.start(project, workers: 1)
        try await one.enqueue("stubborn", #"{"name":"a"}"#)
        try await one.journal { begun($0, "a").count == 1 }
        #expect(try await one.hero.stop() == 0)
        let line = one.hero.lines.first { $0.contains("jobs have not ended although they were told to") }
        #expect(line?.contains("are cut off: stubborn of default") == true, "\(one.hero.lines)")
        let two = try await TaskHero.start(project, workers: 1)
        try two.go()
        let lines = try await two.journal { $0.last == "end a" }
        #expect(begun(lines, "a").map { $0[2] } == ["1", "1"])
        try await two.hero.stop()
    }

    @Test("what a killed worker of a cluster held is done by another one")
    func kill() async throws {
        let project = try await TaskBundles.project()
        let cluster = try await RunningCluster.start(
            workers: 2, project: project,
            environment: [
                "ACTIONHERO_ENV": "development", "REDIS_ENABLED": "true", "MAX_TASK_PROCESSORS": "1",
                "MIN_TASK_PROCESSORS": "1", "LOG_LEVEL": "debug",
            ])
        let one = TaskHero(project: project, hero: cluster.master)
        #expect(try await cluster.request("/api/begin?name=a").status == 200)
        let lines = try await one.journal { begun($0, "a").count == 1 }
        let victim = try #require(Int32(begun(lines, "a")[0][3]))
        #expect(Foundation.kill(victim, SIGKILL) == 0)
        let again = begun(try await one.journal { begun($0, "a").count == 2 }, "a")
        #expect(again[1][2] == "2" && again[1][3] != again[0][3])
        try one.go()
        try await one.journal { $0.last == "end a" }
        try await cluster.stop()
    }
}
