// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime
import HeroServers
import HeroTestSupport
import Testing

@Suite("health")
struct HealthTests {
    @Test("a process that serves is live and ready, without an action, a cookie or a log line")
    func serves() async throws {
        try await WebProcess.serve([Greet.self]) { web async throws in
            for (path, body) in [("/health/live", #"{"live":true}"#), ("/health/ready?x=1", #"{"ready":true}"#)] {
                let response = try await web.request(path)
                #expect(response.status == 200)
                #expect(response.text == body)
                #expect(response["content-type"] == "application/json")
                #expect(response["cache-control"] == "no-store")
                #expect(response["set-cookie"] == nil)
                let head = try await web.request(path, method: "HEAD")
                #expect(head.status == 200)
                #expect(head["content-length"] == String(body.utf8.count))
            }
            #expect(try await web.request("/health/live", method: "POST").status == 404)
            #expect(try await web.request("/health/").status == 404)
            let logged = try web.log("[ file @ web ]").compactMap { $0["requestedFile"]?.stringValue }
            #expect(logged.allSatisfy { !$0.hasPrefix("/health/ready") })
            #expect(logged.filter { $0 == "/health/live" }.count == 1, "only POST is a request for a file")
            #expect(try web.log("[ action @ web ]").isEmpty)
        }
    }

    @Test("a process that is starting says so, and what else is asked waits until it has started")
    func starts() async throws {
        let setup = WebProcess.Setup(actions: [Greet.self], isStarting: true)
        try await WebProcess.serve(setup) { web async throws in
            let waiting = try web.connect()
            try await waiting.send(
                "GET /api/greet?name=a HTTP/1.1\r\nHost: a\r\n\r\nGET /health/ready HTTP/1.1\r\nHost: a\r\n\r\n")
            var gone: HTTPConnection? = try web.connect()
            gone?.leavesByReset()
            try await gone?.send("GET /api/greet?name=b HTTP/1.1\r\nHost: a\r\n\r\n")
            while await web.server.connectionCount < 2 {}
            let response = try await web.request("/health/ready")
            #expect(response.status == 503)
            #expect(response.text == #"{"ready":false,"reason":"the server is starting"}"#)
            #expect(try await web.request("/health/live").status == 200)
            gone = nil
            while await web.server.connectionCount > 1 {}
            try await web.server.accept()
            #expect(try await waiting.response().member("greeting") == "Hi a")
            #expect(try await waiting.response().text == #"{"ready":true}"#)
            #expect(try web.log("[ action @ web ]").count == 1)
        }
    }

    @Test("requests that wait for a process that does not start are refused")
    func doesNotStart() async throws {
        let setup = WebProcess.Setup(actions: [Greet.self], isStarting: true)
        try await WebProcess.serve(setup) { web async throws in
            let waiting = try web.connect()
            try await waiting.send(
                "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\nGET /api/greet?name=a HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await waiting.response().status == 200)
            async let stopped: Void = web.server.stop(keepsSocket: false, DrainLimits())
            let response = try await waiting.response()
            #expect(response.status == 503)
            #expect(response.error == "the server could not start")
            #expect(response["connection"] == "close")
            await stopped
        }
    }

    @Test("the paths can be others, or none")
    func paths() async throws {
        try await WebProcess.serve([Greet.self], web: ["health": ["live": "/up", "ready": nil]]) { web async throws in
            #expect(try await web.request("/up").text == #"{"live":true}"#)
            #expect(try await web.request("/health/live").status == 404)
            #expect(try await web.request("/health/ready").status == 404)
        }
    }

    @Test("health is asked of hosts that are not allowed, too")
    func anyHost() async throws {
        try await WebProcess.serve([Greet.self], web: ["allowedRequestHosts": ["https://a.org"]]) { web async throws in
            #expect(try await web.request("/health/ready").status == 200)
            #expect(try await web.request("/api/greet").status == 302)
        }
    }

    @Test("a process is not ready while something is missing that it cannot do without")
    func missing() async throws {
        try await WebProcess.serve([Greet.self]) { web async throws in
            web.application.readiness.report("redis", "no connection to \"Redis\"")
            web.application.readiness.report("disk", "full")
            var response = try await web.request("/health/ready")
            #expect(response.status == 503)
            #expect(response.text == #"{"ready":false,"reason":"no connection to \"Redis\""}"#)
            #expect(try await web.request("/health/live").status == 200)
            #expect(try await web.request("/api/greet?name=x").status == 200)
            web.application.readiness.report("redis", nil)
            response = try await web.request("/health/ready")
            #expect(response.text == #"{"ready":false,"reason":"full"}"#)
            web.application.readiness.report("disk", nil)
            #expect(try await web.request("/health/ready").text == #"{"ready":true}"#)
        }
    }

    @Test("a process that is stopping is live and not ready")
    func stopping() async throws {
        try await WebProcess.serve([Greet.self]) { web async throws in
            let (asking, other) = (try web.connect(), try web.connect())
            let question = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
            for connection in [asking, other] {
                try await connection.send(question)
                #expect(try await connection.response().status == 200)
            }
            let server = web.server
            async let stopped: Void = server.stop(keepsSocket: true, DrainLimits(idleMilliseconds: 60_000))
            try await other.send(question)
            var response = try await other.response()
            // Until the server has begun to stop, the connection stays.
            while response["connection"] == "keep-alive" {
                try await other.send(question)
                response = try await other.response()
            }
            #expect(response.status == 200)
            try await asking.send("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n")
            response = try await asking.response()
            #expect(response.status == 503)
            #expect(response.text == #"{"ready":false,"reason":"the server is stopping"}"#)
            for connection in [asking, other] { connection.finishSending() }
            await stopped
        }
    }
}
