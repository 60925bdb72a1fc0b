// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroConfiguration
import HeroRuntime
import HeroTestSupport
import Testing

@testable import HeroServers

/// Answers who asks, and how.
struct Caller: Action {
    struct Output: Encodable { let caller: String }

    func run(_ context: Context) async throws -> Output {
        let (connection, request) = (context.connection, context.connection.request)
        return Output(
            caller:
                "\(connection.remoteIP):\(connection.remotePort) \(request?.scheme ?? "") \(request?.hostName ?? "")")
    }
}

@Suite("clients behind proxies")
struct ForwardedTests {
    private func caller(_ headers: [(String, String)], _ settings: JSON, _ expected: String) async throws {
        try await WebProcess.serve([Caller.self], web: settings) { web async throws in
            let response = try await web.request("/api/caller", headers: headers)
            let caller = response.member("caller")?.stringValue ?? ""
            #expect(caller == expected, "\(headers)")
        }
    }

    @Test(
        "a trusted proxy names the client",
        arguments: [
            (["1.2.3.4"], "1.2.3.4:0"), (["1.2.3.4:99"], "1.2.3.4:99"), (["[2001:db8::5]:80"], "2001:db8::5:80"),
            (["[2001:db8::5]"], "2001:db8::5:0"), (["2001:db8::5"], "2001:db8::5:0"), (["::ffff:9.8.7.6"], "9.8.7.6:0"),
            // What stands before the last untrusted address may be the client's invention.
            (["6.6.6.6, 1.2.3.4"], "1.2.3.4:0"), (["6.6.6.6", "1.2.3.4"], "1.2.3.4:0"),
            (["\", 1.2.3.4"], "1.2.3.4:0"), (["6.6.6.6\u{600}, 1.2.3.4"], "1.2.3.4:0"),
            (["6.6.6.6, 1.2.3.4, 10.1.1.1"], "1.2.3.4:0"), (["10.0.0.1, 10.0.0.2"], "10.0.0.1:0"),
            (["nonsense, 10.0.0.2"], "10.0.0.2:0"),
            // Behind a name that nobody can read stands nothing that may be believed.
            (["6.6.6.6, 1.2.3.4, unknown, 10.0.0.2"], "10.0.0.2:0"),
            (["6.6.6.6, 1.2.3.4, 10.0.0.300, 10.0.0.2"], "10.0.0.2:0"),
        ])
    func forwardedFor(values: [String], expected: String) async throws {
        let headers = values.map { ("X-Forwarded-For", $0) }
        try await caller(headers, ["trustedProxies": ["127.0.0.1", "10.0.0.0/8"]], "\(expected) http localhost")
    }

    @Test("scheme, host and port are what the proxy says")
    func others() async throws {
        let headers = [
            ("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Port", "77"), ("X-Forwarded-Proto", "HTTPS"),
            ("X-Forwarded-Host", "a.org"),
        ]
        try await caller(headers, ["trustedProxies": ["127.0.0.0/8"]], "1.2.3.4:77 https a.org")
        try await caller(
            [("X-Real-IP", "1.2.3.4"), ("X-Forwarded-For", "5.5.5.5")],
            ["trustedProxies": ["127.0.0.1"], "proxyHeader": "x-real-ip"], "1.2.3.4:0 http localhost")
        try await caller(
            [
                ("Forwarded", "for=6.6.6.6, for=\"[2001:db8::5]:80\";proto=https;host=\"a.org\""),
                ("X-Forwarded-For", "5.5.5.5"),
            ],
            ["trustedProxies": ["127.0.0.1"], "proxyHeader": "forwarded"], "2001:db8::5:80 https a.org")
    }

    @Test(
        "when a proxy does not know its client, that is the proxy itself, and never what the client has claimed",
        arguments: [
            ("x-forwarded-for", "X-Forwarded-For", "1.2.3.4, unknown"),
            ("x-forwarded-for", "X-Forwarded-For", "1.2.3.4, _hidden"),
            ("x-forwarded-for", "X-Forwarded-For", "1.2.3.4, 5.6.7"), ("x-real-ip", "X-Real-IP", "unknown"),
            ("forwarded", "Forwarded", "for=1.2.3.4, for=unknown"),
            ("forwarded", "Forwarded", "for=1.2.3.4, for=\"_x\""),
        ])
    func unknown(header: String, name: String, value: String) async throws {
        let settings: JSON = ["trustedProxies": ["127.0.0.1"], "proxyHeader": .string(header)]
        try await WebProcess.serve([Caller.self], web: settings) { web async throws in
            let caller =
                try await web.request("/api/caller", headers: [(name, value)]).member("caller")?.stringValue ?? ""
            #expect(caller.hasPrefix("127.0.0.1:"), "\(caller)")
        }
    }

    @Test(
        "what is no host is not one, also when a proxy says it",
        arguments: [
            "a.org/path", "a.org, b c", "user@a.org", "a.org:80x", "a.org\"<x>", "[::1", "?x=1", "a.org#b", ":80",
        ])
    func noHost(_ value: String) async throws {
        try await caller(
            [("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Host", value)], ["trustedProxies": ["127.0.0.1"]],
            "1.2.3.4:0 http localhost")
        try await caller(
            [("Forwarded", "for=1.2.3.4;host=\"\(value.filter { $0 != "\"" })\"")],
            ["trustedProxies": ["127.0.0.1"], "proxyHeader": "forwarded"], "1.2.3.4:0 http localhost")
    }

    @Test("nobody else is believed, whatever the headers", arguments: [[], ["unix"], ["10.0.0.0/8"]])
    func distrusts(proxies: [String]) async throws {
        let headers = [
            ("X-Forwarded-For", "1.2.3.4"), ("X-Real-IP", "1.2.3.4"), ("Forwarded", "for=1.2.3.4;proto=https;host=b"),
            ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "b"),
        ]
        for header in ["x-forwarded-for", "x-real-ip", "forwarded"] {
            let settings: JSON = [
                "trustedProxies": .array(proxies.map(JSON.string)), "proxyHeader": .string(header),
            ]
            try await WebProcess.serve([Caller.self], web: settings) { web async throws in
                let caller = try await web.request("/api/caller", headers: headers).member("caller")?.stringValue ?? ""
                #expect(caller.hasPrefix("127.0.0.1:") && caller.hasSuffix(" http localhost"), "\(caller)")
            }
        }
    }

    @Test("a header that is not the configured one is not believed even of a proxy")
    func otherHeader() async throws {
        let settings: JSON = ["trustedProxies": ["127.0.0.1"], "proxyHeader": "forwarded"]
        try await WebProcess.serve([Caller.self], web: settings) { web async throws in
            let headers = [("X-Forwarded-For", "1.2.3.4"), ("X-Real-IP", "1.2.3.4"), ("X-Forwarded-Proto", "https")]
            let caller = try await web.request("/api/caller", headers: headers).member("caller")?.stringValue ?? ""
            #expect(caller.hasPrefix("127.0.0.1:") && caller.hasSuffix(" http localhost"), "\(caller)")
        }
    }

    @Test("requests for another host are sent to the first that is allowed")
    func redirects() async throws {
        let settings: JSON = [
            "allowedRequestHosts": ["https://www.site.com", "https://other.site.com"], "trustedProxies": ["127.0.0.1"],
        ]
        try await WebProcess.serve([Caller.self], web: settings) { web async throws in
            let response = try await web.request("/api/caller?a=1")
            #expect(response.status == 302)
            #expect(response["location"] == "https://www.site.com/api/caller?a=1")
            #expect(response.text == "You are being redirected to https://www.site.com/api/caller?a=1\r\n")
            let headers = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "OTHER.site.com")]
            #expect(try await web.request("/api/caller", headers: headers).status == 200)
            // The host of a whole URL counts, whatever the header says.
            let whole = "GET http://other.site.com/api/caller HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\n"
            #expect(try await web.raw(whole + "Connection: close\r\n\r\n").first?.status == 200)
            let asterisk = try await web.raw("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(asterisk.first?["location"] == "https://www.site.com/")
        }
    }

    @Test("the port that a scheme has anyway is no part of the host")
    func usualPorts() async throws {
        let settings: JSON = [
            "allowedRequestHosts": ["http://a.org", "https://b.org", "http://c.org:8443"],
            "trustedProxies": ["127.0.0.1"],
        ]
        try await WebProcess.serve([Caller.self], web: settings) { web async throws in
            func status(_ scheme: String, _ host: String) async throws -> Int {
                try await web.request(
                    "/api/caller", headers: [("X-Forwarded-Proto", scheme), ("X-Forwarded-Host", host)]
                ).status
            }
            for host in ["a.org", "A.org:80", "a.org:", "c.org:8443"] { #expect(try await status("http", host) == 200) }
            for host in ["b.org", "b.org:443"] { #expect(try await status("https", host) == 200) }
            for host in ["a.org:443", "b.org", "c.org", "c.org:80"] { #expect(try await status("http", host) == 302) }
            for host in ["b.org:80", "a.org"] { #expect(try await status("https", host) == 302) }
        }
    }

    @Test("behind a TLS proxy that is not trusted nobody is sent to what was asked for, and the log says why")
    func noLoop() async throws {
        let settings: JSON = ["allowedRequestHosts": ["https://www.site.com", "https://other.site.com"]]
        try await WebProcess.serve([Caller.self], web: settings) { web async throws in
            func response(_ headers: [(String, String)]) async throws -> HTTPResponse {
                let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
                let all = try await web.raw("GET /api/caller HTTP/1.1\r\n\(lines)Connection: close\r\n\r\n")
                return try #require(all.first)
            }
            for host in ["www.site.com", "OTHER.site.com", "www.site.com:443", "www.site.com:80"] {
                #expect(try await response([("Host", host)]).status == 200, "\(host)")
            }
            let elsewhere = try await response([("Host", "x.org")])
            #expect(elsewhere["location"] == "https://www.site.com/api/caller")
            // The proxy has put its own name into Host: the answer would lead there again.
            for claim in [("X-Forwarded-Host", "www.site.com:443"), ("Forwarded", "for=1.2.3.4;host=www.site.com")] {
                let refused = try await response([("Host", "localhost:8080"), claim])
                #expect(refused.status == 421)
                #expect(refused["location"] == nil)
            }
            let warning =
                "web.allowedRequestHosts wants https, and no proxy is trusted to say what clients use: requests"
                + " are compared by their host only; list the proxy that takes TLS in web.trustedProxies"
            #expect(try web.log(warning).count == 1)
        }
    }

    @Test("a proxy that asks under its own name and does not pass the client's on makes no loop; the log says why once")
    func untold() async throws {
        let settings: JSON = ["allowedRequestHosts": ["https://www.site.com"], "trustedProxies": ["127.0.0.1"]]
        try await WebProcess.serve([Caller.self], web: settings) { web async throws in
            for host in ["backend:8080", "127.0.0.1:8080", "[::1]:8080", "localhost"] {
                let request = "GET /api/caller HTTP/1.1\r\nHost: \(host)\r\nX-Forwarded-For: 1.2.3.4\r\n"
                let answer = try await web.raw(request + "X-Forwarded-Proto: https\r\nConnection: close\r\n\r\n").first
                #expect(answer?.status == 421 && answer?["location"] == nil, "\(host)")
            }
            let request = "GET /api/caller HTTP/1.1\r\nHost: old.site.com\r\nX-Forwarded-For: 1.2.3.4\r\n"
            let answer = try await web.raw(request + "Connection: close\r\n\r\n").first
            #expect(answer?["location"] == "https://www.site.com/api/caller")
            let warning =
                "a trusted proxy asks for a host that is none of web.allowedRequestHosts and does not say what the client"
                + " has asked for: let it pass the header Host or X-Forwarded-Host on"
            #expect(try web.log(warning).count == 1)
        }
    }

    @Test("settings that cannot be meant are refused")
    func refusals() throws {
        for (web, key) in [
            (["trustedProxies": ["10.0.0.0/33"]], "web.trustedProxies"),
            (["proxyProtocol": true, "trustedProxies": []], "web.proxyProtocol"),
        ] as [(JSON, String)] {
            let (_, process) = try WebProcess.load(.init(web: web))
            let error = #expect(throws: ConfigurationRefused.self) { try WebServerPlan(process.application) }
            #expect(error?.problems.map(\.key) == [key])
        }
    }
}
