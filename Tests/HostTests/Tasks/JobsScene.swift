// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// A project beside a server that has jobs; no process of the project runs.
struct JobsScene {
    let server: RedisServer
    let project: TestProject

    init() async throws {
        server = try await RedisServer()
        project = try TestProject(["config/redis.yml": "default:\n  url: redis://127.0.0.1:\(server.port)\n"])
    }

    func tasks(_ words: String...) async throws -> Finished {
        try await project.hero(["tasks"] + words, environment: ["REDIS_ENABLED": "true"])
    }

    func json<Value: Decodable>(_ type: Value.Type, _ words: String...) async throws -> Value {
        let done = try await project.hero(["tasks"] + words + ["--json"], environment: ["REDIS_ENABLED": "true"])
        try #require(done.code == 0, "\(done.output)\(done.error)")
        return try JSONDecoder().decode(type, from: Data(done.output.utf8))
    }

    static func job(_ task: String, _ queue: String = "default", _ inputs: String = "{}") -> String {
        #"{"class":"\#(task)","queue":"\#(queue)","args":[\#(inputs)]}"#
    }

    func enqueue(_ task: String, _ queue: String = "default", _ inputs: String = "{}") async throws {
        try await server.cli("SADD", "resque:queues", queue)
        try await server.cli("RPUSH", "resque:queue:\(queue)", Self.job(task, queue, inputs))
    }

    /// As node-resque writes it.
    static func entry(_ task: String, _ error: String = "no way") -> String {
        #"{"worker":"w:1+1","queue":"default","payload":\#(job(task)),"exception":"Error","error":"\#(error)","#
            + #""backtrace":null,"failed_at":"2026-01-01T00:00:00.000Z"}"#
    }

    func fail(_ task: String, _ error: String = "no way") async throws {
        try await server.cli("RPUSH", "resque:failed", Self.entry(task, error))
    }

    func list(_ key: String) async throws -> [String] {
        try await server.cli("LRANGE", key, "0", "-1").split(separator: "\n").map(String.init)
    }
}

/// What `hero tasks --json` prints.
struct ShownJobs: Decodable {
    struct Scheduler: Decodable {
        let leader: String?
        let lagMilliseconds: Int
    }
    struct Rates: Decodable {
        let processed: Double
        let failedRuns: Double
    }
    struct Waiting: Decodable {
        let count: Int
        let next: Int?
    }
    struct Queue: Decodable {
        let name: String
        let length: Int
        let isPaused: Bool
        let ageMilliseconds: Int?
    }
    struct Job: Decodable {
        let task: String?
        let queue: String
        let began: Int?
    }
    struct Worker: Decodable {
        let name: String
        let queues: String
        let job: Job?
        let pinged: Int?
    }
    struct Process: Decodable {
        let name: String
        let state: String
        let held: Int
        let leaseEnds: Int?
    }

    let time: Int
    let scheduler: Scheduler
    let processed: Int
    let failedRuns: Int
    let perSecond: Rates?
    let failed: Int
    let dead: Int
    let retries: Waiting
    let delayed: Waiting
    let isPaused: Bool
    let queues: [Queue]
    let workers: [Worker]
    let processes: [Process]
}
