// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import NIOCore
import NIOEmbedded
import NIOHPACK
import Testing

@Suite("what HTTP/2 forbids")
struct HTTP2RefusalTests {
    private typealias Code = HTTP2Client.Code

    private func serve(_ limits: JSON = [:]) async throws -> HTTP2Client {
        try await HTTP2Client(WebProcess.setup([Greet.self, Held.self], web: ["limits": limits]))
    }

    private static let request: [(String, String)] = [
        (":method", "GET"), (":scheme", "http"), (":path", "/api/greet?name=a"), (":authority", "a.test"),
    ]

    /// Fields that are no request, by what is wrong with them.
    private static let malformed: [(String, [(String, String)])] = [
        ("a name in capitals", request + [("X-Upper", "1")]),
        ("connection", request + [("connection", "close")]),
        ("transfer-encoding", request + [("transfer-encoding", "chunked")]),
        ("keep-alive", request + [("keep-alive", "1")]),
        ("upgrade", request + [("upgrade", "websocket")]),
        ("te", request + [("te", "gzip")]),
        ("no path", request.filter { $0.0 != ":path" }),
        ("no method", request.filter { $0.0 != ":method" }),
        ("no scheme", request.filter { $0.0 != ":scheme" }),
        ("an empty path", request.map { $0.0 == ":path" ? (":path", "") : $0 }),
        ("a path that is none", request.map { $0.0 == ":path" ? (":path", "api/greet") : $0 }),
        ("a space in the path", request.map { $0.0 == ":path" ? (":path", "/a b") : $0 }),
        ("a method that is none", request.map { $0.0 == ":method" ? (":method", "G T") : $0 }),
        ("two methods", [(":method", "GET")] + request),
        ("an unknown pseudo field", request + [(":other", "1")]),
        ("a pseudo field behind others", [("accept", "*/*")] + request),
        ("a line break in a value", request + [("x-a", "1\r\nx-b: 2")]),
        ("a zero in a value", request + [("x-a", "1\0")]),
        ("a space before a value", request + [("x-a", " 1")]),
        ("a space in a name", request + [("x a", "1")]),
        ("another host", request + [("host", "b.test")]),
        ("a content-length without a body", request + [("content-length", "5")]),
    ]

    @Test("resets the stream as RFC 9113 says, and harms no other request of the connection")
    func malformed() async throws {
        let client = try await serve()
        let held = try await client.begin(HTTP2Client.get("/api/held?gate=h2.malformed"))
        for (what, fields) in Self.malformed {
            let answer = try await client.ask(HPACKHeaders(fields))
            #expect(answer.reset == Code.protocolError && answer.status == "", "\(what): \(answer)")
        }
        Gates.named("h2.malformed").signal()
        #expect(try await client.response(held).status == "200")
        #expect(client.goAways.isEmpty)
    }

    @Test("a field without a name, which SwiftNIO's decoder takes for damage, ends the connection")
    func nameless() async throws {
        let client = try await serve()
        _ = try? await client.begin(HPACKHeaders(Self.request + [("", "1")]))
        await client.server.pass(seconds: 5)
        #expect(!client.server.channel.isActive)
    }

    @Test("a connection that has failed is told so once, in however many pieces the rest arrives")
    func onceOnly() async throws {
        let client = try await serve()
        let frame = HTTP2Client.frame(0, stream: 1, [UInt8](repeating: 0, count: 20_000))
        let channel = client.server.channel
        // In one turn of the loop, as a socket hands over what it has.
        try await channel.testingEventLoop.executeInContext {
            for start in stride(from: 0, to: frame.count, by: 4096) {
                channel.pipeline.fireChannelRead(ByteBuffer(bytes: frame[start..<min(start + 4096, frame.count)]))
            }
            channel.pipeline.fireChannelReadComplete()
        }
        try await client.receive { !$0.goAways.isEmpty }
        await client.server.pass(seconds: 5)
        try? await client.receive()
        #expect(client.goAways.count == 1)
        #expect(!client.server.channel.isActive)
    }

    @Test("resets the stream when the body is shorter or longer than announced")
    func lengths() async throws {
        let client = try await serve()
        for body in ["1234", "123456"] {
            var headers = HTTP2Client.get("/api/greet?name=a", method: "POST")
            headers.add(name: "content-length", value: "5")
            let answer = try await client.ask(headers, body: body)
            #expect(answer.reset == Code.protocolError && answer.status == "")
        }
        #expect(try await client.ask(HTTP2Client.get("/api/greet?name=a")).status == "200")
    }

    @Test("limits are answered with their status; the connection goes on")
    func limits() async throws {
        let client = try await serve([
            "requestLine": 512, "headerCount": 5, "headerSize": 600, "bodySize": 10,
        ])
        let long = try await client.ask(HTTP2Client.get("/api/greet?name=" + String(repeating: "a", count: 600)))
        #expect(long.status == "414")
        var headers = HTTP2Client.get("/api/greet?name=a")
        for number in 0..<6 { headers.add(name: "x-\(number)", value: "1") }
        #expect(try await client.ask(headers).status == "431")
        headers = HTTP2Client.get("/api/greet?name=a")
        headers.add(name: "x-long", value: String(repeating: "a", count: 600))
        #expect(try await client.ask(headers).status == "431")
        #expect(try await client.ask([":method": "CONNECT", ":authority": "a:80"]).status == "400")
        #expect(try await client.ask([":method": "GET", ":scheme": "http", ":path": "/"]).status == "400")
        #expect(try await client.ask(HTTP2Client.get("/api/greet?name=a")).status == "200")
    }

    @Test("a body that is too large is answered with 413, announced or not, and its rest is not asked for")
    func tooLarge() async throws {
        let client = try await serve(["bodySize": 10])
        var headers = HTTP2Client.get("/api/greet?name=a", method: "POST")
        let sent = try await client.begin(headers, ends: false)
        try await client.data("12345678901", sent, ends: false)
        let refused = try await client.response(sent)
        #expect(refused.status == "413" && refused["access-control-allow-origin"] == "*")
        headers.add(name: "content-length", value: "11")
        let announced = try await client.begin(headers, ends: false)
        let answer = try await client.response(announced)
        #expect(answer.status == "413" && answer.text.contains("too large") && answer.reset == nil)
        #expect(answer["access-control-allow-origin"] == "*")
        await client.server.pass(seconds: 4)
        try await client.receive()
        #expect(client.responses[sent]?.reset == Code.none && client.responses[announced]?.reset == Code.none)
        #expect(try await client.ask(HTTP2Client.get("/api/greet?name=a")).status == "200")
    }

    @Test(
        "of a request that is refused before anybody looks where it leads, the route is logged where it has variables")
    func secretPaths() async throws {
        var setup = WebProcess.setup([Greet.self], web: ["limits": ["bodySize": 10]])
        setup.routes = ["post": [["path": "/reset/:name", "action": "greet"]]]
        let client = try await HTTP2Client(setup)
        var headers = HTTP2Client.get("/api/reset/s3cret", method: "POST")
        let large = try await client.begin(headers, ends: false)
        try await client.data("12345678901", large, ends: false)
        #expect(try await client.response(large).status == "413")
        let late = try await client.begin(headers, ends: false)
        await client.server.pass(seconds: 65)
        #expect(try await client.response(late).status == "408")
        headers.add(name: "content-length", value: "11")
        let announced = try await client.begin(headers, ends: false)
        #expect(try await client.response(announced).status == "413")
        headers = HTTP2Client.get("/api/reset/s3cret", method: "PUT")
        headers.add(name: "content-type", value: "text/plain")
        #expect(try await client.ask(headers, body: "x").status == "415")
        let cut = try await client.begin(HTTP2Client.get("/api/reset/s3cret", method: "POST"), ends: false)
        let channel = client.server.channel
        try await channel.testingEventLoop.executeInContext {
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        #expect(try await client.response(cut).status == "400")
        let lines = try client.server.log("a request was refused")
        #expect(lines.map { $0["status"] } == [413, 408, 413, 415, 400])
        #expect(lines.allSatisfy { $0["pathname"] == "/reset/:name" && !$0.description.contains("s3cret") }, "\(lines)")
    }

    @Test("a body in many small pieces is fine as long as they are not too many")
    func smallPieces() async throws {
        let client = try await serve()
        var headers = HTTP2Client.get("/api/greet", method: "POST")
        headers.add(name: "content-type", value: "application/json")
        let stream = try await client.begin(headers, ends: false)
        for letter in #"{"name":""# + String(repeating: "x", count: 900) + #"""# {
            try await client.data(String(letter), stream, ends: false)
        }
        try await client.data("}", stream)
        #expect(try await client.response(stream).status == "200")
    }

    /// Sends something again and again until the server has had enough.
    private func flood(_ client: HTTP2Client, _ name: String, _ send: (Int) async throws -> Void) async throws {
        for number in 0..<5000 where client.goAways.isEmpty {
            try? await send(number)
            try await client.receive()
        }
        #expect(client.goAways.first?.code == Code.enhanceYourCalm, "\(name)")
        await client.server.pass(seconds: 5)
        #expect(!client.server.channel.isActive, "\(name)")
    }

    @Test("a client that resets request after request is closed (CVE-2023-44487)")
    func resets() async throws {
        let client = try await serve()
        try await flood(client, "resets") { _ in
            let stream = try await client.begin(HTTP2Client.get("/api/held?gate=h2.reset"))
            try await client.reset(stream)
        }
        Gates.named("h2.reset").signal()
    }

    @Test("so is one that floods with pings, settings, priorities, continuations, empty data or malformed requests")
    func floods() async throws {
        var client = try await serve()
        try await flood(client, "pings") { _ in try await client.send(6, stream: 0, [0, 0, 0, 0, 0, 0, 0, 0]) }
        client = try await serve()
        try await flood(client, "settings") { _ in try await client.send(4, stream: 0) }
        client = try await serve()
        try await flood(client, "priorities") { _ in try await client.send(2, stream: 1, [0, 0, 0, 0, 1]) }
        client = try await serve()
        let block = try client.block(HTTP2Client.get("/api/greet?name=a"))
        try await client.send(1, stream: 1, block)
        try await flood(client, "continuations") { _ in try await client.send(9, stream: 1, []) }
        client = try await serve()
        let stream = try await client.begin(HTTP2Client.get("/api/greet?name=a", method: "POST"), ends: false)
        try await flood(client, "empty data") { _ in try await client.data("", stream, ends: false) }
        client = try await serve()
        let dribble = try await client.begin(HTTP2Client.get("/api/greet?name=a", method: "POST"), ends: false)
        try await flood(client, "data of one byte") { _ in try await client.data(" ", dribble, ends: false) }
        client = try await serve()
        try await flood(client, "malformed") { _ in try await client.begin(HPACKHeaders(Self.malformed[0].1)) }
    }

    @Test("headers far beyond the limit end the connection before they are decoded")
    func bomb() async throws {
        let client = try await serve()
        var headers = HTTP2Client.get("/api/greet?name=a")
        headers.add(name: "x-a", value: String(repeating: "a", count: 4000), indexing: .indexable)
        try await client.begin(headers)
        // One byte each: the entry of the table that the request before has made.
        let bytes = try client.block(HTTP2Client.get("/")) + [UInt8](repeating: 0x80 | 62, count: 10_000)
        try await client.send(1, flags: 5, stream: 3, bytes)
        try await client.receive { !$0.goAways.isEmpty }
        await client.server.pass(seconds: 5)
        #expect(!client.server.channel.isActive)
    }

    @Test(
        "whatever arrives behind the preface, the process lives and the connection ends or answers", arguments: 0..<40)
    func noise(seed: Int) async throws {
        var random = SeededRandom(seed: UInt64(seed) + 7)
        let client = try await serve()
        for _ in 0..<50 where client.server.channel.isActive {
            let count = Int.random(in: 0...40, using: &random)
            let payload = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let frame = HTTP2Client.frame(
                UInt8.random(in: 0...10, using: &random), flags: UInt8.random(in: 0...63, using: &random),
                stream: Int.random(in: 0...9, using: &random), payload)
            try? await client.send(seed % 4 == 0 ? payload : frame)
        }
        await client.server.pass(seconds: 130)
        #expect(!client.server.channel.isActive)
    }
}
