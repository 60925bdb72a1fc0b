// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a cluster of workers and Redis", .timeLimit(.minutes(10)))
struct RedisClusterOfWorkersTests {
    private static let redis = ["REDIS_ENABLED": "true", "LOG_LEVEL": "debug"]

    @Test("two workers share cache and calls over the embedded Redis, which the master runs and stops last")
    func share() async throws {
        let project = try await RedisBundles.project()
        let cluster = try await RunningCluster.start(workers: 2, project: project, environment: Self.redis)
        let server = try RedisHero.server(of: cluster.master)
        #expect(try await cluster.request("/api/keep?key=a&value=1").status == 200)
        var seen: Set<Int32> = []
        while seen.count < 2 {
            let answer = try await cluster.request("/api/recall?key=a").decoded(RedisHero.Answer.self)
            #expect(answer.value == "1")
            seen.insert(answer.pid)
        }
        // Each member writes what it has heard.
        let told = try await cluster.request("/api/tell?text=news").text
        #expect(told.contains("\"members\": 2") || told.contains("\"members\":2"), "\(told)")
        for number in 1...2 {
            while try await cluster.request("/api/recall?key=heard-actionhero-worker-\(number)").status != 200 {}
        }
        #expect(try await cluster.stop() == 0)
        #expect(!ProcessTable.isAlive(server))
    }

    @Test("a stream of events is written to by each worker, whichever of them holds it")
    func streams() async throws {
        let project = try await RedisBundles.project()
        let cluster = try await RunningCluster.start(workers: 2, project: project, environment: Self.redis)
        let connection = try HTTPConnection(port: cluster.port)
        connection.leavesByReset()
        try await connection.send("GET /api/subscribe HTTP/1.1\r\nHost: localhost\r\n\r\n")
        var text = ""
        while !text.contains("\r\n\r\n") {
            text += String(decoding: try await connection.read(atLeast: 1), as: UTF8.self)
        }
        let fields = text.components(separatedBy: "\r\n").reduce(into: [String: String]()) { fields, line in
            let parts = line.components(separatedBy: ": ")
            if parts.count == 2 { fields[parts[0].lowercased()] = parts[1] }
        }
        let (id, holder) = (
            try #require(fields["x-connection"]), try #require(fields["x-process"].flatMap { Int32($0) })
        )
        struct Sender: Decodable { let pid: Int32 }
        var senders: Set<Int32> = []
        while senders.count < 2 {
            let answer = try await cluster.request("/api/notify?id=\(id)")
            try #require(answer.status == 200, "\(answer.text)")
            senders.insert(try answer.decoded(Sender.self).pid)
        }
        #expect(senders.contains(holder))
        for sender in senders {
            while !text.contains("data: {\"from\":\(sender)}\n\n") {
                text += String(decoding: try await connection.read(atLeast: 1), as: UTF8.self)
            }
        }
        #expect(try await cluster.stop() == 0)
    }

    @Test("workers whose master is killed have the embedded Redis until they have finished, and then it ends")
    func outlivesMaster() async throws {
        let project = try await RedisBundles.project()
        let cluster = try await RunningCluster.start(workers: 2, project: project, environment: Self.redis)
        // The server that a worker gets to know later is no other to it.
        let mark = cluster.mark
        kill(try RedisHero.server(of: cluster.master), SIGKILL)
        try await cluster.master.line(containing: "redis-server started with pid", after: mark)
        let server = try RedisHero.server(of: cluster.master)
        let workers = try await cluster.workers
        let connection = try HTTPConnection(port: cluster.port)
        try await connection.send("GET /api/linger HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while try await cluster.request("/api/recall?key=begun").status != 200 {}
        cluster.master.send(SIGKILL)
        try await cluster.master.exitCode()
        try project.write("", to: "go")
        let response = try await connection.response()
        #expect(response.status == 200, "\(response.text)")
        for worker in workers { try await ProcessTable.waitForEnd(of: worker) }
        try await ProcessTable.waitForEnd(of: server)
        let next = try await RunningCluster.start(
            workers: 1, project: project, port: cluster.port, environment: Self.redis)
        #expect(try await next.request("/api/recall?key=lingered").decoded(RedisHero.Answer.self).value == "199")
        #expect(try await next.stop() == 0)
    }

    @Test("a deploy and a new executable leave the embedded Redis running")
    func survives() async throws {
        let project = try await RedisBundles.project()
        let cluster = try await RunningCluster.start(workers: 1, project: project, environment: Self.redis)
        let server = try RedisHero.server(of: cluster.master)
        #expect(try await cluster.request("/api/keep?key=a&value=1").status == 200)
        try await cluster.deploy()
        let upgraded = try await cluster.command("upgrade")
        #expect(upgraded.code == 0, "\(upgraded.error)")
        #expect(try await cluster.request("/api/recall?key=a").decoded(RedisHero.Answer.self).value == "1")
        #expect(ProcessTable.isAlive(server))
        let mark = cluster.mark
        kill(server, SIGKILL)
        try await cluster.master.line(containing: "redis-server started with pid", after: mark)
        #expect(try await cluster.request("/api/recall?key=a").decoded(RedisHero.Answer.self).value == "1")
        #expect(try await cluster.stop() == 0)
    }

    @Test("without Redis says at the start what its workers do not share")
    func without() async throws {
        let project = try await RedisBundles.project()
        let cluster = try await RunningCluster.start(
            workers: 1, project: project, environment: ["LOG_LEVEL": "notice", "ACTIONHERO_ENV": "development"])
        try await cluster.master.line(containing: "redis.enabled is false: each worker has a cache of its own")
        let answer = try await cluster.request("/api/keep?key=a&value=1")
        #expect(answer.status == 200)
        try await cluster.stop()
    }
}
