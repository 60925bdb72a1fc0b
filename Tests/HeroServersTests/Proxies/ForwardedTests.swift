// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroCore
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
            (["6.6.6.6, 1.2.3.4, 10.1.1.1"], "1.2.3.4:0"), (["10.0.0.1, 10.0.0.2"], "10.0.0.1:0"),
            (["nonsense, 10.0.0.2"], "10.0.0.2:0"),
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
