// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("connections while workers come and go")
struct DrainTests {
    private func begin(_ cluster: RunningCluster, _ request: String) async throws -> HTTPConnection {
        let connection = try HTTPConnection(port: cluster.port)
        try await connection.send(request)
        return connection
    }

    private static func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n" }

    @Test("64 connections opened at once are spread over 4 workers: none has more than twice its share")
    func spreadAtOnce() async throws {
        let cluster = try await RunningCluster.start(workers: 4)
        let connections = try (0..<64).map { _ in try HTTPConnection(port: cluster.port) }
        for connection in connections { try await connection.send(Self.get("/api/version")) }
        var counts: [Int32: Int] = [:]
        for connection in connections {
            counts[try await connection.response().decoded(RunningCluster.Answer.self).pid, default: 0] += 1
        }
        #expect(counts.count == 4 && counts.values.allSatisfy { $0 <= 32 }, "\(counts)")
        #expect(try await cluster.stop() == 0)
    }

    @Test("so are 64 connections opened one after the other")
    func spreadInTurn() async throws {
        let cluster = try await RunningCluster.start(workers: 4)
        var connections: [HTTPConnection] = []
        var counts: [Int32: Int] = [:]
        for _ in 0..<64 {
            let connection = try await begin(cluster, Self.get("/api/version"))
            counts[try await connection.response().decoded(RunningCluster.Answer.self).pid, default: 0] += 1
            connections.append(connection)
        }
        #expect(counts.count == 4 && counts.values.allSatisfy { $0 <= 32 }, "\(counts)")
        withExtendedLifetime(connections) {}
        #expect(try await cluster.stop() == 0)
    }

    @Test("a download and an upload that are under way finish during a deploy, and their connections then end")
    func transfers() async throws {
        let cluster = try await RunningCluster.start(
            workers: 2, environment: ["ACTIONHERO_SHUTDOWN_TIMEOUT": "60000"])
        let download = try await begin(cluster, Self.get("/api/download?count=40&pause=25"))
        let body = "{\"text\":\"\(String(repeating: "x", count: 100_000))\"}"
        let head = "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        let upload = try await begin(cluster, head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body.prefix(1000))
        // A whole answer on a later connection: both workers have taken what came before.
        _ = try await cluster.request("/api/version")
        let old = try await cluster.workers
        try await cluster.putVersion(1)
        let mark = cluster.mark
        cluster.master.send(SIGUSR2)
        try await cluster.status { status in
            status.workers.filter { !old.contains($0.pid) && $0.state == "serving" }.count == 2
        }
        #expect(try await cluster.version() == ClusterBundles.variant(1))
        try await upload.send(String(body.dropFirst(1000)))
        let echo = try await upload.response()
        #expect(try old.contains(echo.decoded(RunningCluster.Answer.self).pid))
        #expect(echo["Connection"] == "close")
        #expect(try await upload.readToEnd().isEmpty)
        #expect(try await download.response().text.hasSuffix("chunk 39\n"))
        #expect(try await download.readToEnd().isEmpty)
        try await cluster.equilibrium(after: mark)
        #expect(try await cluster.stop() == 0)
    }

    @Test("an idle connection stays usable for one more request, whose answer announces the end")
    func idleConnection() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        let connection = try await begin(cluster, Self.get("/api/version"))
        let old = try await connection.response().decoded(RunningCluster.Answer.self).pid
        cluster.master.send(SIGUSR2)
        try await cluster.status { status in status.workers.contains { $0.pid != old && $0.state == "serving" } }
        try await cluster.status { status in status.workers.allSatisfy { $0.pid != old || $0.state == "stopping" } }
        // The order to stop has been given, but may still be on its way.
        var last = HTTPResponse?.none
        while last?["Connection"] != "close" {
            try await connection.send(Self.get("/api/version"))
            last = try await connection.response()
            #expect(try last?.decoded(RunningCluster.Answer.self).pid == old)
        }
        #expect(try await connection.readToEnd().isEmpty)
        try await ProcessTable.waitForEnd(of: old)
        #expect(try await cluster.stop() == 0)
    }

    @Test("what takes longer than the stop timeout is cut off, and the log says so")
    func cutOff() async throws {
        let cluster = try await RunningCluster.start(
            workers: 1, environment: ["ACTIONHERO_SHUTDOWN_TIMEOUT": "300"])
        let download = try await begin(cluster, Self.get("/api/download?count=100000&pause=20"))
        _ = try await cluster.request("/api/version")
        let mark = cluster.mark
        cluster.master.send(SIGUSR2)
        try await cluster.equilibrium(after: mark)
        let bytes = try await download.readToEnd()
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("chunk 0\n") && !text.hasSuffix("0\r\n\r\n"))
        let log = try cluster.project.read("log/actionhero-worker-1-test.log")
        #expect(log.contains("connections were cut off because stopping took too long"))
        #expect(try await cluster.stop() == 0)
    }

    @Test("a worker whose action does not end names the limit that it had, and ends by itself")
    func namesLimit() async throws {
        let cluster = try await RunningCluster.start(
            workers: 1, environment: ["ACTIONHERO_SHUTDOWN_TIMEOUT": "300", "LOG_LEVEL": "info"])
        let connection = try await begin(cluster, Self.get("/api/endless"))
        // The only worker takes what comes in its order.
        _ = try await cluster.version()
        let mark = cluster.mark
        #expect(try await cluster.stop() == 0)
        #expect(try await connection.readToEnd().isEmpty)
        let lines = cluster.master.lines.dropFirst(mark)
        #expect(lines.contains { $0.contains("Process did not terminate within 300ms. Stopping now!") }, "\(lines)")
        #expect(!lines.contains { $0.contains("is killed") })
        let log = try cluster.project.read("log/actionhero-worker-1-test.log")
        #expect(log.contains(#""limitMilliseconds":300,"running":["endless@1"]"#))
    }

    @Test("a blocked event loop is asked for a backtrace that names the action, and the worker is replaced")
    func heartbeat() async throws {
        let cluster = try await RunningCluster.start(
            workers: 2, settings: ["cluster.heartbeat.interval=100", "cluster.heartbeat.timeout=3000"])
        let connection = try await begin(cluster, Self.get("/api/block"))
        let line = try await cluster.master.line(containing: "has not answered for")
        #expect(line.contains("[worker #") && line.contains("something blocks its event loop"))
        try await cluster.master.line(containing: "actions in flight: block@1")
        let lines = cluster.master.lines.filter { $0.contains("[worker #") }
        #expect(lines.contains { $0.contains("waitForEver") }, "\(lines)")
        #expect(try await connection.readToEnd().isEmpty)
        let status = try await cluster.status { $0.workers.filter { $0.state == "serving" }.count == 2 }
        #expect(status.workers.count == 2)
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        #expect(try await cluster.stop() == 0)
    }
}
