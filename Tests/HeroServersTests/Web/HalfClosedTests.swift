// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroServers
import HeroTestSupport
import Testing

/// RFC 9112, 9.6: a client that has sent everything may say so, and listen.
@Suite("a client that has ended its half of the connection", .timeLimit(.minutes(10)))
struct HalfClosedTests {
    private let actions: [any Action.Type] = [Echo.self, Greet.self, Held.self, Streaming.self, Events.self]

    @Test("gets the answers to all that it has asked for, and then the end")
    func answers() async throws {
        try await WebProcess.serve(actions) { web in
            let connection = try web.connect()
            try await connection.send(
                "GET /api/held?gate=half.answers HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n\r\n")
            connection.finishSending()
            await Gates.named("half.answers.begun").wait()
            // The loop has seen the end of sending when it has answered somebody who came later.
            #expect(try await web.request("/api/greet?name=y").status == 200)
            #expect(!Gates.named("half.answers.cancelled").hasHappened)
            Gates.named("half.answers").signal()
            let responses = try HTTPResponse.all(try await connection.readToEnd())
            #expect(responses.map(\.status) == [200, 200])
            #expect(responses.map { $0["connection"] } == ["keep-alive", "close"])
        }
    }

    @Test("gets a body of 20 MB whole, from a file or from an action")
    func large() async throws {
        let text = String(repeating: "0123456789abcdef", count: 1_310_720)
        try await WebProcess.serve(
            .init(actions: actions, general: ["disableParamScrubbing": true], files: ["public/large.txt": text])
        ) { web in
            let connection = try web.connect()
            try await connection.send("GET /public/large.txt HTTP/1.1\r\nHost: a\r\n\r\n")
            connection.finishSending()
            #expect(try HTTPResponse.all(try await connection.readToEnd()).map(\.text.utf8.count) == [20_971_520])
            let other = try web.connect()
            try await other.send(
                "POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000010\r\n\r\n"
                    + #"{"text":""# + String(repeating: "x", count: 1_000_000 - 1) + #""}"#)
            other.finishSending()
            let echoed = try HTTPResponse.all(try await other.readToEnd())
            #expect(echoed.map(\.status) == [200])
            #expect((echoed.first?.body.count ?? 0) > 999_999)
        }
    }

    @Test("goes on getting events, until it has really left")
    func events() async throws {
        try await WebProcess.serve(actions) { web in
            do {
                let connection = try web.connect()
                connection.leavesByReset()
                try await connection.send(
                    "GET /api/events?gate=half.events&kind=endless HTTP/1.1\r\nHost: a\r\n\r\n")
                connection.finishSending()
                var text = ""
                for number in 1...3 {
                    #expect(try await web.request("/api/greet?name=y").status == 200)
                    Gates.named("half.events.\(number)").signal()
                    while !text.contains("data: \(number)\n\n") {
                        text += String(decoding: try await connection.read(atLeast: 1), as: UTF8.self)
                    }
                }
                #expect(!Gates.named("half.events.cancelled").hasHappened)
            }
            await Gates.named("half.events.cancelled").wait()
        }
    }

    @Test("and then leaves for good cancels what runs for it")
    func leaves() async throws {
        try await WebProcess.serve(actions) { web in
            do {
                let connection = try web.connect()
                connection.leavesByReset()
                try await connection.send("GET /api/held?gate=half.leaves HTTP/1.1\r\nHost: a\r\n\r\n")
                connection.finishSending()
                await Gates.named("half.leaves.begun").wait()
                #expect(try await web.request("/api/greet?name=y").status == 200)
                #expect(!Gates.named("half.leaves.cancelled").hasHappened)
            }
            await Gates.named("half.leaves.cancelled").wait()
        }
    }

    @Test("between two requests is let go at once")
    func idle() async throws {
        try await WebProcess.serve(actions, web: ["timeouts": ["keepAlive": 0]]) { web in
            let (used, fresh) = (try web.connect(), try web.connect())
            try await used.send("GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await used.response()["connection"] == "keep-alive")
            for connection in [used, fresh] {
                connection.finishSending()
                #expect(try await connection.readToEnd().isEmpty)
            }
        }
    }

    @Test(
        "in the middle of a request is told so",
        arguments: [
            "GET /api/gre", "GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n", "PRI * HT",
            "POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
            "POST /api/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        ])
    func unfinished(_ text: String) async throws {
        try await WebProcess.serve(actions) { web in
            let connection = try web.connect()
            try await connection.send("GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n\r\n" + text)
            connection.finishSending()
            let responses = try HTTPResponse.all(try await connection.readToEnd())
            #expect(responses.map(\.status) == [200, 400])
            #expect(responses.last?.error == "the client ended before it had sent all of the request")
        }
    }
}
