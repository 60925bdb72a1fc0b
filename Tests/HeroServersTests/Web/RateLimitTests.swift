// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

struct Limited: Action {
    static let middleware = ["rateLimit"]
    func run(_ context: Context) async throws -> NoOutput { NoOutput() }
}

@Suite("the middleware rateLimit")
struct RateLimitTests {
    private func serve(_ settings: JSON, _ body: (WebProcess) async throws -> Void) async throws {
        try await WebProcess.serve(
            .init(
                actions: [Limited.self, Greet.self], web: ["trustedProxies": ["127.0.0.1"]],
                general: ["rateLimit": settings]), body)
    }

    @Test("a client that asks too often is told when to come again, and others are served")
    func limits() async throws {
        try await serve(["requests": 2, "window": 86_400]) { web async throws in
            func ask(_ address: String) async throws -> HTTPResponse {
                try await web.request("/api/limited", headers: [("X-Forwarded-For", address)])
            }
            let first = try await ask("1.1.1.1")
            #expect(first.status == 200)
            #expect(first["ratelimit-policy"] == "\"default\";q=2;w=86400")
            #expect(first["ratelimit"] == "\"default\";r=1;t=43200")
            #expect(try await ask("1.1.1.1").status == 200)
            let refused = try await ask("1.1.1.1")
            #expect(refused.status == 429)
            let seconds = try #require(refused["retry-after"].flatMap { Int($0) })
            #expect((1...43_200).contains(seconds))
            #expect(refused.error == "too many requests; try again in \(seconds) seconds")
            #expect(refused["ratelimit"]?.hasPrefix("\"default\";r=0;t=") == true)
            #expect(try await ask("1.1.1.2").status == 200)
            #expect(try await web.request("/api/greet?name=x")["ratelimit"] == nil)
        }
    }

    @Test("whoever has one IPv6 address does not get more by using others of the same network")
    func networks() async throws {
        try await serve(["requests": 1, "window": 86_400]) { web async throws in
            func status(_ address: String) async throws -> Int {
                try await web.request("/api/limited", headers: [("X-Forwarded-For", address)]).status
            }
            #expect(try await status("2001:db8::1") == 200)
            #expect(try await status("2001:db8::2") == 429)
            #expect(try await status("2001:db8:0:1::1") == 200)
        }
    }

    @Test("a client may be whoever sends the same header")
    func header() async throws {
        try await serve(["requests": 1, "window": 86_400, "key": "authorization"]) { web async throws in
            func status(_ key: String?) async throws -> Int {
                try await web.request("/api/limited", headers: key.map { [("Authorization", $0)] } ?? []).status
            }
            #expect(try await status("a") == 200)
            #expect(try await status("b") == 200)
            #expect(try await status("a") == 429)
            #expect(try await status(nil) == 200)
            #expect(try await status(nil) == 429)
        }
    }
}
