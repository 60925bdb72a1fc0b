// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime
import HeroServers
import HeroTestSupport
import NIOHPACK
import Testing

/// RFC 8441.
@Suite("a stream of HTTP/2 that goes on with another protocol", .timeLimit(.minutes(10)))
struct HTTP2UpgradeTests {
    private var setup: WebProcess.Setup {
        var setup = WebProcess.Setup(actions: [Greet.self])
        setup.upgrades = [EchoProtocol()]
        return setup
    }

    private func connect(_ gate: String, to name: String = "echo") -> HPACKHeaders {
        [
            ":method": "CONNECT", ":protocol": name, ":scheme": "http", ":path": "/echo?\(gate)",
            ":authority": "a.test",
        ]
    }

    private func text(_ client: HTTP2Client, _ stream: Int, until end: String) async throws -> String {
        try await client.receive { $0.responses[stream]?.text.hasSuffix(end) == true }
        return client.responses[stream]?.text ?? ""
    }

    /// A client that has taken note of what the server has said about itself, before which it must not ask.
    private func client() async throws -> HTTP2Client {
        let client = try await HTTP2Client(setup)
        try await client.receive { !$0.settings.isEmpty }
        try await client.send(4, flags: 1, stream: 0)
        return client
    }

    @Test("may be asked for only where there is such a protocol")
    func announcement() async throws {
        #expect(try await client().settings[8] == 1)
        let other = try await HTTP2Client(WebProcess.setup([Greet.self]))
        try await other.receive { !$0.settings.isEmpty }
        #expect(other.settings[8] == nil)
    }

    @Test("answers beside the other streams of the connection, and what could not wait for the answer, too")
    func beside() async throws {
        let client = try await client()
        let stream = try await client.begin(connect("h2.beside"), ends: false)
        try await client.data("one\n", stream, ends: false)
        #expect(try await text(client, stream, until: "one\n") == "one\n")
        #expect(client.responses[stream]?.status == "200")
        #expect(client.responses[stream]?["x-echo"] == "127.0.0.1 true")
        #expect(client.responses[stream]?["content-length"] == nil)
        #expect(try await client.ask(HTTP2Client.get("/api/greet?name=x")).status == "200")
        let second = try await client.begin(connect("h2.second"), ends: false)
        try await client.data("deux\n", second, ends: false)
        try await client.data("two\n", stream, ends: false)
        #expect(try await text(client, stream, until: "two\n") == "one\ntwo\n")
        #expect(try await text(client, second, until: "deux\n") == "deux\n")
        try await client.data("bye\n", stream, ends: true)
        #expect(try await client.response(stream).text == "one\ntwo\nbye\n")
        await Gates.named("h2.beside").wait()
        try await client.reset(second)
        await Gates.named("h2.second").wait()
        #expect(client.goAways.isEmpty)
    }

    @Test("is refused with the reason, and with 501 where nobody speaks the protocol")
    func refusals() async throws {
        let client = try await client()
        let stream = try await client.begin(connect("refused"), ends: false)
        let refused = try await client.response(stream)
        #expect(refused.status == "426" && refused.text.contains("not like this") && refused.hasEnded)
        // What the client sends before it knows is dropped.
        try await client.data("one\n", stream)
        let unknown = try await client.ask(connect("none", to: "other"), body: "one\n")
        #expect(unknown.status == "501" && unknown.text.contains("the protocol 'other' is not spoken here"))
        #expect(try await client.ask(HTTP2Client.get("/api/greet?name=x")).status == "200")
    }

    @Test("may carry any number of small messages, and more than fits into the windows")
    func amounts() async throws {
        let client = try await client()
        let stream = try await client.begin(connect("h2.amounts"), ends: false)
        let line = String(repeating: "y", count: 15_999) + "\n"
        for number in 1...60 {
            try await client.data(line, stream, ends: false)
            _ = try await text(client, stream, until: "\n")
            try await client.receive { ($0.responses[stream]?.body.count ?? 0) >= 16_000 * number }
            try await client.openWindow(stream, by: 16_000)
            try await client.openWindow(0, by: 16_000)
        }
        #expect((client.streamWindows[stream] ?? 0) >= 960_000 - 131_072)
        for _ in 1...1500 { try await client.data("z\n", stream, ends: false) }
        try await client.receive { ($0.responses[stream]?.body.count ?? 0) >= 960_000 + 3000 }
        #expect(client.goAways.isEmpty)
    }

    @Test("gets no more room while the session wants no more")
    func pause() async throws {
        let client = try await client()
        let stream = try await client.begin(connect("h2.pause"), ends: false)
        try await client.data("pause\n", stream, ends: false)
        for _ in 1...6 {
            try await client.data(String(repeating: "y", count: 15_000) + "\n", stream, ends: false)
        }
        try await client.receive { ($0.responses[stream]?.body.count ?? 0) >= 60_000 }
        #expect(client.streamWindows[stream] == nil)
        await client.server.pass(seconds: 11)
        try await client.receive { ($0.streamWindows[stream] ?? 0) > 60_000 }
    }

    @Test("hears that the client has ended, and answers to the end")
    func halfClosed() async throws {
        let client = try await client()
        let stream = try await client.begin(connect("h2.ended"), ends: true)
        #expect(try await client.response(stream).text == "end\n")
        let cut = try await client.begin(connect("h2.cut"), ends: false)
        try await client.data("cut\n", cut, ends: false)
        #expect(try await client.response(cut).reset == HTTP2Client.Code.cancel)
        await Gates.named("h2.cut").wait()
    }

    @Test("is told when the server stops, which waits for its end")
    func stopping() async throws {
        try await WebProcess.serve(setup) { web in
            let client = try await client()
            let connection = try web.connect()
            try await connection.send(
                HTTP2Client.preface + HTTP2Client.frame(4, stream: 0) + HTTP2Client.frame(4, flags: 1, stream: 0)
                    + HTTP2Client.frame(1, flags: 4, stream: 1, try client.block(connect("h2.stop")))
                    + HTTP2Client.frame(0, stream: 1, Array("one\n".utf8)))
            var bytes: [UInt8] = []
            while !String(decoding: bytes, as: UTF8.self).contains("one\n") {
                bytes += try await connection.read(atLeast: 1)
            }
            let server = web.server
            async let stopped: Void = server.stop(keepsSocket: true, DrainLimits(idleMilliseconds: 0))
            bytes = []
            while !String(decoding: bytes, as: UTF8.self).contains("stopping\n") {
                bytes += try await connection.read(atLeast: 1)
            }
            await Gates.named("h2.stop").wait()
            connection.finishSending()
            await stopped
        }
    }
}
