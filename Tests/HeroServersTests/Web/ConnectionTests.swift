// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRuntime
import HeroTestSupport
import NIOCore
import NIOEmbedded
import Testing

@testable import HeroServers

@Suite("a connection")
struct ConnectionTests {
    private let actions: [any Action.Type] = [Echo.self, Greet.self, Held.self]

    @Test("serves one request after the other and says that it stays open")
    func keepAlive() async throws {
        try await WebProcess.serve(actions) { web in
            let connection = try web.connect()
            for name in ["a", "b"] {
                try await connection.send("GET /api/greet?name=\(name) HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try await connection.response()
                #expect(try response.json["greeting"]?.stringValue == "Hi \(name)")
                #expect(response["connection"] == "keep-alive")
                #expect(response["keep-alive"] == "timeout=60")
            }
        }
    }

    @Test(
        "ends after the response when the client says so, or speaks HTTP/1.0",
        arguments: ["HTTP/1.1\r\nHost: a\r\nConnection: close", "HTTP/1.0"])
    func close(rest: String) async throws {
        try await WebProcess.serve(actions) { web in
            let again = "GET /api/echo \(rest)\r\n\r\n"
            let responses = try await web.raw(again + again)
            #expect(responses.map(\.status) == [200])
            #expect(responses[0]["connection"] == "close")
            #expect(responses[0]["keep-alive"] == nil)
        }
    }

    @Test("stays open for an HTTP/1.0 client that asks for it")
    func oldKeepAlive() async throws {
        try await WebProcess.serve(actions) { web in
            let responses = try await web.raw(
                "GET /api/echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /api/echo HTTP/1.0\r\n\r\n")
            #expect(responses.map { $0["connection"] } == ["keep-alive", "close"])
        }
    }

    @Test("answers pipelined requests in their order, one at a time, however slow the first is")
    func pipelining() async throws {
        try await WebProcess.serve(actions) { web in
            Gates.named("pipe.second").signal()
            let connection = try web.connect()
            try await connection.send(
                "GET /api/held?gate=pipe.first HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "GET /api/held?gate=pipe.second HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                    + "GET /api/nope HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            await Gates.named("pipe.first.begun").wait()
            #expect(!Gates.named("pipe.second.begun").hasHappened)
            Gates.named("pipe.first").signal()
            let responses = try HTTPResponse.all(try await connection.readToEnd())
            #expect(responses.map(\.status) == [200, 200, 200, 404])
            #expect(try responses[0].json["passed"]?.stringValue == "pipe.first")
            #expect(try responses[1].json["passed"]?.stringValue == "pipe.second")
        }
    }

    @Test("stops reading when too much is pipelined, and goes on when the first request is answered")
    func pipelineDepth() async throws {
        let client = try await ServedChannel(
            WebProcess.setup(actions, web: ["limits": ["pipelinedBytes": 1024]]))
        try await client.send("GET /api/held?gate=pipe.depth HTTP/1.1\r\nHost: a\r\n\r\n")
        await Gates.named("pipe.depth.begun").wait()
        func askForMore() async throws -> Int {
            let before = client.network.reads
            try await client.channel.testingEventLoop.executeInContext { [channel = client.channel] in channel.read() }
            return client.network.reads - before
        }
        #expect(try await askForMore() == 1)
        let next = "GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n\r\n"
        try await client.send(String(repeating: next, count: 50))
        #expect(try await askForMore() == 0)
        let before = client.network.reads
        Gates.named("pipe.depth").signal()
        var text = ""
        while text.components(separatedBy: "Hi x").count < 51 { text += try await client.receive(until: "Hi x") }
        #expect(client.network.reads > before)
    }

    @Test("does not keep what it has read of requests that end in the middle of packets")
    func misalignedRequests() {
        let request = Array("GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        var parser = HTTPRequestParser(limits: ParsedStream.limits)
        var input = ByteBuffer()
        var (sent, seen, capacity) = (0, 0, 0)
        while seen < 10_000 {
            // Packets of a size that is no multiple of the request's.
            input.append(ByteBuffer(bytes: (0..<997).map { request[(sent + $0) % request.count] }))
            sent += 997
            while case .some(let event) = try? parser.next(&input), !event.isNeedsMoreData {
                if case .end = event { seen += 1 }
            }
            capacity = max(capacity, input.storageCapacity)
        }
        #expect(capacity <= 8192)
    }

    @Test("asks for the body when the client waits for that, and not when it would be too large")
    func expectContinue() async throws {
        try await WebProcess.serve(actions, web: ["limits": ["bodySize": 100]]) { web in
            let connection = try web.connect()
            let head =
                "POST /api/greet HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
            try await connection.send(head + "Content-Length: 12\r\n\r\n")
            #expect(try await connection.response().status == 100)
            try await connection.send(#"{"name":"x"}"#)
            #expect(try await connection.response().status == 200)
            #expect(try await web.raw(head + "Content-Length: 101\r\n\r\n").map(\.status) == [413])
            #expect(try await web.raw(head + "Expect: x\r\nContent-Length: 1\r\n\r\n").map(\.status) == [417])
        }
    }

    @Test("ends with the first request that cannot be understood, after the answers to those before it")
    func fault() async throws {
        try await WebProcess.serve(actions) { web in
            let good = "GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n\r\n"
            let responses = try await web.raw(good + "NONSENSE\r\n\r\n" + good)
            #expect(responses.map(\.status) == [200, 400])
            #expect(responses[1]["content-type"] == "application/json; charset=utf-8")
            #expect(responses[1]["connection"] == "close")
            #expect(responses[1].text == #"{"error":"the method is malformed"}"#)
            #expect(try await web.request("/api/greet?name=y").status == 200)
        }
    }

    @Test("lets a client that is refused finish sending, so that it reads the answer")
    func refusedWhileSending() async throws {
        try await WebProcess.serve(actions, web: ["limits": ["bodySize": 1000]]) { web in
            let head = "POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 33554432\r\n\r\n"
            let responses = try await web.raw(Array(head.utf8) + [UInt8](repeating: 97, count: 33_554_432))
            #expect(responses.map(\.status) == [413])
            #expect(responses[0].error == "the body is too large")
        }
    }

    @Test("that is idle ends when the server stops, and one with a request under way after its response")
    func stopping() async throws {
        try await WebProcess.serve(actions) { web in
            let (idle, busy) = (try web.connect(), try web.connect())
            try await idle.send("GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await idle.response()
            try await busy.send("GET /api/held?gate=stop HTTP/1.1\r\nHost: a\r\n\r\n")
            await Gates.named("stop.begun").wait()
            async let stopped: Void = web.server.stop(keepsSocket: false, DrainLimits())
            #expect(try await idle.readToEnd() == [])
            Gates.named("stop").signal()
            let responses = try HTTPResponse.all(try await busy.readToEnd())
            #expect(responses.map(\.status) == [200])
            #expect(responses.first?["connection"] == "close")
            await stopped
            #expect(throws: HTTPConnection.Failure.self) { try web.connect() }
        }
    }

    @Test("that the client leaves cancels the action that runs for it")
    func clientLeaves() async throws {
        try await WebProcess.serve(actions) { web in
            do {
                let connection = try web.connect()
                connection.leavesByReset()
                try await connection.send("GET /api/held?gate=gone HTTP/1.1\r\nHost: a\r\n\r\n")
                await Gates.named("gone.begun").wait()
            }
            await Gates.named("gone.cancelled").wait()
            Gates.named("gone").signal()
            #expect(try await web.request("/api/greet?name=y").status == 200)
        }
    }
}

extension HTTPRequestParser.Event {
    fileprivate var isNeedsMoreData: Bool {
        if case .needsMoreData = self { return true }
        return false
    }
}
