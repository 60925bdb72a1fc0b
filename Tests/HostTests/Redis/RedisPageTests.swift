// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the examples of docs/redis.md, with real servers in place of those they name", .timeLimit(.minutes(10)))
struct RedisPageTests {
    /// A block as it stands on the page; only addresses are replaced.
    private struct Example {
        let text: String
        /// Whether it is environment rather than a file.
        let isEnvironment: Bool

        init(
            _ title: String, _ language: String, number position: Int = 0, at addresses: [String: String] = [:]
        ) throws {
            let blocks = try DocumentPage("redis.md").blocks(language, below: title)
            try #require(blocks.indices.contains(position), "\(title) has no block \(position) of \(language)")
            var text = blocks[position]
            for (name, address) in addresses {
                try #require(text.contains(name), "the example does not name \(name)")
                text = text.replacing(name, with: address)
            }
            (self.text, isEnvironment) = (text, language == "text")
        }

        var environment: [String: String] {
            guard isEnvironment else { return [:] }
            let pairs = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            return Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
        }
    }

    /// Cache, calls and readiness of a process; `hero redis doctor` for all roles.
    private func run(
        _ example: Example, files: [String: String] = [:], tasks: Example? = nil, doctorSays findings: String...
    ) async throws {
        let project = try await RedisBundles.project()
        for (source, path) in files { try project.copy(source, to: path) }
        if !example.isEnvironment { try project.write(example.text, to: "config/redis.yml") }
        if let tasks { try project.write(tasks.text, to: "config/tasks.yml") }
        let one = try await RedisHero.start(project, example.environment)
        let kept = try await one.keep("a", "1")
        #expect(kept.status == 200, "\(kept.text)")
        #expect(try await one.recall("a") == "1")
        let told = try await one.hero.request("/api/tell?text=news")
        #expect(told.status == 200, "\(told.text)")
        while try await one.recall("heard-one") != "news" {}
        #expect(try await one.hero.request("/health/ready").status == 200)
        #expect(!project.exists("data"))
        #expect(try await one.hero.stop() == 0)
        let doctor = try await project.hero(
            "redis", "doctor", environment: ["REDIS_ENABLED": "true"].merging(example.environment) { $1 })
        #expect(doctor.code == 0, "\(doctor.output)\(doctor.error)")
        for finding in findings { #expect(doctor.output.contains(finding), "\(finding)\n\(doctor.output)") }
    }

    @Test("none is missing here")
    func areAllRun() throws {
        let page = try DocumentPage("redis.md")
        let sections = [
            ("Without Redis", 1, 0), ("A server elsewhere", 1, 3), ("Sentinel", 1, 1), ("Cluster", 2, 1),
            ("Roles", 2, 0),
        ]
        for (title, files, environments) in sections {
            #expect(try page.blocks("yaml", below: title).count == files, "\(title)")
            #expect(try page.blocks("text", below: title).count == environments, "\(title)")
        }
        let all =
            page.text.components(separatedBy: "\n```yaml\n").count
            + page.text.components(separatedBy: "\n```text\n").count
        #expect(all - 2 == sections.reduce(0) { $0 + $1.1 + $1.2 })
        let variables = try Stage.text("config/redis.yml").matches(of: /\$\{(REDIS_\w+)/).map { String($0.1) }
        for variable in variables where !["REDIS_ENABLED", "REDIS_MODE"].contains(variable) {
            #expect(page.text.contains("\n\(variable)="), "no example has \(variable)")
        }
    }

    @Test("without Redis each process has a cache of its own")
    func without() async throws {
        // Started without a variable that would say the contrary.
        let example = try Example("Without Redis", "yaml")
        let project = try await RedisBundles.project()
        try project.write(example.text, to: "config/redis.yml")
        let hero = try await project.start(environment: ["ACTIONHERO_TITLE": "one"])
        #expect(try await hero.request("/api/keep?key=a&value=1").status == 200)
        let answer = try await hero.request("/api/recall?key=a").decoded(RedisHero.Answer.self)
        #expect(answer.value == "1" && !answer.hasRedis)
        #expect(try await hero.stop() == 0)
    }

    // MARK: A server

    @Test("a URL with password and database")
    func url() async throws {
        let server = try await RedisServer(password: "secret")
        try await run(
            Example("A server elsewhere", "text", number: 0, at: ["redis.example:6379": "127.0.0.1:\(server.port)"]),
            doctorSays: "client, subscriber, tasks: reachable")
        let keys = try await server.cli("-a", "secret", "--no-auth-warning", "-n", "3", "KEYS", "*")
        #expect(keys.contains("actionhero:cache:a"))
    }

    @Test("a URL of a socket")
    func socket() async throws {
        let server = try await RedisServer(.socket)
        try await run(
            Example("A server elsewhere", "text", number: 1, at: ["/run/redis/redis.sock": server.socketPath]),
            doctorSays: "client, subscriber, tasks: reachable")
        #expect(try await server.cli("-n", "1", "KEYS", "*").contains("actionhero:cache:a"))
    }

    @Test(
        "TLS with an authority and a certificate of one's own, as environment and as a file",
        arguments: ["text", "yaml"])
    func tls(_ language: String) async throws {
        let authority = try await CertificateAuthority()
        let (ours, theirs) = (try await authority.issue("hero"), try await authority.issue("localhost"))
        let server = try await RedisServer(
            .tls(theirs, authority: authority.certificate, asksForCertificates: true),
            settings: ["user hero on >secret ~* &* +@all", "user default off"])
        try await run(
            Example(
                "A server elsewhere", language, number: language == "text" ? 2 : 0,
                at: ["redis.example": "localhost", "6380": "\(server.port)"]),
            files: [
                authority.certificate: "config/redis-ca.pem", ours.certificate: "config/redis-cert.pem",
                ours.key: "config/redis-key.pem",
            ], doctorSays: "client, subscriber, tasks: reachable")
        let keys = try await server.cli("--user", "hero", "-a", "secret", "--no-auth-warning", "-n", "2", "KEYS", "*")
        #expect(keys.contains("actionhero:cache:a"))
    }

    // MARK: Several servers

    private func sentinels() async throws -> RedisSentinelSet {
        try await RedisSentinelSet(
            name: "mymaster", password: "of the servers", sentinelPassword: "of the sentinels")
    }

    private func addresses(_ servers: [RedisServer], _ names: String) -> [String: String] {
        let pairs = servers.enumerated().map { number, server in
            (names.replacing("N", with: "\(number + 1)"), "127.0.0.1:\(server.port)")
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    @Test("a primary that sentinels watch, with passwords of both kinds, as a file and as environment")
    func sentinel() async throws {
        let set = try await sentinels()
        let addresses = addresses(set.sentinels, "10.0.0.N:26379")
        for language in ["yaml", "text"] {
            try await run(
                Example("Sentinel", language, at: addresses), doctorSays: "client, subscriber, tasks: reachable",
                "quorum: OK 3 usable Sentinels", "min-replicas-to-write: 0",
                "CONFIG SET min-replicas-to-write 1")
        }
    }

    @Test("a cluster, as a file and as environment; jobs with sentinels beside it")
    func cluster() async throws {
        async let watched = sentinels()
        let cluster = try await RedisCluster()
        let addresses = addresses(Array(cluster.nodes.prefix(2)), "10.0.0.N:6379")
        for language in ["yaml", "text"] {
            try await run(
                Example("Cluster", language, at: addresses), tasks: Example("Cluster", "yaml", number: 1),
                doctorSays: "client, subscriber, tasks: reachable", "slots served: 16384 of 16384",
                "tasks.namespace: {resque}")
        }
        let untagged = try await RedisDoctorTests.doctor(
            "  cluster:\n    nodes: [\(cluster.nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ", "))]")
        #expect(untagged.code == 1)
        #expect(untagged.output.contains(#"set tasks.namespace to "{resque}""#), "\(untagged.output)")
        let others = self.addresses(try await watched.sentinels, "10.0.1.N:26379")
        try await run(
            Example("Roles", "yaml", number: 1, at: addresses.merging(others) { $1 }),
            doctorSays: "client, subscriber: reachable",
            "tasks: reachable", "slots served: 16384 of 16384", "quorum: OK 3 usable Sentinels")
    }

    @Test("a cache on one server and jobs on another")
    func split() async throws {
        let (cache, jobs) = (try await RedisServer(), try await RedisServer())
        try await run(
            Example(
                "Roles", "yaml",
                at: ["cache.example": "127.0.0.1:\(cache.port)", "jobs.example": "127.0.0.1:\(jobs.port)"]),
            doctorSays: "client, subscriber: reachable", "tasks: reachable")
        #expect(try await cache.cli("KEYS", "*").contains("actionhero:cache:a"))
        #expect(try await jobs.cli("KEYS", "*") == "")
    }
}
