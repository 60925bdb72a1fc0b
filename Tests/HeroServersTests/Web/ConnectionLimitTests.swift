// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroSystem
import HeroTestSupport
import Testing

@testable import HeroServers

@Suite("limits of connections")
struct ConnectionLimitTests {
    private let request = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"

    /// Whether the server answers on the connection.
    private func isServed(_ connection: HTTPConnection) async throws -> Bool {
        do {
            try await connection.send(request)
            return try await connection.response().status == 200
        } catch {
            return false
        }
    }

    @Test(
        "more connections than allowed are closed, and room that was made is used",
        arguments: ["connections", "connectionsPerAddress"])
    func connections(limit: String) async throws {
        try await WebProcess.serve([Greet.self], web: ["limits": [limit: 2]]) { web async throws in
            let first = try web.connect()
            #expect(try await isServed(first))
            do {
                let second = try web.connect()
                #expect(try await isServed(second))
                #expect(try await !isServed(web.connect()))
                try await second.send("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                _ = try await second.readToEnd()
            }
            while await web.server.connectionCount > 1 { await Task.yield() }
            #expect(try await isServed(web.connect()))
        }
    }

    @Test("connections that were closed are reported, also when no other is left by then", .timeLimit(.minutes(10)))
    func report() async throws {
        try await WebProcess.serve([Greet.self], web: ["limits": ["connections": 1]]) { web async throws in
            do {
                let first = try web.connect()
                #expect(try await isServed(first))
                #expect(try await !isServed(web.connect()))
            }
            let message = "connections were closed because there are too many"
            while try web.log(message).isEmpty {
                try Task.checkCancellation()
                await Task.yield()
            }
            #expect(try web.log(message).first?["connections"] == 1)
        }
    }

    @Test("connections of a trusted proxy are not counted for its address")
    func proxies() async throws {
        let settings: JSON = ["limits": ["connectionsPerAddress": 1], "trustedProxies": ["127.0.0.1"]]
        try await WebProcess.serve([Greet.self], web: settings) { web async throws in
            let connections = [try web.connect(), try web.connect(), try web.connect()]
            for connection in connections { #expect(try await isServed(connection)) }
        }
    }

    @Test("a connection is closed after its last request")
    func requests() async throws {
        try await WebProcess.serve([Greet.self], web: ["limits": ["requestsPerConnection": 2]]) { web async throws in
            let connection = try web.connect()
            try await connection.send(request + request + request)
            let responses = try HTTPResponse.all(try await connection.readToEnd())
            #expect(responses.map { $0["connection"] } == ["keep-alive", "close"])
        }
    }

    @Test("requests beyond those that are answered in a row are answered a turn later, in their order")
    func turns() async throws {
        let setup = WebProcess.setup([Greet.self], web: ["limits": ["pipelinedRequests": 2]])
        let served = try await ServedChannel(setup)
        let requests = (0..<7).map { "GET /api/greet?name=\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }
        try await served.send(requests.joined())
        let text = try await served.receive(until: "Hi 6")
        let answered = text.matches(of: /Hi (\d)/).map { String($0.output.1) }
        #expect(answered == ["0", "1", "2", "3", "4", "5", "6"])
    }

    @Test("counts are given back")
    func counts() throws {
        var counts = ConnectionCounts(limit: 2, limitPerAddress: 1)
        let address = try #require(IPAddress("1.2.3.4"))
        #expect(counts.open() && counts.open() && !counts.open())
        #expect(counts.attribute(to: address) && !counts.attribute(to: address))
        counts.detach(from: address)
        counts.close()
        #expect(counts.open() && counts.attribute(to: address))
        var unlimited = ConnectionCounts(limit: 0, limitPerAddress: 0)
        #expect((0..<100).allSatisfy { _ in unlimited.open() && unlimited.attribute(to: address) })
    }
}
