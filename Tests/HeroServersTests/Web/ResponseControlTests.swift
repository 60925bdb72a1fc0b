// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("an action's control over its response")
struct ResponseControlTests {
    private let actions: [any Action.Type] = [Controlling.self, Greet.self]

    private func request(_ how: String, method: String = "GET", _ check: (HTTPResponse) throws -> Void) async throws {
        try await WebProcess.serve(actions) { web in
            try check(try await web.request("/api/controlling?how=\(how)", method: method))
        }
    }

    @Test("its status is the response's, with the phrase that belongs to it")
    func status() async throws {
        try await request("status") { response in
            #expect(response.status == 201)
            #expect(response.reason == "Created")
        }
    }

    @Test(
        "a status that no final response can have is ignored and logged",
        arguments: ["99", "100", "101", "600", "0", "-1"])
    func impossibleStatus(status: String) async throws {
        try await WebProcess.serve(actions) { web in
            let response = try await web.request("/api/controlling?how=number&number=\(status)")
            #expect(response.status == 200)
            let lines = try web.log("an action chose an impossible HTTP status; it is ignored")
            #expect(lines.first?["status"]?.description == status)
        }
    }

    @Test(
        "a status without a body is sent without one, so the next response is not taken for it",
        arguments: [204, 205, 304])
    func bodiless(status: Int) async throws {
        var setup = WebProcess.setup(actions)
        setup.files = ["public/a.txt": "content"]
        try await WebProcess.serve(setup) { web in
            for how in ["number", "bytes", "stream", "file"] {
                let responses = try await web.raw(
                    "GET /api/controlling?how=\(how)&number=\(status) HTTP/1.1\r\nHost: a\r\n\r\n"
                        + "GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(responses.map(\.status) == [status, 200], "\(how)")
                #expect(responses[0]["content-length"] == (status == 205 ? "0" : nil))
                #expect(responses[0].headers.filter { $0.name.lowercased() == "date" }.count == 1)
                #expect(responses[0]["transfer-encoding"] == nil)
            }
        }
    }

    @Test("of several headers with one name the last is sent, cookies all")
    func headers() async throws {
        try await request("headers") { response in
            #expect(response["x-name"] == "second")
            #expect(
                response.headers.filter { $0.name == "set-cookie" }.map(\.value).prefix(2) == [
                    "two=2; Path=/; HttpOnly; SameSite=Lax", "one=1; Path=/; Max-Age=60; HttpOnly; SameSite=Lax",
                ])
            #expect(response.headers.first?.name == "X-Direct")
        }
    }

    @Test(
        "a header that could break the response is left out and logged",
        arguments: [
            "line%0D%0ASet-Cookie:%20evil=1", "line%0Abreak", "line%0Dbreak", "nul%00byte", "escape%1B", "delete%7F",
        ])
    func badHeaders(value: String) async throws {
        try await WebProcess.serve(actions) { web in
            let response = try await web.request("/api/controlling?how=header&value=\(value)")
            #expect(response.status == 200)
            #expect(response["x-value"] == nil && response["x-direct-value"] == nil && response["x-sent"] == nil)
            #expect(!response.headers.contains { $0.value.contains("evil") })
            #expect(try web.log("an action set a header that cannot be sent; it is left out").count == 2)
        }
    }

    @Test("headers that say where the response ends are the server's")
    func framingHeaders() async throws {
        try await WebProcess.serve(actions) { web in
            for how in ["framing", "framedBytes"] {
                let responses = try await web.raw(
                    "GET /api/controlling?how=\(how) HTTP/1.1\r\nHost: a\r\n\r\n"
                        + "GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(responses.map(\.status) == [200, 200])
                #expect(responses[0].headers.filter { $0.name.lowercased() == "content-length" }.count == 1)
                #expect(responses[0]["transfer-encoding"] == nil)
                #expect(responses[0]["connection"] == "keep-alive")
            }
        }
    }

    @Test("bytes and streams are sent as they are, with the configured headers and the session cookie")
    func bytes() async throws {
        try await request("bytes") { response in
            #expect(response.body == [0, 1, 0xFF])
            #expect(response["content-type"] == "application/x-test")
            #expect(response["content-length"] == "3")
        }
        for how in ["bytes", "stream"] {
            try await request(how) { response in
                #expect(response["access-control-allow-origin"] == "*")
                #expect(response["strict-transport-security"] != nil)
                #expect(response["set-cookie"]?.hasPrefix("sessionID=") == true)
                #expect(response["content-type"] != "application/json; charset=utf-8", "nobody has said that it is")
            }
        }
    }

    @Test("what the action says about a header counts, and it may do without the configured ones")
    func ownHeaders() async throws {
        try await request("ownHeaders") { response in
            #expect(response["access-control-allow-origin"] == "https://a.org")
            #expect(response["x-added"] == "yes")
            #expect(response.headers.filter { $0.name.lowercased() == "content-type" }.map(\.value) == ["text/csv"])
        }
        try await request("bare") { response in
            #expect(response.headers.map(\.name) == ["Content-Type", "Date", "Connection", "Content-Length"])
        }
    }

    @Test("HEAD has no bytes")
    func headOfBytes() async throws {
        try await request("bytes", method: "HEAD") { response in
            #expect(response.status == 200 && response.body.isEmpty)
        }
    }

    @Test("text of another type than JSON is sent as it is")
    func text() async throws {
        try await request("text") { response in
            #expect(response.text == "<p>x</p>")
            #expect(response["content-type"] == "text/html")
        }
    }

    @Test("a public file takes the place of the output; one outside is not found")
    func file() async throws {
        var setup = WebProcess.setup(actions)
        setup.files = ["public/a.txt": "content", "secret.txt": "secret", "public/index.html": "index"]
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/api/controlling?how=file")
            #expect(response.status == 200)
            #expect(response.text == "content")
            #expect(response["content-type"] == "text/plain")
            for how in ["outside", "nothing", "nowhere"] {
                let outside = try await web.request("/api/controlling?how=\(how)")
                #expect(outside.status == 404)
                #expect(outside.text == "that file is not found")
            }
        }
    }

    @Test("what it had in mind before it failed is not sent")
    func failure() async throws {
        try await request("fail") { response in
            #expect(response.status == 500)
            #expect(response.error == "failed late")
        }
    }

    @Test("asking for the end of the connection ends it after the response")
    func destroy() async throws {
        try await WebProcess.serve(actions) { web in
            let request = "GET /api/controlling?how=destroy HTTP/1.1\r\nHost: a\r\n\r\n"
            let responses = try await web.raw(request + request)
            #expect(responses.map(\.status) == [200])
            #expect(responses[0]["connection"] == "close")
        }
    }
}

/// Does to its response what is asked for.
struct Controlling: Action {
    @Input("What to do") var how: String
    @Input("A status") var number: Int?
    @Input("A header's value") var value: String?

    struct Failure: Error, CustomStringConvertible { let description = "failed late" }

    func run(_ context: Context) async throws -> JSON {
        let response = context.response
        if let number { response.status = number }
        switch how {
        case "status": response.status = 201
        case "headers":
            response.addHeader("X-Name", "first")
            response.setHeader("X-Direct", "value")
            response.addHeader("x-name", "second")
            response.setCookie(Cookie("one", "1", maxAgeSeconds: 60))
            response.setCookie(Cookie("two", "2"))
        case "header":
            response.addHeader("X-Value", value ?? "")
            response.setHeader("X-Direct-Value", value ?? "")
        case "framing":
            response.addHeader("Content-Length", "3")
            response.addHeader("transfer-encoding", "chunked")
            response.setHeader("Connection", "close")
            response.addHeader("Date", "yesterday")
        case "framedBytes": response.send([1], headers: ["Content-Length": "100", "Transfer-Encoding": "chunked"])
        case "bytes": response.send([0, 1, 0xFF], headers: ["Content-Type": "application/x-test"])
        case "text":
            response.addHeader("Content-Type", "text/html")
            return "<p>x</p>"
        case "file": response.send(file: "a.txt")
        case "ownHeaders":
            response.addHeader("X-Added", "yes")
            response.addHeader("Content-Type", "text/plain")
            response.send("a", headers: ["Content-Type": "text/csv", "Access-Control-Allow-Origin": "https://a.org"])
        case "bare":
            response.hasConfiguredHeaders = false
            response.send("a", headers: ["Content-Type": "text/csv"])
        case "nothing": response.send(file: "")
        case "nowhere": response.send(file: "./")
        case "outside": response.send(file: "../secret.txt")
        case "stream":
            response.send(
                stream: AsyncStream { continuation in
                    continuation.yield([97])
                    continuation.finish()
                })
        case "fail":
            response.send([1, 2, 3])
            throw Failure()
        case "destroy": await context.connection.destroy()
        default: break
        }
        return ["done": .string(how)]
    }
}
