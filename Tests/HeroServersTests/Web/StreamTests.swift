// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@Suite("a streamed response")
struct StreamTests {
    private let actions: [any Action.Type] = [Streaming.self, Greet.self]

    private func raw(_ kind: String, version: String = "1.1") async throws -> String {
        var text = ""
        try await WebProcess.serve(actions) { web in
            let connection = try web.connect()
            try await connection.send(
                "GET /api/streaming?kind=\(kind)&gate=none HTTP/\(version)\r\nHost: a\r\nConnection: close\r\n\r\n")
            text = String(decoding: try await connection.readToEnd(), as: UTF8.self)
        }
        return text
    }

    @Test("comes in chunks; empty ones do not end it")
    func chunks() async throws {
        let text = try await raw("words")
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\n"))
        #expect(text.hasSuffix("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"))
    }

    @Test("ends with the connection for HTTP/1.0")
    func oldVersion() async throws {
        let text = try await raw("words", version: "1.0")
        #expect(text.hasSuffix("Connection: close\r\n\r\nhello world"))
    }

    @Test("that fails has no end, so the client knows that it is not whole")
    func failure() async throws {
        try await WebProcess.serve(actions) { web in
            let connection = try web.connect()
            try await connection.send("GET /api/streaming?kind=failing&gate=none HTTP/1.1\r\nHost: a\r\n\r\n")
            let text = String(decoding: try await connection.readToEnd(), as: UTF8.self)
            #expect(text.hasSuffix("5\r\nhello\r\n"))
            #expect(try web.log("a streamed response failed").first?["error"] == "Broken()")
        }
    }

    @Test("is followed by the next response on its connection")
    func keepAlive() async throws {
        try await WebProcess.serve(actions) { web in
            let responses = try await web.raw(
                "GET /api/streaming?kind=words&gate=none HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "HEAD /api/streaming?kind=words&gate=none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(responses.first?.text == "hello world")
        }
    }

    @Test("is produced only as fast as the client takes it")
    func backPressure() async throws {
        let client = try await ServedChannel(WebProcess.setup(actions))
        Produced.reset("pressure")
        client.channel.isWritable = true
        try await client.send("GET /api/streaming?kind=endless&gate=pressure HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await client.receive(until: "\r\n\r\n")
        client.channel.isWritable = false
        Gates.named("pressure").signal()
        await client.network.hasBeenWritten("#1;")
        // A producer that ran on would be far ahead when the loop has handled everything that was asked of it.
        for _ in 0..<100 { try await client.channel.testingEventLoop.executeInContext {} }
        #expect(Produced.count("pressure") == 1)
        try await client.takeAll()
        await client.network.hasBeenWritten("#2;")
        try await client.channel.close().get()
        await Gates.named("pressure.cancelled").wait()
    }

    @Test("is produced ahead of the client as far as the configuration says", .timeLimit(.minutes(10)))
    func sendBuffer() async throws {
        try await WebProcess.serve(actions, web: ["limits": ["sendBuffer": 16_777_216]]) { web in
            Gates.named("ahead").signal()
            let connection = try web.connect()
            try await connection.send("GET /api/streaming?kind=endless&gate=ahead HTTP/1.1\r\nHost: a\r\n\r\n")
            // In chunks of 10,000 bytes; the system itself keeps at most some 10 MB of them.
            while Produced.count("ahead") < 1600 { await Task.yield() }
        }
    }

    @Test("is cancelled when the client leaves, also while it waits for the client to take data")
    func clientLeaves() async throws {
        try await WebProcess.serve(actions) { web in
            for gate in ["leaving.1", "leaving.2"] {
                Gates.named(gate).signal()
                do {
                    let connection = try web.connect()
                    try await connection.send(
                        "GET /api/streaming?kind=endless&gate=\(gate) HTTP/1.1\r\nHost: a\r\n\r\n")
                    if gate == "leaving.1" { await Gates.named("\(gate).begun").wait() }
                }
                await Gates.named("\(gate).cancelled").wait()
            }
            #expect(try await web.request("/api/greet?name=x").status == 200)
        }
    }
}

/// How much endless streams have produced, by gate.
enum Produced {
    private static let counts = Mutex<[String: Int]>([:])
    static func reset(_ gate: String) { counts.withLock { $0[gate] = 0 } }
    static func add(_ gate: String) -> Int {
        counts.withLock { counts in
            counts[gate, default: 0] += 1
            return counts[gate, default: 0]
        }
    }
    static func count(_ gate: String) -> Int { counts.withLock { $0[gate] ?? 0 } }
}

struct Broken: Error {}

struct Streaming: Action {
    @Input("What to stream") var kind: String
    @Input("Name of the gate") var gate: String

    func run(_ context: Context) async throws -> NoOutput {
        switch kind {
        case "endless": context.response.send(stream: Endless(gate: gate))
        default:
            let fails = kind == "failing"
            let stream = AsyncThrowingStream<[UInt8], any Error> { continuation in
                for word in ["hello", "", " world"] {
                    continuation.yield(Array(word.utf8))
                    if fails { return continuation.finish(throwing: Broken()) }
                }
                continuation.finish()
            }
            context.response.send(stream: stream, headers: ["Content-Type": "text/csv"])
        }
        return NoOutput()
    }
}

/// Numbered chunks as fast as they are asked for; tells when its iteration was cancelled.
struct Endless: AsyncSequence {
    typealias Failure = Never
    let gate: String

    struct Iterator: AsyncIteratorProtocol {
        let gate: String

        mutating func next() async -> [UInt8]? { await next(isolation: nil) }

        mutating func next(isolation: isolated (any Actor)?) async -> [UInt8]? {
            await Gates.named(gate).wait()
            if Task.isCancelled { return nil }
            let text = "#\(Produced.add(gate));"
            Gates.named("\(gate).begun").signal()
            return Array(text.utf8) + [UInt8](repeating: 46, count: 10_000)
        }
    }

    /// Goes away with the iteration.
    final class Watch: Sendable {
        let gate: String
        init(gate: String) { self.gate = gate }
        deinit { Gates.named("\(gate).cancelled").signal() }
    }

    let watch: Watch

    init(gate: String) {
        self.gate = gate
        watch = Watch(gate: gate)
    }

    func makeAsyncIterator() -> Iterator { Iterator(gate: gate) }
}
