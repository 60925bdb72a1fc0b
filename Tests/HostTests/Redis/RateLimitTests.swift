// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a rate limit of several processes", .timeLimit(.minutes(10)))
struct RateLimitTests {
    private struct Answer: Decodable {
        let pid: Int32
    }

    private static func remaining(_ response: HTTPResponse) -> Int? {
        let part = response["ratelimit"]?.split(separator: ";").first { $0.hasPrefix("r=") }
        return part.flatMap { Int($0.dropFirst(2)) }
    }

    private static func limit(_ requests: Int, timeout: Int) -> String {
        #"{"general":{"rateLimit":{"requests":\#(requests),"window":86400,"redisTimeout":\#(timeout)}}}"#
    }

    @Test("two workers count together")
    func together() async throws {
        let project = try await RedisBundles.project()
        let limit = 1000
        let cluster = try await RunningCluster.start(
            workers: 2, project: project,
            environment: [
                "REDIS_ENABLED": "true", "ACTIONHERO_CONFIG_OVERRIDES": Self.limit(limit, timeout: 600_000),
            ])
        var (pids, requests): (Set<Int32>, Int) = ([], 0)
        while pids.count < 2 || requests < 20 {
            let response = try await cluster.request("/api/limited")
            requests += 1
            try #require(response.status == 200, "\(response.text)")
            pids.insert(try response.decoded(Answer.self).pid)
            #expect(Self.remaining(response) == limit - requests)
        }
        #expect(try await cluster.stop() == 0)
    }

    @Test("goes on for each process when Redis is killed, where it had got to, and together when Redis is back")
    func outage() async throws {
        let server = try await RedisServer()
        let one = try await RedisHero.start(
            try await RedisBundles.project(),
            [
                "REDIS_URL": "redis://127.0.0.1:\(server.port)",
                "ACTIONHERO_CONFIG_OVERRIDES": Self.limit(3, timeout: 400),
            ])
        func ask() async throws -> HTTPResponse { try await one.hero.request("/api/limited") }
        #expect(try await ask().status == 200)
        #expect(try await ask().status == 200)
        try await server.kill()
        let third = try await ask()
        #expect(third.status == 200 && Self.remaining(third) == 0)
        let refused = try await ask()
        #expect(refused.status == 429 && refused["retry-after"] != nil)
        let warning = "the rate limit cannot be counted in Redis"
        try await one.hero.line(containing: warning)
        try await server.restart()
        let again = "requests are counted in Redis again"
        while !one.hero.lines.contains(where: { $0.contains(again) }) { _ = try await ask() }
        #expect(one.hero.lines.filter { $0.contains(warning) }.count == 1)
        #expect(try await server.cli("KEYS", "actionhero:rateLimit:*") == "actionhero:rateLimit:127.0.0.1")
        #expect(try await one.hero.stop() == 0)
    }
}
