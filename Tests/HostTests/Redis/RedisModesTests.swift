// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("hero with a Redis of its configuration", .timeLimit(.minutes(3)))
struct RedisModesTests {
    private func roundTrip(_ project: TestProject, _ environment: [String: String] = [:]) async throws {
        let one = try await RedisHero.start(project, environment)
        let kept = try await one.keep("a", "1")
        #expect(kept.status == 200, "\(kept.text)")
        #expect(try await one.recall("a") == "1")
        let told = try await one.hero.request("/api/tell?text=news")
        #expect(told.status == 200, "\(told.text)")
        while try await one.recall("heard-one") != "news" {}
        #expect(try await one.hero.request("/health/ready").status == 200)
        #expect(!project.exists("data"))
        #expect(try await one.hero.stop() == 0)
    }

    @Test("a server named by REDIS_URL with a password")
    func url() async throws {
        let server = try await RedisServer(password: "s3cret")
        try await roundTrip(
            try await RedisBundles.project(), ["REDIS_URL": "redis://:s3cret@127.0.0.1:\(server.port)/3"])
        let keys = try await server.cli("-a", "s3cret", "--no-auth-warning", "-n", "3", "KEYS", "*")
        #expect(keys.contains("actionhero:cache:a"))
    }

    @Test("a primary that sentinels watch")
    func sentinel() async throws {
        let set = try await RedisSentinelSet(password: "s3cret")
        let nodes = set.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ", ")
        try await roundTrip(
            try await RedisBundles.project(
                """
                  password: s3cret
                  sentinel:
                    nodes: [\(nodes)]
                    name: main
                    password: s3cret
                """))
        let doctor = try await RedisDoctorTests.doctor(
            "  password: s3cret\n  sentinel:\n    nodes: [\(nodes)]\n    name: main\n    password: s3cret")
        #expect(doctor.code == 0, "\(doctor.output)\(doctor.error)")
        #expect(doctor.output.contains("quorum: OK 3 usable Sentinels"))
        #expect(doctor.output.contains("min-replicas-to-write: 0"), "\(doctor.output)")
        #expect(doctor.output.contains("CONFIG SET min-replicas-to-write 1"))
    }

    private static let taggedNamespace = "default:\n  namespace: \"{resque}\"\n"

    @Test("a Redis Cluster")
    func cluster() async throws {
        let cluster = try await RedisCluster()
        let nodes = cluster.nodes.prefix(2).map { "127.0.0.1:\($0.port)" }.joined(separator: ", ")
        try await roundTrip(try await RedisBundles.project("  cluster:\n    nodes: [\(nodes)]"))
        let text = "  cluster:\n    nodes: [\(nodes)]"
        let doctor = try await RedisDoctorTests.doctor(text, files: ["config/tasks.yml": Self.taggedNamespace])
        #expect(doctor.code == 0, "\(doctor.output)\(doctor.error)")
        #expect(doctor.output.contains("slots served: 16384 of 16384"))
        #expect(doctor.output.contains("tasks.namespace: {resque}"))
        let untagged = try await RedisDoctorTests.doctor(text)
        #expect(untagged.code == 1)
        #expect(untagged.output.contains(#"set tasks.namespace to "{resque}""#), "\(untagged.output)")
    }

    @Test("a cache on one server and jobs on another")
    func split() async throws {
        let (cache, jobs) = (try await RedisServer(), try await RedisServer())
        let text = """
              url: redis://127.0.0.1:\(cache.port)
              tasks:
                url: redis://127.0.0.1:\(jobs.port)
            """
        try await roundTrip(try await RedisBundles.project(text))
        let doctor = try await RedisDoctorTests.doctor(text)
        #expect(doctor.output.contains("client, subscriber: reachable"))
        #expect(doctor.output.contains("tasks: reachable"))
        #expect(try await jobs.cli("KEYS", "*") == "")
    }

    @Test("TLS with an authority of one's own, and no connection without it")
    func tls() async throws {
        let authority = try await CertificateAuthority()
        let pair = try await authority.issue("redis.example")
        let server = try await RedisServer(
            .tls(pair, authority: authority.certificate, asksForCertificates: false))
        try await roundTrip(
            try await RedisBundles.project(
                "  url: rediss://127.0.0.1:\(server.port)\n  tls:\n    ca: \(authority.certificate)\n    serverName: redis.example"
            ))
        let refused = try await RedisDoctorTests.doctor(
            "  url: rediss://127.0.0.1:\(server.port)\n  timeouts:\n    command: 500")
        #expect(refused.code == 1)
        #expect(refused.output.contains("see redis.tls in config/redis.yml"), "\(refused.output)")
        #expect(refused.output.contains("TLS: on, certificates are checked"))
        let unchecked = try await RedisDoctorTests.doctor(
            "  url: rediss://127.0.0.1:\(server.port)\n  tls:\n    verify: false")
        #expect(unchecked.code == 0, "\(unchecked.output)\(unchecked.error)")
        #expect(unchecked.output.contains("warning client, subscriber, tasks: TLS: on, certificates are not checked"))
    }

    @Test("that is away makes the process not ready until it is back")
    func readiness() async throws {
        let server = try await RedisServer()
        let one = try await RedisHero.start(
            try await RedisBundles.project(), ["REDIS_URL": "redis://127.0.0.1:\(server.port)"])
        #expect(try await one.hero.request("/health/ready").status == 200)
        try await server.kill()
        try await one.hero.line(containing: "lost the connection to Redis")
        let response = try await one.hero.request("/health/ready")
        #expect(response.status == 503)
        #expect(response.text.contains("no connection to Redis"))
        #expect(try await one.hero.request("/health/live").status == 200)
        try await server.restart()
        while try await one.hero.request("/health/ready").status != 200 {}
        #expect(try await one.hero.stop() == 0)
    }

    // MARK: Configuration

    @Test(
        "what does not go together is refused with file and line",
        arguments: [
            ("  url: http://x", "redis.yml:2", "cannot be used"),
            ("  mode: embedded\n  host: 10.0.0.1", "redis.yml:3", "is for redis.mode standalone"),
            ("  mode: sentinel", "redis.sentinel.nodes", "must name at least one host:port"),
            ("  cluster:\n    nodes: [a:1]\n  db: 2", "redis.yml:4", "must be 0"),
            ("  host: h\n  user: me", "redis.yml:3", "needs a redis.password"),
            ("  url: rediss://h\n  tls:\n    ca: none.pem", "redis.yml:4", "none.pem"),
            ("  tasks:\n    url: nonsense", "redis.yml:2", "is no URL"),
        ])
    func misfits(text: String, place: String, reason: String) async throws {
        let project = try TestProject(["config/redis.yml": "default:\n\(text)\n"])
        let done = try await Program.run(
            Stage.hero, ["start"], directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "PORT": "0", "REDIS_ENABLED": "true"])
        #expect(done.code == 78, "\(done.error)")
        #expect(done.error.contains(place) && done.error.contains(reason), "\(done.error)")
    }
}
