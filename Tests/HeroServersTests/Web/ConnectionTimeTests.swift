// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import NIOCore
import NIOEmbedded
import Testing

/// Limits are the shipped ones; the clock is the test's.
@Suite("how long a client may take")
struct ConnectionTimeTests {
    private func serve(_ web: JSON = [:]) async throws -> ServedChannel {
        try await ServedChannel(WebProcess.setup([Echo.self, Held.self, Trickle.self], web: web))
    }

    @Test("a head that does not arrive is answered with 408, and the connection ends")
    func head() async throws {
        let client = try await serve()
        try await client.send("GET /api/echo HT")
        await client.pass(seconds: 10)
        #expect(try await client.received() == "")
        await client.pass(seconds: 2)
        let answer = try await client.received()
        #expect(answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(answer.hasSuffix(#"{"error":"the request took too long to arrive"}"#))
        await client.pass(seconds: 4)
        #expect(!client.channel.isActive)
    }

    @Test("a head that arrives byte by byte is given no more time")
    func drip() async throws {
        let client = try await serve()
        for byte in "GET /api/e" {
            try await client.send(String(byte))
            await client.pass(seconds: 1)
        }
        await client.pass(seconds: 2)
        #expect(try await client.received().hasPrefix("HTTP/1.1 408 "))
    }

    @Test("a body has its time between two pieces, then 408")
    func body() async throws {
        let client = try await serve(["limits": ["bodyRate": 0]])
        try await client.send("POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n")
        for _ in 0..<2 {
            await client.pass(seconds: 59)
            try await client.send("a")
        }
        #expect(try await client.received() == "")
        await client.pass(seconds: 62)
        #expect(try await client.received().hasPrefix("HTTP/1.1 408 "))
    }

    @Test("a body that comes byte by byte is given no more time than its bytes are worth")
    func slowBody() async throws {
        let client = try await serve()
        try await client.send("POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n")
        for _ in 0..<60 {
            await client.pass(seconds: 1)
            try await client.send("a")
        }
        #expect(try await client.received() == "")
        for _ in 0..<4 {
            await client.pass(seconds: 1)
            try await client.send("a")
        }
        #expect(try await client.received().hasPrefix("HTTP/1.1 408 "))
    }

    @Test("a body that comes slowly, but not too slowly, has all the time it needs")
    func steadyBody() async throws {
        let client = try await serve()
        try await client.send("POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
        for _ in 0..<20 {
            #expect(try await client.received() == "")
            try await client.send(String(repeating: "a", count: 3000))
            await client.pass(seconds: 10)
        }
        #expect(try await client.received().hasPrefix("HTTP/1.1 "))
    }

    @Test("a connection between two requests is closed without a word")
    func idle() async throws {
        let client = try await serve()
        try await client.send("GET /api/echo HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await client.received().hasPrefix("HTTP/1.1 200 "))
        await client.pass(seconds: 60)
        #expect(client.channel.isActive)
        await client.pass(seconds: 2)
        #expect(!client.channel.isActive)
        #expect(try await client.received() == "")
    }

    @Test("a limit of 0 is none")
    func unlimited() async throws {
        let client = try await serve(["timeouts": ["headers": 0, "keepAlive": 0, "body": 0]])
        await client.pass(seconds: 1000)
        try await client.send("POST /api/echo HTTP/1.1\r\nHost: a\r\n")
        await client.pass(seconds: 1000)
        try await client.send("Content-Length: 1\r\n\r\n")
        await client.pass(seconds: 1000)
        try await client.send("a")
        let answer = try await client.received()
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        // A time of 0 would tell clients not to use the connection again.
        #expect(answer.contains("\r\nConnection: keep-alive\r\n") && !answer.contains("Keep-Alive:"))
    }

    @Test("an action may take as long as it likes")
    func action() async throws {
        let client = try await serve()
        try await client.send("GET /api/held?gate=time.action HTTP/1.1\r\nHost: a\r\n\r\n")
        await Gates.named("time.action.begun").wait()
        await client.pass(seconds: 1000)
        #expect(client.channel.isActive)
        Gates.named("time.action").signal()
        #expect(try await client.receive(until: "passed").hasPrefix("HTTP/1.1 200 "))
    }

    @Test("a client that takes no data is let go")
    func stalled() async throws {
        let client = try await serve()
        try await client.send("GET /api/trickle?gate=time.stalled HTTP/1.1\r\nHost: a\r\n\r\n")
        await Gates.named("time.stalled.asked").wait()
        client.stall()
        Gates.named("time.stalled").signal()
        await client.network.hasBeenWritten("5\r\nchunk")
        await client.pass(seconds: 60)
        #expect(client.channel.isActive)
        await client.pass(seconds: 3)
        #expect(!client.channel.isActive)
    }

    @Test("a stream may pause as long as it likes, also after the client had been slow once")
    func pausingStream() async throws {
        let client = try await serve()
        try await client.send("GET /api/trickle?gate=time.pause HTTP/1.1\r\nHost: a\r\n\r\n")
        await Gates.named("time.pause.asked").wait()
        client.stall()
        Gates.named("time.pause").signal()
        await client.network.hasBeenWritten("5\r\nchunk")
        try await client.takeAll()
        await Gates.named("time.pause.asked again").wait()
        await client.pass(seconds: 1000)
        #expect(client.channel.isActive)
        Gates.named("time.pause.end").signal()
        #expect(try await client.receive(until: "0\r\n\r\n").contains("5\r\nchunk\r\n"))
    }

    @Test("a slow client gets the whole of a last response")
    func lastResponse() async throws {
        let client = try await serve()
        client.network.isStalled = true
        try await client.send("GET /api/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        await client.pass(seconds: 50)
        #expect(client.channel.isActive)
        try await client.takeAll()
        #expect(try await client.received().hasPrefix("HTTP/1.1 200 "))
        await client.pass(seconds: 4)
        #expect(!client.channel.isActive)
    }

    @Test("a client that is taking its response is not idle")
    func slowReader() async throws {
        let client = try await serve(["timeouts": ["keepAlive": 5000, "write": 60_000]])
        client.network.isStalled = true
        try await client.send("GET /api/echo HTTP/1.1\r\nHost: a\r\n\r\n")
        await client.pass(seconds: 30)
        #expect(client.channel.isActive)
        try await client.takeAll()
        #expect(try await client.received().hasPrefix("HTTP/1.1 200 "))
        await client.pass(seconds: 70)
        #expect(!client.channel.isActive)
    }

    @Test("a client that goes on sending after a refusal is listened to for a while, and not for ever")
    func lingering() async throws {
        let client = try await serve()
        try await client.send("NONSENSE\r\n\r\n")
        #expect(try await client.received().hasPrefix("HTTP/1.1 400 "))
        for _ in 0..<25 {
            try await client.send("more")
            await client.pass(seconds: 1)
        }
        #expect(client.channel.isActive)
        for _ in 0..<10 where client.channel.isActive {
            try await client.send("more")
            await client.pass(seconds: 1)
        }
        #expect(!client.channel.isActive)
        #expect(try await client.received() == "")
    }
}

/// Streams one chunk when its gate opens, and ends when a second one does.
struct Trickle: Action {
    @Input("Name of the gate") var gate: String

    func run(_ context: Context) async throws -> NoOutput {
        let gate = gate
        let steps = [("asked", gate, Array("chunk".utf8)), ("asked again", "\(gate).end", Array("end".utf8))]
        let stream = AsyncStream<[UInt8]> { continuation in
            let task = Task {
                for (name, next, bytes) in steps {
                    Gates.named("\(gate).\(name)").signal()
                    await Gates.named(next).wait()
                    continuation.yield(bytes)
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
        context.response.send(stream: stream)
        return NoOutput()
    }
}
