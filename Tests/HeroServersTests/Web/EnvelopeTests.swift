// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("the answer of an action over HTTP")
struct EnvelopeTests {
    private let setup = WebProcess.Setup(
        actions: [Echo.self, Greet.self, Answer.self, Throwing.self],
        general: ["serverName": "tests", "apiVersion": "1.2.3"])

    /// Replaces what differs from request to request.
    private func stable(_ text: String) -> String {
        text.replacing(/[0-9a-f]{40}/, with: "FINGERPRINT")
            .replacing(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/, with: "UUID")
            .replacing(/"requestDuration": ?\d+/, with: "\"requestDuration\": 0")
            .replacing(/"currentTime": ?\d+/, with: "\"currentTime\": 1")
            .replacing(/content-length: \d+/, with: "content-length: COUNT")
            .replacing(/(expires=|Date: )\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/) { "\($0.output.1)TIME" }
    }

    @Test("has its members and headers in the reference's order, byte for byte")
    func bytes() async throws {
        try await WebProcess.serve(setup) { web in
            let connection = try web.connect()
            try await connection.send("GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let bytes = try await connection.readToEnd()
            #expect(try HTTPResponse.all(bytes).map(\.length) == [bytes.count])
            let text = stable(String(decoding: bytes, as: UTF8.self))
            let expected = """
                HTTP/1.1 200 OK\r
                strict-transport-security: max-age=31536000; includeSubDomains\r
                access-control-allow-headers: Content-Type\r
                access-control-allow-methods: HEAD, GET, POST, PUT, PATCH, DELETE, OPTIONS, TRACE\r
                access-control-allow-origin: *\r
                x-powered-by: tests\r
                content-type: application/json; charset=utf-8\r
                set-cookie: sessionID=FINGERPRINT;path=/;expires=TIME;HttpOnly;SameSite=Lax;\r
                content-length: COUNT\r
                Date: TIME\r
                Connection: close\r
                \r
                {
                  "greeting": "Hi x",
                  "serverInformation": {
                    "serverName": "tests",
                    "apiVersion": "1.2.3",
                    "requestDuration": 0,
                    "currentTime": 1
                  },
                  "requesterInformation": {
                    "id": "FINGERPRINT-UUID",
                    "fingerprint": "FINGERPRINT",
                    "messageId": "UUID",
                    "remoteIP": "127.0.0.1",
                    "receivedParams": {
                      "name": "x",
                      "action": "greet"
                    }
                  }
                }
                """
            #expect(text == expected)
        }
    }

    @Test("is one line without the blocks in production")
    func production() async throws {
        var setup = setup
        setup.environment = "production"
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/api/greet?name=x")
            #expect(response.text == #"{"greeting":"Hi x"}"#)
        }
    }

    @Test("puts an error between what is there already and the blocks")
    func error() async throws {
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/api/greet")
            #expect(response.status == 422)
            #expect(
                try response.json.objectValue?.names == ["error", "serverInformation", "requesterInformation"])
            #expect(response.error == "name is a required parameter for this action")
            #expect(try await web.request("/api/greet", method: "HEAD").status == 422)
        }
    }

    @Test(
        "has the status and the words of what went wrong",
        arguments: [
            ("nope", 404, "unknown action or invalid apiVersion"),
            ("greet?apiVersion=9&name=x", 404, "unknown action or invalid apiVersion"),
            ("greet", 422, "name is a required parameter for this action"), ("throwing?kind=plain", 500, "plain words"),
            ("throwing?kind=status", 410, "gone"), ("throwing?kind=code", 418, "teapot"),
            ("throwing?kind=announcing", 500, "no final status"), ("throwing?kind=other", 500, "other"),
        ])
    func statuses(target: String, status: Int, text: String) async throws {
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/api/\(target)")
            #expect(response.status == status)
            #expect(response.error == text)
        }
    }

    @Test("carries the fields and the payload of an error")
    func errorFields() async throws {
        try await WebProcess.serve(setup) { web in
            let fields = try await web.request("/api/throwing?kind=fields").json
            #expect(fields["error"] == "declined")
            #expect(fields["code"] == "E_CARD")
            #expect(fields["reason"] == "expired")
            let payload = try await web.request("/api/throwing?kind=payload").json
            #expect(payload["error"] == ["why": "stuff"])
        }
    }

    @Test("hides the words of unexpected errors in production, and logs them")
    func hiddenErrors() async throws {
        var setup = setup
        setup.environment = "production"
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/api/throwing?kind=other")
            #expect(response.status == 500)
            #expect(response.text == #"{"error":"the server could not complete this request"}"#)
            #expect(try web.log("[ action @ web ]").first?["error"] == "Error: other")
        }
    }

    @Test("is 200 for errors where the configuration says so")
    func noErrorCodes() async throws {
        var setup = setup
        setup.web = ["returnErrorCodes": false]
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/api/nope")
            #expect(response.status == 200)
        }
    }

    @Test("is the value alone when it is no object")
    func values() async throws {
        try await WebProcess.serve(setup) { web in
            let list = try await web.request("/api/answer?value=[1,2]").json
            #expect(list == [1, 2])
            #expect(try await web.request("/api/answer?value=%22text%22").text == "\"text\"")
            #expect(try await web.request("/api/answer?value=null").text == "null")
        }
    }

    @Test("is padded for a callback whose name cannot be more than a name")
    func callback() async throws {
        try await WebProcess.serve(setup) { web in
            let plain = try await web.request("/api/greet?name=x&callback=show")
            #expect(plain["content-type"] == "application/javascript")
            #expect(plain.text.hasPrefix("show({") && plain.text.hasSuffix("});"))
            let evil = try await web.request("/api/greet?name=x&callback=alert('hi');%22%3Cb%3E%26foo(")
            #expect(evil.text.hasPrefix("alert&#39;hi&#39;;&quot;&lt;b&gt;&amp;foo({"))
            let none = try await web.request("/api/greet?name=x&callback=")
            #expect(none["content-type"] == "application/json; charset=utf-8" && none.text.hasPrefix("{"))
        }
    }

    @Test("to HEAD has no body and says so")
    func head() async throws {
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/api/greet?name=x", method: "HEAD")
            #expect(response.status == 200)
            #expect(response["content-length"] == "0")
            #expect(response.body.isEmpty)
        }
    }

    @Test("to OPTIONS names the methods and origins, whatever the path")
    func options() async throws {
        try await WebProcess.serve(setup) { web in
            for target in ["/api/greet", "/nowhere", "*"] {
                let response = try await web.request(target, method: "OPTIONS")
                #expect(response.status == 200)
                #expect(response["content-length"] == "0")
                #expect(
                    response["access-control-allow-methods"]
                        == "HEAD, GET, POST, PUT, PATCH, DELETE, OPTIONS, TRACE")
                #expect(response["access-control-allow-origin"] == "*")
            }
        }
        var bare = setup
        bare.web = [
            "httpHeaders": ["Access-Control-Allow-Methods": nil, "Access-Control-Allow-Origin": nil, "X-A": "b"]
        ]
        try await WebProcess.serve(bare) { web in
            let response = try await web.request("/api/greet", method: "OPTIONS")
            #expect(
                response["access-control-allow-methods"] == "HEAD, GET, POST, PATCH, PUT, DELETE, OPTIONS, TRACE")
            #expect(response["access-control-allow-origin"] == "*")
            #expect(response["x-a"] == "b")
            #expect(try await web.request("/api/greet?name=x")["access-control-allow-origin"] == nil)
        }
    }

    @Test("to TRACE is what arrived, where it is switched on")
    func trace() async throws {
        var setup = setup
        setup.web = ["trace": true]
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/api/greet?name=x", method: "TRACE")
            #expect(response.status == 200)
            #expect(
                try response.json.objectValue?.names == [
                    "id", "fingerprint", "messageId", "remoteIP", "receivedParams",
                ])
            #expect(try response.json["receivedParams"]?["name"] == "x")
        }
    }

    @Test("to a method without routes is that others would do", arguments: ["FOO", "get", "PROPFIND"])
    func methods(method: String) async throws {
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/api/greet?name=x", method: method)
            #expect(response.status == 405)
        }
    }
}

/// Answers any value.
struct Answer: Action {
    @Input("What to answer") var value: JSON

    func run(_ context: Context) async throws -> JSON { value.stringValue.flatMap { try? JSON(parsing: $0) } ?? value }
}

/// Fails in the way that is asked for.
struct Throwing: Action {
    @Input("How to fail") var kind: String

    struct Other: Error, CustomStringConvertible { let description: String }

    func run(_ context: Context) async throws -> NoOutput {
        switch kind {
        case "plain": throw ActionError("plain words")
        case "status": throw ActionError("gone", status: 410)
        case "code": throw ActionError("teapot", code: "418")
        case "announcing": throw ActionError("no final status", status: 101)
        case "fields": throw ActionError("declined", code: "E_CARD", status: 402, fields: ["reason": "expired"])
        case "payload": throw ActionError(payload: ["why": "stuff"])
        default: throw Other(description: kind)
        }
    }
}
