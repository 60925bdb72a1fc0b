// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import NIOCore
import NIOEmbedded
import NIOHPACK
import Testing

/// Pieces of a megabyte, as fast as they are asked for.
private struct HugePieces: Action {
    func run(_ context: Context) async throws -> NoOutput {
        context.response.send(
            stream: AsyncStream<[UInt8]>(unfolding: { [UInt8](repeating: 46, count: 1_048_576) }))
        return NoOutput()
    }
}

/// Three pieces of 100,000 bytes.
private struct ThreePieces: Action {
    func run(_ context: Context) async throws -> NoOutput {
        let stream = AsyncStream<[UInt8]> { continuation in
            for letter in "abc".utf8 { continuation.yield([UInt8](repeating: letter, count: 100_000)) }
            continuation.finish()
        }
        context.response.send(stream: stream)
        return NoOutput()
    }
}

@Suite("what the clients of HTTP/2 cannot take from each other", .timeLimit(.minutes(10)))
struct HTTP2CrowdTests {
    private static let closedWindow: [(id: UInt8, value: Int)] = [(id: 4, value: 0)]

    private func serve(_ settings: [(id: UInt8, value: Int)] = []) async throws -> HTTP2Client {
        let setup = WebProcess.Setup(actions: [HugePieces.self, ThreePieces.self, TakeFiles.self], files: [:])
        return try await HTTP2Client(setup, settings: settings)
    }

    @Test("of streams that nobody takes, those that have waited longest are reset once all hold more than 64 MB")
    func stalledStreams() async throws {
        let client = try await serve(Self.closedWindow)
        var old: [Int] = []
        for _ in 0..<40 { old.append(try await client.begin(HTTP2Client.get("/api/hugePieces"))) }
        try await client.receive { client in old.allSatisfy { client.responses[$0] != nil } }
        await client.server.pass(seconds: 2)
        var new: [Int] = []
        for _ in 0..<40 { new.append(try await client.begin(HTTP2Client.get("/api/hugePieces"))) }
        func resets(_ streams: [Int]) -> Int { streams.count { client.responses[$0]?.reset == 8 } }
        while resets(old) < 16 {
            await client.server.channel.testingEventLoop.run()
            try await client.receive()
            await Task.yield()
        }
        #expect(resets(new) == 0)
        let other = try await client.ask(HTTP2Client.get("/health/live", method: "HEAD"))
        #expect(other.status == "200")
        #expect(client.server.channel.isActive)
    }

    @Test("what is produced in pieces larger than the window arrives whole and in order")
    func pieces() async throws {
        let client = try await serve([(id: 4, value: 1000)])
        let stream = try await client.begin(HTTP2Client.get("/api/threePieces"))
        try await client.receive { $0.responses[stream]?.body.count == 1000 }
        try await client.openWindow(0, by: 1_000_000)
        for _ in 0..<10 { try await client.openWindow(stream, by: 29_900) }
        let response = try await client.response(stream)
        let expected = "abc".utf8.flatMap { [UInt8](repeating: $0, count: 100_000) }
        #expect(response.body == expected)
        #expect(response.reset == nil)
    }

    private func upload(_ client: HTTP2Client) async throws -> Int {
        var headers = HTTP2Client.get("/api/takeFiles", method: "POST")
        headers.add(name: "content-type", value: "application/octet-stream")
        return try await client.begin(headers, ends: false)
    }

    private func size(_ stream: Int, _ client: HTTP2Client) async throws -> JSON? {
        try JSON(parsing: try await client.response(stream).text)["file"]?["size"]
    }

    @Test("an upload of which little has come has no file open")
    func smallUploads() async throws {
        let client = try await serve()
        let before = client.server.openFiles("")
        var streams: [Int] = []
        for _ in 0..<60 { streams.append(try await upload(client)) }
        for stream in streams { try await client.data(String(repeating: "u", count: 100), stream, ends: false) }
        for _ in 0..<100 {
            await client.server.channel.testingEventLoop.run()
            await Task.yield()
        }
        #expect(client.server.openFiles("") <= before)
        try await client.openWindow(0, by: 1_000_000)
        for stream in streams {
            try await client.data("u", stream)
            #expect(try await size(stream, client) == 101)
        }
    }

    @Test("the uploads of a connection have 32 files open; the others have theirs when these end, or need none")
    func largeUploads() async throws {
        let client = try await serve()
        let before = client.server.openFiles("")
        let piece = String(repeating: "u", count: 10_000)
        var streams: [Int] = []
        for _ in 0..<40 {
            let stream = try await upload(client)
            streams.append(stream)
            for _ in 0..<2 { try await client.data(piece, stream, ends: false) }
        }
        // 32, and the directory in which they are.
        while client.server.openFiles("") < before + 33 {
            await client.server.channel.testingEventLoop.run()
            await Task.yield()
        }
        for _ in 0..<100 { await client.server.channel.testingEventLoop.run() }
        #expect(client.server.openFiles("") == before + 33)
        try await client.openWindow(0, by: 1_000_000)
        // From the last to the first: what is whole does not wait for what is not.
        for stream in streams.reversed() {
            try await client.data(piece, stream)
            #expect(try await size(stream, client) == 30_000)
        }
    }
}
