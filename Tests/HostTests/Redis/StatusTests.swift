// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the action status and Redis", .timeLimit(.minutes(10)))
struct StatusTests {
    private struct Answer: Decodable {
        let resqueTotalQueueLength: Int?
        let nodeStatus: String
        let problems: [String]
        let jobs: Jobs?
    }

    private struct Jobs: Decodable {
        let oldestMilliseconds: Int?
        let lagMilliseconds: Int
        let stuckProcesses: Int
        let hasLeader: Bool
    }

    private static let project = Task {
        let project = try TestProject(["actions/status.swift": try Stage.text("actions/status.swift")])
        try await project.build()
        return project
    }

    private func status(_ hero: RunningHero) async throws -> Answer {
        let response = try await hero.request("/api/status")
        #expect(response.status == 200, "\(response.text)")
        return try response.decoded(Answer.self)
    }

    @Test("tells how many jobs wait in all queues, and that they are too many or cannot be counted")
    func queues() async throws {
        let (cache, jobs) = (try await RedisServer(), try await RedisServer())
        try await jobs.cli("SADD", "resque:queues", "high", "low", "empty")
        try await jobs.cli("RPUSH", "resque:queue:high", "a", "b")
        try await jobs.cli("RPUSH", "resque:queue:low", "c")
        let hero = try await Self.project.value.start(
            ["--set", #"redis.tasks={"url":"redis://127.0.0.1:\#(jobs.port)"}"#],
            environment: [
                "REDIS_ENABLED": "true", "REDIS_URL": "redis://127.0.0.1:\(cache.port)", "maxResqueQueueLength": "3",
            ])
        let good = try await status(hero)
        #expect(good.resqueTotalQueueLength == 3)
        #expect(good.nodeStatus == "Node Healthy" && good.problems.isEmpty, "\(good.problems)")
        try await jobs.cli("RPUSH", "resque:queue:low", "d")
        let long = try await status(hero)
        #expect(long.resqueTotalQueueLength == 4)
        #expect(long.nodeStatus == "Node Unhealthy" && long.problems == ["Resque Queues over 3 jobs"])
        try await jobs.kill()
        let away = try await status(hero)
        #expect(away.resqueTotalQueueLength == nil && away.nodeStatus == "Node Unhealthy")
        #expect(away.problems.first?.hasPrefix("Redis cannot be asked: ") == true)
        #expect(try await hero.stop() == 0)
    }

    @Test("tells how long jobs wait, what is late, and that processes have left jobs behind")
    func waiting() async throws {
        let server = try await RedisServer()
        let job = #"{"class":"a","queue":"q","args":[{}]}"#
        try await server.cli("SADD", "resque:queues", "q")
        try await server.cli("RPUSH", "resque:queue:q", job)
        let hero = try await Self.project.value.start(environment: [
            "REDIS_ENABLED": "true", "REDIS_URL": "redis://127.0.0.1:\(server.port)", "maxResqueJobAge": "60000",
        ])
        let unseen = try #require(try await status(hero).jobs)
        #expect(unseen.oldestMilliseconds == nil && unseen.lagMilliseconds == 0 && !unseen.hasLeader)
        // As the leader of the schedulers notes it.
        try await server.cli("HSET", "resque:ages", "q", "1700000000000 0 0 \(job.utf8.count):\(job)")
        try await server.cli("SET", "resque:resque_scheduler_leader_lock", "node-a:7")
        try await server.cli("ZADD", "resque:delayed_queue_schedule", "1700000000", "1700000000")
        try await server.cli("HSET", "resque:owners", "node-b:9~x", "{}")
        try await server.cli("HSET", "resque:held:node-b:9~x", "1", "1:q\(job)")
        let old = try await status(hero)
        #expect((old.jobs?.oldestMilliseconds ?? 0) > 60_000 && (old.jobs?.lagMilliseconds ?? 0) > 60_000)
        #expect(old.jobs?.hasLeader == true && old.jobs?.stuckProcesses == 1)
        #expect(old.problems == ["Resque Jobs wait for more than 60000 ms"])
        #expect(try await hero.stop() == 0)
    }

    @Test("knows of no jobs without Redis")
    func without() async throws {
        let done = try await Self.project.value.hero("action", "status")
        #expect(done.code == 0 && done.output.contains("\"resqueTotalQueueLength\": 0"), "\(done.output)\(done.error)")
    }
}
