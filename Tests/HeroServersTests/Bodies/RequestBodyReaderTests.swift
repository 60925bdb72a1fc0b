// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Dispatch
import HeroRuntime
import HeroTestSupport
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import HeroServers

@Suite("the reader of bodies", .timeLimit(.minutes(10)))
struct RequestBodyReaderTests {
    @Test("a client has to wait while the disk is slow, and goes on when it has caught up")
    func holdsBack() async throws {
        let (project, process) = try WebProcess.load(WebProcess.setup([TakeFiles.self]))
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let plan = try WebServerPlan(process.application)
        let settings = WebServerSettings(process.application, process.processor, plan, fileThreads: pool)
        // The only thread is busy until it is told otherwise.
        let disk = DispatchSemaphore(value: 0)
        pool.submit { _ in disk.wait() }
        let loop = NIOAsyncTestingEventLoop()
        let progress = Event()
        let (wasHeld, held) = try await loop.executeInContext {
            var parser = HTTPRequestParser(limits: .forTests)
            var bytes = ByteBuffer(
                string: "POST /api/takeFiles HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n"
                    + "Content-Type: application/octet-stream\r\n\r\n")
            guard case .head(let head) = try parser.next(&bytes) else { throw WebProcess.SwitchedOff() }
            let reader = try RequestBodyReader(
                head, settings.makeReader().plan(head), settings.configuration.bodyLimits, settings.uploads, loop,
                UploadTurns(), UploadTurns.Client())
            let piece = ByteBuffer(repeating: 1, count: 100_000)
            for _ in 0..<2 { try reader.feed(piece) }
            let early = reader.isPaused
            try reader.feed(piece)
            reader.onProgress = { [unowned reader] in if !reader.isPaused { progress.signal() } }
            return (early, NIOLoopBound(reader, eventLoop: loop))
        }
        #expect(!wasHeld)
        let isPaused = try await loop.executeInContext { held.value.isPaused }
        #expect(isPaused)
        disk.signal()
        while !progress.hasHappened {
            await loop.run()
            await Task.yield()
        }
        #expect(!project.uploads.isEmpty)
        try await loop.executeInContext { held.value.onProgress = {} }
        try await pool.shutdownGracefully()
    }

    @Test("JSON of more than 64 kB is parsed on a thread, and so is a large form; both arrive")
    func parsesOnThreads() async throws {
        try await WebProcess.serve([Greet.self]) { web async throws in
            let name = String(repeating: "n", count: 100_000)
            let json = try await web.post(
                Array("{\"name\":\"\(name)\"}".utf8), "Content-Type: application/json", to: "/api/greet")
            #expect(json.member("greeting") == .string("Hi \(name)"))
            let form = try await web.post(
                Array("name=\(name)".utf8), "Content-Type: application/x-www-form-urlencoded", to: "/api/greet")
            #expect(form.member("greeting") == .string("Hi \(name)"))
            let broken = try await web.post(
                Array("{\"name\":\"\(name)\"".utf8), "Content-Type: application/json", to: "/api/greet")
            #expect(broken.status == 400)
        }
    }

    @Test("JSON has as many values and levels as the limits say")
    func limitsJSON() async throws {
        let limits: JSON = ["limits": ["jsonValues": 4, "jsonDepth": 2]]
        try await WebProcess.serve([Echo.self], web: limits) { web async throws in
            for (body, error) in [
                ("{\"a\":[1,2]}", nil), ("{\"a\":[1,2,3]}", "there are more than 4 values at byte 10"),
                ("[[[]]]", "values nest deeper than 2 levels at byte 2"),
            ] as [(String, String?)] {
                let answer = try await web.post(Array(body.utf8), "Content-Type: application/json", to: "/api/echo")
                #expect(answer.status == (error == nil ? 200 : 400))
                #expect(answer.error == error.map { "the body is not valid JSON: \($0)" })
            }
        }
    }

    @Test(
        "JSON is UTF-8", arguments: [("utf-8", 200), ("UTF8", 200), ("us-ascii", 200), ("iso-8859-1", 415), ("x", 415)])
    func hasCharset(charset: String, status: Int) async throws {
        try await WebProcess.serve([Echo.self]) { web async throws in
            for type in ["application/json", "application/vnd.api+json"] {
                let answer = try await web.post(
                    Array("{}".utf8), "Content-Type: \(type); charset=\(charset)", to: "/api/echo")
                #expect(answer.status == status)
            }
        }
    }

    @Test("a body of GET is read and dropped, and one of DELETE counts")
    func dependsOnMethod() async throws {
        try await WebProcess.serve([Greet.self]) { web async throws in
            for (method, greeting) in [("GET", "Hi q"), ("DELETE", "Hi body")] {
                let answer = try await web.request(
                    "/api/greet?name=q", method: method, headers: [("Content-Type", "application/json")],
                    body: #"{"name":"body"}"#)
                #expect(answer.member("greeting") == .string(greeting))
            }
        }
    }

    @Test("an empty body of any type holds nothing", arguments: ["text/plain", "multipart/form-data", TestForm.type])
    func mayBeEmpty(type: String) async throws {
        try await WebProcess.serve([Greet.self]) { web async throws in
            let answer = try await web.post([], "Content-Type: \(type)", to: "/api/greet?name=x")
            #expect(answer.member("greeting") == "Hi x")
        }
    }
}

extension HTTPRequestParser.Limits {
    fileprivate static let forTests = HTTPRequestParser.Limits(
        requestLineBytes: 1000, headerCount: 10, headerBytes: 1000, bodyBytes: 10_000_000, pipelinedBytes: 1000)
}
