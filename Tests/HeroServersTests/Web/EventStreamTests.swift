// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRuntime
import HeroServers
import HeroTestSupport
import Synchronization
import Testing

@Suite("server-sent events")
struct EventStreamTests {
    private func open(_ web: WebProcess, _ query: String, headers: String = "") async throws -> HTTPConnection {
        let connection = try web.connect()
        try await connection.send("GET /api/events?\(query) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n")
        return connection
    }

    @Test("arrive with the headers that browsers and proxies need, and with those of every response")
    func headers() async throws {
        try await WebProcess.serve([Events.self]) { web in
            let response = try await web.request("/api/events?gate=none&kind=two", headers: [("Last-Event-ID", "6")])
            #expect(response["content-type"] == "text/event-stream")
            #expect(response["cache-control"] == "no-cache")
            #expect(response["x-accel-buffering"] == "no")
            #expect(response["access-control-allow-origin"] == "*")
            #expect(response["set-cookie"]?.hasPrefix("sessionID=") == true)
            #expect(response.text == "event: seen\ndata: 6\n\nid: 7\ndata: two\ndata: lines\n\n")
        }
    }

    @Test("arrive one by one, packed or not", arguments: ["", "Accept-Encoding: gzip\r\n"])
    func atOnce(_ headers: String) async throws {
        try await WebProcess.serve([Events.self], web: ["compress": true]) { web in
            let gate = "events.once\(headers.count)"
            let connection = try await open(web, "gate=\(gate)&kind=endless", headers: headers)
            var reader = EventReader(connection, isPacked: !headers.isEmpty)
            for number in 1...3 {
                Gates.named("\(gate).\(number)").signal()
                try await reader.read(until: "data: \(number)\n\n")
            }
        }
    }

    @Test("are kept alive by comments while there are none")
    func heartbeat() async throws {
        try await WebProcess.serve([Events.self]) { web in
            let connection = try await open(web, "gate=events.beat&kind=endless&heartbeat=1")
            var reader = EventReader(connection)
            try await reader.read(until: ":\n\n")
            Gates.named("events.beat.1").signal()
            try await reader.read(until: "data: 1\n\n")
        }
    }

    @Test("are no longer asked for when the client leaves")
    func leaving() async throws {
        try await WebProcess.serve([Events.self]) { web in
            do {
                let connection = try await open(web, "gate=events.leave&kind=endless")
                connection.leavesByReset()
                _ = try await connection.read(atLeast: 1)
            }
            await Gates.named("events.leave.cancelled").wait()
        }
    }

    @Test("that fail cut the connection")
    func failing() async throws {
        try await WebProcess.serve([Events.self]) { web in
            let connection = try await open(web, "gate=none&kind=failing")
            let text = String(decoding: try await connection.readToEnd(), as: UTF8.self)
            #expect(text.hasSuffix("data: 1\n\n\r\n"))
            #expect(try web.log("a streamed response failed").count == 1)
        }
    }

    @Test("end when the server stops, whole, also packed ones", arguments: ["", "Accept-Encoding: gzip\r\n"])
    func stopping(_ headers: String) async throws {
        try await WebProcess.serve([Events.self], web: ["compress": true]) { web in
            let gate = "events.stop\(headers.count)"
            let connection = try await open(web, "gate=\(gate)&kind=endless", headers: headers)
            var bytes = try await connection.read(atLeast: 1)
            // Nothing but the end of the streams lets this return.
            await web.server.stop(keepsSocket: true, DrainLimits(idleMilliseconds: 0))
            await Gates.named("\(gate).cancelled").wait()
            bytes += try await connection.readToEnd()
            let response = try #require(try HTTPResponse.all(bytes).first)
            if !headers.isEmpty { #expect(try Unpacking.unpack(response.body).isWhole) }
            #expect(try web.log("a streamed response failed").isEmpty)
        }
    }

    @Test("end when the server stops, also for a client that does not read them")
    func stoppingStalled() async throws {
        try await WebProcess.serve([Events.self]) { web in
            let connection = try await open(web, "gate=events.flood&kind=flood")
            _ = try await connection.read(atLeast: 1_000_000)
            let server = web.server
            async let stopped: Void = server.stop(keepsSocket: true, DrainLimits(idleMilliseconds: 0))
            // The flood has an end, and it is one that chunks have.
            #expect(try await connection.readToEnd().suffix(5).elementsEqual(Array("0\r\n\r\n".utf8)))
            await stopped
        }
    }
}

struct Events: Action {
    @Input("What to send") var kind: String
    @Input("Name of the gate") var gate: String
    @Input("Milliseconds") var heartbeat: Int = 15_000

    func run(_ context: Context) async throws -> NoOutput {
        let last = context.connection.request?.lastEventID ?? ""
        switch kind {
        case "two":
            let events = [ServerSentEvent(last, event: "seen"), ServerSentEvent("two\nlines", id: "7")]
            context.response.sendEvents(Listed(events: events))
        case "failing": context.response.sendEvents(Listed(events: [ServerSentEvent("1")], fails: true))
        case "flood":
            context.response.sendEvents(
                AsyncStream(unfolding: { ServerSentEvent(String(repeating: "x", count: 100_000)) }))
        default:
            let gate = gate
            let counter = Mutex(0)
            let watch = Endless.Watch(gate: gate)
            let events = AsyncStream<ServerSentEvent>(
                unfolding: {
                    let number = counter.withLock { counter in
                        counter += 1
                        return counter
                    }
                    await Gates.named("\(gate).\(number)").waitOrCancel()
                    return ServerSentEvent(String(number))
                }, onCancel: { withExtendedLifetime(watch) { Gates.named("\(gate).cancelled").signal() } })
            context.response.sendEvents(events, heartbeat: .milliseconds(heartbeat))
        }
        return NoOutput()
    }

    private struct Listed: AsyncSequence {
        let events: [ServerSentEvent]
        var fails = false

        struct Iterator: AsyncIteratorProtocol {
            var rest: ArraySlice<ServerSentEvent>
            let fails: Bool

            mutating func next() async throws -> ServerSentEvent? {
                if rest.isEmpty, fails { throw Broken() }
                return rest.popFirst()
            }
        }

        func makeAsyncIterator() -> Iterator { Iterator(rest: events[...], fails: fails) }
    }
}

extension Event {
    /// Waits until it happens, or until nobody is interested any more.
    fileprivate func waitOrCancel() async {
        await withTaskCancellationHandler {
            await wait()
        } onCancel: {
            signal()
        }
    }
}

/// The events of one response in chunks.
struct EventReader {
    let connection: HTTPConnection
    let isPacked: Bool
    private var bytes: [UInt8] = []

    init(_ connection: HTTPConnection, isPacked: Bool = false) {
        (self.connection, self.isPacked) = (connection, isPacked)
    }

    /// Reads until the events contain some text.
    mutating func read(until text: String) async throws {
        while !String(decoding: try events, as: UTF8.self).contains(text) {
            bytes += try await connection.read(atLeast: 1)
        }
    }

    /// Reads until the head has arrived.
    ///
    /// - Returns: Its headers; names in small letters.
    mutating func readHead() async throws -> [(name: String, value: String)] {
        while bytes.firstRange(of: Array("\r\n\r\n".utf8)) == nil { bytes += try await connection.read(atLeast: 1) }
        let head = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
        return head.components(separatedBy: "\r\n").dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), line[line.index(colon, offsetBy: 2)...].description)
        }
    }

    /// The events that have arrived.
    var text: String { get throws { String(decoding: try events, as: UTF8.self) } }

    private var events: [UInt8] {
        get throws {
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return [] }
            var (body, rest): ([UInt8], ArraySlice<UInt8>) = ([], bytes[end.upperBound...])
            while let line = rest.firstRange(of: [13, 10]),
                let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16),
                rest[line.upperBound...].count >= size + 2
            {
                body += rest[line.upperBound...].prefix(size)
                rest = rest[line.upperBound...].dropFirst(size + 2)
            }
            return isPacked && !body.isEmpty ? try Unpacking.unpack(body).bytes : body
        }
    }
}
