// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("hero with a Redis of its configuration", .timeLimit(.minutes(10)))
struct RedisModesTests {
    @Test("with TLS whose authority nobody trusts gets no connection")
    func untrusted() async throws {
        let authority = try await CertificateAuthority()
        let server = try await RedisServer(
            .tls(try await authority.issue("localhost"), authority: authority.certificate, asksForCertificates: false))
        let refused = try await RedisDoctorTests.doctor(
            "  url: rediss://localhost:\(server.port)\n  timeouts:\n    command: 500")
        #expect(refused.code == 1)
        #expect(refused.output.contains("see redis.tls in config/redis.yml"), "\(refused.output)")
        #expect(refused.output.contains("TLS: on, certificates are checked"))
        let unchecked = try await RedisDoctorTests.doctor(
            "  url: rediss://localhost:\(server.port)\n  tls:\n    verify: false")
        #expect(unchecked.code == 0, "\(unchecked.output)\(unchecked.error)")
        #expect(unchecked.output.contains("warning client, subscriber, tasks: TLS: on, certificates are not checked"))
    }

    @Test("has the name that its certificate is for when the configuration says so")
    func serverName() async throws {
        let authority = try await CertificateAuthority()
        let server = try await RedisServer(
            .tls(
                try await authority.issue("redis.example"), authority: authority.certificate, asksForCertificates: false
            ))
        let text = "  url: rediss://127.0.0.1:\(server.port)\n  tls:\n    ca: \(authority.certificate)"
        #expect(try await RedisDoctorTests.doctor(text + "\n  timeouts:\n    command: 500").code == 1)
        let done = try await RedisDoctorTests.doctor(text + "\n    serverName: redis.example")
        #expect(done.code == 0, "\(done.output)\(done.error)")
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

    @Test("that says nothing keeps the process neither from starting nor from its end, however patient commands are")
    func silent() async throws {
        let server = try await RedisServer()
        server.send(SIGSTOP)
        defer { server.send(SIGCONT) }
        let timeouts = "  timeouts:\n    connect: 600000\n    command: 600000"
        let one = try await RedisHero.start(
            try await RedisBundles.project("  url: redis://127.0.0.1:\(server.port)\n\(timeouts)"))
        let response = try await one.hero.request("/health/ready")
        #expect(response.status == 503 && response.text.contains("no connection to Redis yet"), "\(response.text)")
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
