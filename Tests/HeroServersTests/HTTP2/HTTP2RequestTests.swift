// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import NIOCore
import NIOHPACK
import Testing

@Suite("a request of HTTP/2")
struct HTTP2RequestTests {
    private static let setup = WebProcess.Setup(
        actions: [Echo.self, Greet.self, Held.self, Streaming.self, Asked.self], web: ["padding": nil],
        general: ["disableParamScrubbing": true], files: ["public/page.html": "a page"])

    /// What an action is told of the request.
    struct Asked: Action {
        func run(_ context: Context) async throws -> [String: String] {
            let request = context.connection.request
            return [
                "host": request?.hostName ?? "", "method": request?.method ?? "",
                "agent": request?.header("User-Agent") ?? "",
                "cookies": (request?.cookies ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                    .joined(separator: ","),
            ]
        }
    }

    private func serve(_ settings: [(id: UInt8, value: Int)] = []) async throws -> HTTP2Client {
        try await HTTP2Client(Self.setup, settings: settings)
    }

    @Test("is answered by the same actions, with names in small letters and nothing about the connection")
    func action() async throws {
        let client = try await serve()
        let answer = try await client.ask(HTTP2Client.get("/api/greet?name=you"))
        #expect(answer.status == "200" && answer.text.contains(#""greeting":"Hi you""#))
        #expect(answer["content-type"] == "application/json; charset=utf-8")
        #expect(answer["content-length"] == "\(answer.body.count)" && answer["date"]?.hasSuffix(" GMT") == true)
        #expect(answer["set-cookie"]?.hasPrefix("sessionID=") == true)
        let names = answer.headers.map(\.name)
        #expect(names.allSatisfy { $0 == $0.lowercased() })
        #expect(!names.contains("connection") && !names.contains("keep-alive") && !names.contains("transfer-encoding"))
        #expect(client.settings[3] == 100)
    }

    @Test("is told from HTTP/1.1 however its first bytes arrive")
    func splitPreface() async throws {
        let client = try await HTTP2Client(bare: Self.setup)
        for byte in HTTP2Client.preface + HTTP2Client.frame(4, stream: 0) { try await client.send([byte]) }
        #expect(try await client.ask(HTTP2Client.get("/api/greet?name=you")).status == "200")
        let other = try await ServedChannel(Self.setup)
        try await other.send("P")
        try await other.send("ROPFIND /api/echo HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await other.received().hasPrefix("HTTP/1.1 4"))
    }

    @Test("is refused like any other version where HTTP/2 is switched off")
    func off() async throws {
        let server = try await ServedChannel(WebProcess.setup([], web: ["http2": false]))
        try await server.send(String(decoding: HTTP2Client.preface, as: UTF8.self))
        #expect(try await server.received().hasPrefix("HTTP/1.1 400 "))
    }

    @Test("brings a body in pieces, and trailers that nobody asks for")
    func body() async throws {
        let client = try await serve()
        var headers = HTTP2Client.get("/api/echo?a=1", method: "POST")
        headers.add(name: "content-type", value: "application/json")
        let stream = try await client.begin(headers, ends: false)
        for piece in ["{\"b\":", "[1,2", "]}"] { try await client.data(piece, stream, ends: false) }
        try await client.send(1, flags: 5, stream: stream, client.block(["x-sum": "1"]))
        let answer = try await client.response(stream)
        #expect(try JSON(parsing: answer.text)["params"] == ["a": "1", "b": [1, 2], "action": "echo"])
    }

    @Test("has its host, its headers and its cookies where an action looks for them")
    func context() async throws {
        let client = try await serve()
        var headers = HTTP2Client.get("/api/asked")
        headers.add(name: "user-agent", value: "tests")
        for cookie in ["a=1", "b=2; c=3"] { headers.add(name: "cookie", value: cookie) }
        let answer = try await client.ask(headers)
        #expect(answer.text.contains(#""host":"a.test""#) && answer.text.contains(#""agent":"tests""#))
        #expect(answer.text.contains(#""cookies":"a=1,b=2,c=3""#), "\(answer.text)")
    }

    @Test("gets streams, files, health, preflights, errors and heads without bodies as over HTTP/1.1")
    func kinds() async throws {
        let client = try await serve()
        let stream = try await client.ask(HTTP2Client.get("/api/streaming?kind=words&gate=none"))
        #expect(stream.text == "hello world" && stream["content-type"] == "text/csv" && stream.reset == nil)
        let page = try await client.ask(HTTP2Client.get("/public/page.html"))
        #expect(page.text == "a page" && page["content-length"] == "6" && page["etag"] != nil)
        #expect(try await client.ask(HTTP2Client.get("/health/live")).text == #"{"live":true}"#)
        #expect(try await client.ask(HTTP2Client.get("/api/echo", method: "OPTIONS")).status == "200")
        #expect(try await client.ask(HTTP2Client.get("/public/no")).status == "404")
        for path in ["/api/greet?name=a", "/public/page.html", "/api/streaming?kind=words&gate=none"] {
            let head = try await client.ask(HTTP2Client.get(path, method: "HEAD"))
            #expect(head.status == "200" && head.body.isEmpty && head.reset == nil, "\(path)")
        }
        let failed = try await client.ask(HTTP2Client.get("/api/streaming?kind=failing&gate=none"))
        #expect(failed.text == "hello" && failed.reset == HTTP2Client.Code.internalError && !failed.hasEnded)
    }

    @Test("has 99 others beside it, and all are answered")
    func manyAtOnce() async throws {
        let client = try await serve()
        var streams: [Int] = []
        for _ in 0..<100 { streams.append(try await client.begin(HTTP2Client.get("/api/held?gate=h2.many"))) }
        Gates.named("h2.many").signal()
        for stream in streams { #expect(try await client.response(stream).text.contains("h2.many")) }
        #expect(try await client.ask(HTTP2Client.get("/api/greet?name=a")).status == "200")
    }

    @Test("that is one too many of a client that has not seen the limit yet is refused, and may be sent again")
    func tooMany() async throws {
        let setup = WebProcess.setup([Held.self], web: ["limits": ["concurrentStreams": 2]])
        let client = try await HTTP2Client(setup)
        let streams = [
            try await client.begin(HTTP2Client.get("/api/held?gate=h2.few")),
            try await client.begin(HTTP2Client.get("/api/held?gate=h2.few")),
        ]
        #expect(try await client.ask(HTTP2Client.get("/health/live")).reset == HTTP2Client.Code.refusedStream)
        Gates.named("h2.few").signal()
        for stream in streams { #expect(try await client.response(stream).status == "200") }
        #expect(try await client.ask(HTTP2Client.get("/health/live")).status == "200")
        #expect(client.settings[3] == 2)
    }

    @Test("ends its action when the client resets the stream, and no other")
    func cancelled() async throws {
        let client = try await serve()
        let kept = try await client.begin(HTTP2Client.get("/api/held?gate=h2.kept"))
        let gone = try await client.begin(HTTP2Client.get("/api/held?gate=h2.gone"))
        await Gates.named("h2.gone.begun").wait()
        try await client.reset(gone)
        await Gates.named("h2.gone.cancelled").wait()
        Gates.named("h2.gone").signal()
        Gates.named("h2.kept").signal()
        #expect(try await client.response(kept).status == "200")
        #expect(!Gates.named("h2.kept.cancelled").hasHappened)
    }

    @Test("waits for its turn when many came at once, and is answered")
    func inTurn() async throws {
        let setup = WebProcess.Setup(
            actions: [Echo.self], web: ["limits": ["pipelinedRequests": 2]], general: ["disableParamScrubbing": true])
        let client = try await HTTP2Client(setup)
        var bytes: [UInt8] = []
        for number in 0..<20 {
            bytes += HTTP2Client.frame(
                1, flags: 5, stream: 1 + 2 * number, try client.block(HTTP2Client.get("/api/echo?number=\(number)")))
        }
        try await client.send(bytes)
        for number in 0..<20 {
            let answer = try await client.response(1 + 2 * number)
            #expect(try JSON(parsing: answer.text)["params"]?["number"] == .string(String(number)))
        }
    }
}
