// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// A `hero` process with Redis, and what is asked of its jobs.
struct TaskHero {
    let project: TestProject
    let hero: RunningHero

    /// Starts one and waits until it serves.
    ///
    /// - Parameters:
    ///   - project: Of ``TaskBundles``.
    ///   - arguments: Of `hero`; `hero start` without any.
    ///   - environment: More variables.
    ///   - workers: How many jobs run at the same time.
    /// - Returns: The process.
    /// - Throws: An error with what it has written when it ends instead.
    static func start(
        _ project: TestProject, _ arguments: [String] = [], _ environment: [String: String] = [:], workers: Int = 2
    ) async throws -> TaskHero {
        var variables = ["REDIS_ENABLED": "true", "ACTIONHERO_TITLE": "one", "SCHEDULER": "\(workers > 0)"]
        variables["MIN_TASK_PROCESSORS"] = "\(workers)"
        variables["MAX_TASK_PROCESSORS"] = "\(workers)"
        variables.merge(environment) { $1 }
        return TaskHero(project: project, hero: try await project.start(arguments, environment: variables))
    }

    struct Enqueued: Decodable {
        let outcome: String
        let job: String?
    }

    struct Outcome: Decodable {
        let state: String
        let output: String?
        let error: String?
    }

    struct Details: Decodable {
        let waiting: [String]
        let queues: [String: Int]
        let stats: [String: Int]
        let failed: [String]
        let leader: String?
        let delayed: Int
    }

    /// Has an action enqueue a job.
    ///
    /// - Parameters:
    ///   - task: Its name.
    ///   - inputs: JSON.
    ///   - more: Further parameters of the action, as JSON behind a comma.
    /// - Returns: What the action answers.
    /// - Throws: An error when it refuses.
    @discardableResult
    func enqueue(_ task: String, _ inputs: String = "{}", _ more: String = "") async throws -> Enqueued {
        let response = try await post("enqueue", #"{"task":"\#(task)","inputs":\#(inputs)\#(more)}"#)
        try #require(response.status == 200, "\(response.text)")
        return try response.decoded(Enqueued.self)
    }

    func post(_ action: String, _ body: String) async throws -> HTTPResponse {
        try await hero.request(
            "/api/\(action)", method: "POST", headers: [("Content-Type", "application/json")], body: body)
    }

    func details() async throws -> Details { try await hero.request("/api/details").decoded(Details.self) }

    /// Asks until the job is over.
    func result(_ job: String?) async throws -> Outcome {
        let job = try #require(job)
        while true {
            let outcome = try await hero.request("/api/outcome?job=\(job)").decoded(Outcome.self)
            if !["waiting", "running"].contains(outcome.state) { return outcome }
            await Task.yield()
        }
    }

    /// Asks until something is so; each test has a limit of time.
    func details(until isSo: (Details) -> Bool) async throws -> Details {
        while true {
            let details = try await details()
            if isSo(details) { return details }
            await Task.yield()
        }
    }

    /// Lines that jobs have written.
    var journal: [String] {
        ((try? project.read("journal")) ?? "").split(separator: "\n").map(String.init)
    }

    /// Reads the journal until something is so.
    @discardableResult
    func journal(until isSo: ([String]) -> Bool) async throws -> [String] {
        while true {
            let lines = journal
            if isSo(lines) { return lines }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Lets jobs go on that wait for it.
    func go() throws { try project.write("", to: "go") }
}
