// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("hero redis doctor", .timeLimit(.minutes(10)))
struct RedisDoctorTests {
    static func doctor(
        _ configuration: String, _ words: String..., files: [String: String] = [:]
    ) async throws -> Finished {
        let project = try TestProject(files.merging(["config/redis.yml": "default:\n\(configuration)\n"]) { $1 })
        return try await Program.run(
            Stage.hero, ["redis", "doctor"] + words, directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "REDIS_ENABLED": "true"])
    }

    @Test("doctor finds the embedded server of a running project healthy")
    func healthy() async throws {
        let project = try TestProject(["config/redis.yml": "default:\n  mode: embedded\n"])
        let hero = try await project.start(environment: ["REDIS_ENABLED": "true"])
        let done = try await project.hero("redis", "doctor", environment: ["REDIS_ENABLED": "true"])
        try await hero.stop()
        #expect(done.code == 0, "\(done.output)\(done.error)")
        for text in [
            "reachable", "version", "append-only file: on", "maxmemory-policy: noeviction", "runs scripts: yes",
        ] {
            #expect(done.output.contains(text), "\(text)")
        }
        #expect(!done.output.contains("error"))
    }

    struct Finding: Decodable {
        let level: String
        let subject: String
        let check: String
        let found: String
        let remedy: String?
    }

    private func findings(_ server: RedisServer) async throws -> (code: Int32, all: [String: Finding]) {
        let done = try await Self.doctor("  url: redis://127.0.0.1:\(server.port)", "--json")
        let findings = try JSONDecoder().decode([Finding].self, from: Data(done.output.utf8))
        return (done.code, Dictionary(findings.map { ($0.check, $0) }) { first, _ in first })
    }

    @Test("doctor finds locks that never expire, and names one")
    func locks() async throws {
        let server = try await RedisServer()
        try await server.cli("SET", "actionhero:lock:good", "x", "EX", "1000")
        #expect(try await findings(server).all["locks"]?.found == "1, all of them expire")
        try await server.cli("SET", "actionhero:lock:left", "node-a")
        let (code, all) = try await findings(server)
        #expect(code == 0)
        let finding = try #require(all["locks"])
        #expect(finding.level == "warning" && finding.found == "1 of 2 never expire")
        #expect(finding.remedy?.hasSuffix("DEL actionhero:lock:left") == true)
    }

    @Test("doctor sees jobs that nobody takes")
    func jobs() async throws {
        let server = try await RedisServer()
        let healthy = try await findings(server).all
        for check in ["queues", "failed jobs", "expired leases", "dead jobs"] {
            #expect(healthy[check]?.level == "ok", "\(check): \(healthy[check]?.found ?? "-")")
        }
        #expect(healthy["delayed jobs"] == nil)
        try await server.cli("SADD", "resque:queues", "a")
        try await server.cli("RPUSH", "resque:queue:a", "1", "2")
        try await server.cli("RPUSH", "resque:failed", "{}")
        try await server.cli("ZADD", "resque:delayed_queue_schedule", "1700000000", "1700000000")
        try await server.cli("ZADD", "resque:leases", "1700000000000", "node-a:1+1~x~1")
        try await server.cli("ZADD", "resque:dead", "1700000000000", "node-a:1+1~x~2")
        let (code, all) = try await findings(server)
        #expect(code == 0)
        #expect(all["queues"]?.found == "1 with 2 jobs")
        for check in ["failed jobs", "delayed jobs", "expired leases", "dead jobs"] {
            #expect(all[check]?.level == "warning", "\(check)")
            #expect(all[check]?.remedy?.isEmpty == false)
        }
    }

    @Test(
        "doctor says what is wrong and what to change",
        arguments: [
            (["maxmemory-policy allkeys-lru", "maxmemory 100mb"], "maxmemory-policy", "error"),
            (["appendonly no"], "append-only file", "warning"),
            (["user default on nopass ~* &* +@all -eval -evalsha"], "runs scripts", "error"),
            (["user default on nopass ~* resetchannels +@all"], "subscribes and publishes", "error"),
            (["maxmemory 1000", "maxmemory-policy noeviction"], "writes cache entries", "error"),
        ])
    func broken(settings: [String], check: String, level: String) async throws {
        let server = try await RedisServer(settings: settings)
        let done = try await Self.doctor("  url: redis://127.0.0.1:\(server.port)", "--json")
        let findings = try JSONDecoder().decode([Finding].self, from: Data(done.output.utf8))
        let finding = try #require(findings.first { $0.check == check }, "\(done.output)\(done.error)")
        #expect(finding.level == level, "\(finding.found)")
        #expect(finding.remedy?.isEmpty == false)
        #expect(done.code == (level == "error" ? 1 : 0), "\(done.output)")
    }

    @Test("doctor looks at a server that cannot save any more: it answers, and refuses writes")
    func cannotSave() async throws {
        let server = try await RedisServer(settings: ["save 3600 1000", "dbfilename taken"])
        // A directory of that name keeps the snapshot from its place.
        try server.project.write("", to: "taken/file")
        try await server.cli("SET", "a", "1")
        try await server.cli("BGSAVE")
        try await RedisSentinelSet.poll {
            try await server.cli("INFO", "persistence").contains("rdb_last_bgsave_status:err")
        }
        let (code, all) = try await findings(server)
        #expect(code == 1)
        #expect(all["reachable"]?.level == "ok" && all["last snapshot"]?.level == "warning")
        let finding = try #require(all["writes cache entries"])
        #expect(finding.level == "error" && finding.found.hasPrefix("MISCONF"))
        #expect(finding.remedy?.contains("its disk") == true)
    }

    @Test("doctor notices that what is published does not reach the subscriber")
    func elsewhere() async throws {
        let (one, two) = (try await RedisServer(), try await RedisServer())
        let done = try await Self.doctor(
            "  url: redis://127.0.0.1:\(one.port)\n  subscriber:\n    url: redis://127.0.0.1:\(two.port)\n"
                + "  timeouts:\n    command: 2000")
        #expect(done.code == 1, "\(done.output)\(done.error)")
        #expect(done.output.contains("what `client` publishes does not reach `subscriber`"), "\(done.output)")
        #expect(done.output.contains("have to lead to the same server"))
    }

    @Test("doctor looks at every primary of a cluster")
    func everyPrimary() async throws {
        let cluster = try await RedisCluster()
        try await cluster.nodes[1].cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        let done = try await Self.doctor("  cluster:\n    nodes: [127.0.0.1:\(cluster.nodes[0].port)]", "--json")
        let findings = try JSONDecoder().decode([Finding].self, from: Data(done.output.utf8))
        let policies = findings.filter { $0.check == "maxmemory-policy" }
        #expect(policies.count == 3, "\(done.output)\(done.error)")
        let bad = policies.filter { $0.level == "error" }
        #expect(bad.map(\.subject) == ["client, subscriber, tasks at 127.0.0.1:\(cluster.nodes[1].port)"])
        #expect(done.code == 1)
    }

    @Test(
        "doctor says which key is wrong",
        arguments: [
            ("url: redis://127.0.0.1:PORT/99", "correct redis.db"),
            ("cluster:\n    nodes: [127.0.0.1:PORT]", "this server is no cluster"),
            ("sentinel:\n    nodes: [127.0.0.1:PORT]", "this server is no sentinel"),
            ("sentinel:\n    nodes: [127.0.0.1:1]", "start the sentinel, or correct redis.sentinel.nodes"),
        ])
    func wrongKey(text: String, remedy: String) async throws {
        let server = try await RedisServer()
        let place = text.replacingOccurrences(of: "PORT", with: "\(server.port)")
        let done = try await Self.doctor("  \(place)\n  timeouts:\n    command: 3000")
        #expect(done.code == 1)
        #expect(done.output.contains(remedy), "\(done.output)\(done.error)")
    }

    @Test("doctor of a server that is not there ends with an error")
    func away() async throws {
        let done = try await Self.doctor("  url: redis://127.0.0.1:1\n  timeouts:\n    command: 300")
        #expect(done.code == 1)
        #expect(done.output.contains("start the server, or correct redis.url"))
    }
}
