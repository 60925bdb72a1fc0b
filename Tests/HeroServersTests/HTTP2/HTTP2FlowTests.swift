// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import NIOCore
import NIOEmbedded
import NIOHPACK
import Testing

/// Limits are the shipped ones; the clock is the test's.
@Suite("windows and patience of HTTP/2")
struct HTTP2FlowTests {
    private typealias Code = HTTP2Client.Code

    private func serve(
        _ settings: [(id: UInt8, value: Int)] = [], web: JSON = [:], files: [String: String] = [:]
    ) async throws -> HTTP2Client {
        let setup = WebProcess.Setup(
            actions: [Echo.self, Greet.self, Held.self, Streaming.self], web: web,
            general: ["disableParamScrubbing": true], files: files)
        return try await HTTP2Client(setup, settings: settings)
    }

    private static let closedWindow: [(id: UInt8, value: Int)] = [(id: 4, value: 0)]

    @Test("a client that never opens its window has one piece produced for it, and then gets a reset")
    func closedWindow() async throws {
        let client = try await serve(Self.closedWindow)
        let stream = try await client.begin(HTTP2Client.get("/api/streaming?kind=endless&gate=h2.closed"))
        Gates.named("h2.closed").signal()
        while Produced.count("h2.closed") < 1 { await Task.yield() }
        try await client.receive { $0.responses[stream] != nil }
        #expect(client.responses[stream]?.body.isEmpty == true)
        let other = try await client.ask(HTTP2Client.get("/health/live", method: "HEAD"))
        #expect(other.status == "200")
        await client.server.pass(seconds: 30)
        #expect(Produced.count("h2.closed") == 1)
        await client.server.pass(seconds: 32)
        #expect(try await client.response(stream).reset == Code.cancel)
        #expect(client.server.channel.isActive)
    }

    @Test("a file is read as the client opens its window, and is whole at the end")
    func file() async throws {
        let text =
            String((0..<100_000).map { "\($0 % 10)" }.joined().prefix(100_000)) + String(repeating: "x", count: 400_000)
        let client = try await serve(Self.closedWindow, files: ["public/long.txt": text])
        let stream = try await client.begin(HTTP2Client.get("/public/long.txt"))
        try await client.receive { $0.responses[stream] != nil }
        try await client.openWindow(0, by: 1_000_000)
        while client.responses[stream]?.hasEnded == false {
            let before = client.responses[stream]?.body.count ?? 0
            try await client.openWindow(stream, by: 50_000)
            try await client.receive {
                ($0.responses[stream]?.body.count ?? 0) >= min(before + 50_000, text.utf8.count)
            }
            #expect((client.responses[stream]?.body.count ?? 0) - before <= 50_000)
            if client.responses[stream]?.body.count == text.utf8.count {
                try await client.receive { $0.responses[stream]?.hasEnded == true }
            }
        }
        #expect(client.responses[stream]?.text == text)
    }

    @Test(
        "many responses with the same file share one descriptor, also where files are not kept, and nothing is read for a window that is closed",
        arguments: [1000, 0])
    func sharedFile(_ cacheFor: Int) async throws {
        let client = try await serve(
            Self.closedWindow, web: ["files": ["cacheFor": .integer(cacheFor)]],
            files: ["public/shared.bin": String(repeating: "x", count: 200_000)])
        var streams: [Int] = []
        for _ in 0..<100 { streams.append(try await client.begin(HTTP2Client.get("/public/shared.bin"))) }
        // No more than these may have a file open at a time.
        try await client.receive { $0.responses.count >= 32 }
        for _ in 0..<100 { try await client.server.channel.testingEventLoop.executeInContext {} }
        try await client.receive()
        #expect(client.responses.count == 32)
        #expect(client.server.openFiles("shared.bin") == 1)
        try await client.openWindow(0, by: 20_000_000)
        for stream in streams {
            try await client.receive { $0.responses[stream] != nil }
            try await client.openWindow(stream, by: 200_000)
            #expect(try await client.response(stream).body.count == 200_000)
        }
        #expect(client.server.channel.isActive)
    }

    @Test("responses with many files have no more of them open than a client may hold, and all come in their turn")
    func manyFiles() async throws {
        let files = (0..<60).map { ("public/\($0).bin", String(repeating: "\($0 % 10)", count: 100_000)) }
        let client = try await serve(Self.closedWindow, files: Dictionary(uniqueKeysWithValues: files))
        var streams: [Int] = []
        for number in 0..<60 { streams.append(try await client.begin(HTTP2Client.get("/public/\(number).bin"))) }
        try await client.receive { $0.responses.count >= 32 }
        #expect(client.server.openFiles(".bin") <= 32)
        // Whoever is reset gives way to the next.
        for stream in streams.prefix(20) { try await client.reset(stream) }
        try await client.receive { $0.responses.count >= 52 }
        try await client.openWindow(0, by: 20_000_000)
        for stream in streams.dropFirst(20) {
            try await client.receive { $0.responses[stream] != nil }
            try await client.openWindow(stream, by: 100_000)
            #expect(try await client.response(stream).body.count == 100_000)
        }
    }

    @Test("a client whose window opens with its settings gets what waits for that")
    func settings() async throws {
        let client = try await serve(
            Self.closedWindow, files: ["public/long.bin": String(repeating: "x", count: 150_000)])
        let stream = try await client.begin(HTTP2Client.get("/public/long.bin"))
        try await client.receive { $0.responses[stream] != nil }
        try await client.openWindow(0, by: 1_000_000)
        try await client.send(4, stream: 0, [0, 4] + HTTP2Client.bytes(200_000))
        #expect(try await client.response(stream).body.count == 150_000)
    }

    @Test("a slow client is not one that has gone")
    func slow() async throws {
        let client = try await serve(Self.closedWindow, files: ["public/long.txt": String(repeating: "x", count: 1000)])
        let stream = try await client.begin(HTTP2Client.get("/public/long.txt"))
        for _ in 0..<5 {
            await client.server.pass(seconds: 50)
            try await client.openWindow(stream, by: 100)
        }
        try await client.receive { $0.responses[stream]?.body.count == 500 }
        #expect(client.responses[stream]?.reset == nil)
        try await client.openWindow(stream, by: 500)
        #expect(try await client.response(stream).hasEnded)
    }

    @Test("a body that stops arriving is answered with 408; other requests of the connection are not concerned")
    func body() async throws {
        let client = try await serve(web: ["limits": ["bodyRate": 0]])
        let stream = try await client.begin(HTTP2Client.get("/api/echo", method: "POST"), ends: false)
        let held = try await client.begin(HTTP2Client.get("/api/held?gate=h2.body"))
        await client.server.pass(seconds: 40)
        try await client.data("{", stream, ends: false)
        await client.server.pass(seconds: 59)
        try await client.receive()
        #expect(client.responses[stream] == nil)
        await client.server.pass(seconds: 5)
        #expect(try await client.response(stream).status == "408")
        Gates.named("h2.body").signal()
        #expect(try await client.response(held).status == "200")
    }

    @Test("the window of a body is opened again as it arrives, and that of the connection with it")
    func upload() async throws {
        let client = try await serve()
        var headers = HTTP2Client.get("/api/echo", method: "POST")
        headers.add(name: "content-type", value: "application/json")
        let stream = try await client.begin(headers, ends: false)
        try await client.receive()
        var (sent, allowed) = (0, 131_072)
        let piece = String(repeating: " ", count: 16_000)
        let start = client.windowBytes
        while sent < 3_000_000 {
            if allowed < 16_000 {
                let known = client.streamWindows[stream, default: 0]
                try await client.receive { $0.streamWindows[stream, default: 0] > known }
                allowed += client.streamWindows[stream, default: 0] - known
            }
            try await client.data(piece, stream, ends: false)
            sent += 16_000
            allowed -= 16_000
        }
        try await client.data("{\"end\":1}", stream)
        #expect(try JSON(parsing: try await client.response(stream).text)["params"]?["end"] == 1)
        #expect(client.windowBytes > start)
    }

    @Test("a connection without requests is told goodbye and closed; pings do not keep it")
    func idle() async throws {
        let client = try await serve()
        #expect(try await client.ask(HTTP2Client.get("/api/echo")).status == "200")
        for _ in 0..<5 {
            await client.server.pass(seconds: 12)
            try await client.send(6, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8])
        }
        await client.server.pass(seconds: 6)
        try await client.receive()
        #expect(client.goAways.first?.code == Code.none && client.pings.count == 5)
        #expect(!client.server.channel.isActive)
    }

    private func endInput(_ client: HTTP2Client) async throws {
        let channel = client.server.channel
        try await channel.testingEventLoop.executeInContext {
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
    }

    @Test("a client that will send nothing more gets a file, and then the end", .timeLimit(.minutes(10)))
    func halfClosedFile() async throws {
        let long = String(repeating: "x", count: 60_000)
        let client = try await serve(files: ["public/long.txt": long])
        let file = try await client.begin(HTTP2Client.get("/public/long.txt"))
        try await endInput(client)
        #expect(try await client.response(file).text == long)
        await client.server.pass(seconds: 4)
        #expect(!client.server.channel.isActive)
    }

    @Test("a client that will send nothing more is told that its body is not complete", .timeLimit(.minutes(10)))
    func halfClosedUpload() async throws {
        let client = try await serve()
        let upload = try await client.begin(HTTP2Client.get("/api/echo", method: "POST"), ends: false)
        try await endInput(client)
        #expect(try await client.response(upload).status == "400")
        await client.server.pass(seconds: 4)
        #expect(!client.server.channel.isActive)
    }

    @Test("a client that will send nothing more gets the answer of an action that runs", .timeLimit(.minutes(10)))
    func halfClosedAction() async throws {
        let client = try await serve()
        let held = try await client.begin(HTTP2Client.get("/api/held?gate=h2.half"))
        await Gates.named("h2.half.begun").wait()
        try await endInput(client)
        #expect(!Gates.named("h2.half.cancelled").hasHappened)
        Gates.named("h2.half").signal()
        #expect(try await client.response(held).status == "200")
        await client.server.pass(seconds: 4)
        #expect(!client.server.channel.isActive)
    }

    @Test("a client that will send nothing more and has asked for nothing is let go")
    func halfClosedIdle() async throws {
        let client = try await serve()
        #expect(try await client.ask(HTTP2Client.get("/api/echo")).status == "200")
        try await endInput(client)
        await client.server.pass(seconds: 4)
        #expect(!client.server.channel.isActive)
    }

    @Test("a client that takes nothing at all is not read from")
    func unread() async throws {
        let client = try await serve()
        #expect(try await client.ask(HTTP2Client.get("/api/echo")).status == "200")
        let channel = client.server.channel
        func askForMore() async throws -> Int {
            let before = client.server.network.reads
            try await channel.testingEventLoop.executeInContext { channel.read() }
            return client.server.network.reads - before
        }
        #expect(try await askForMore() == 1)
        client.server.stall()
        #expect(try await askForMore() == 0)
        let before = client.server.network.reads
        try await client.server.takeAll()
        #expect(client.server.network.reads > before)
        #expect(try await client.ask(HTTP2Client.get("/api/echo")).status == "200")
    }
}
