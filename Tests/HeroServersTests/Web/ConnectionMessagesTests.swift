// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime
import HeroServers
import HeroTestSupport
import Synchronization
import Testing

@Suite("a request that can be found by its id", .timeLimit(.minutes(10)))
struct ConnectionMessagesTests {
    private static let actions: [any Action.Type] = [Subscribe.self, Notify.self, Lingering.self, Greet.self]

    private func setup(general: JSON = [:], web: JSON = [:]) -> WebProcess.Setup {
        WebProcess.Setup(actions: Self.actions, web: web, general: general)
    }

    private func subscribe(
        _ web: WebProcess, headers: String = ""
    ) async throws -> (connection: HTTPConnection, reader: EventReader, id: String) {
        let connection = try web.connect()
        try await connection.send("GET /api/subscribe HTTP/1.1\r\nHost: a\r\n\(headers)\r\n")
        var reader = EventReader(connection, isPacked: !headers.isEmpty)
        let head = try await reader.readHead()
        return (connection, reader, try #require(head.first { $0.name == "x-connection" }?.value))
    }

    @Test("is a stream of events, to which other requests send messages", arguments: ["", "Accept-Encoding: gzip\r\n"])
    func events(_ headers: String) async throws {
        try await WebProcess.serve(setup(web: ["compress": true])) { web in
            var (_, reader, id) = try await subscribe(web, headers: headers)
            let (_, other, _) = try await subscribe(web, headers: headers)
            for number in 1...3 {
                #expect(try await web.request("/api/notify?id=\(id)&text=news\(number)").status == 200)
                try await reader.read(until: "data: {\"text\":\"news\(number)\"}\n\n")
            }
            #expect(await web.application.connections.count == 2)
            #expect(try !other.text.contains("news"))
        }
    }

    @Test("is one over HTTP/2, too")
    func http2() async throws {
        let client = try await HTTP2Client(setup())
        let stream = try await client.begin(HTTP2Client.get("/api/subscribe"))
        try await client.receive { $0.responses[stream]?["x-connection"] != nil }
        let id = try #require(client.responses[stream]?["x-connection"])
        #expect(try await client.ask(HTTP2Client.get("/api/notify?id=\(id)&text=news")).status == "200")
        try await client.receive { $0.responses[stream]?.text.contains("data: {\"text\":\"news\"}\n\n") == true }
        let connections = client.server.process.application.connections
        #expect(await connections.count == 1)
        try await client.reset(stream)
        while await connections.count > 0 { await Task.yield() }
    }

    @Test("ends, and its connection, when it is destroyed, after what had been sent")
    func destroying() async throws {
        try await WebProcess.serve(setup()) { web in
            let (connection, _, id) = try await subscribe(web)
            let held = try #require(await web.application.facade.connections.find(id))
            #expect(!held.isDestroyed)
            try await held.sendMessage("last")
            try await web.application.facade.connections.destroy(id)
            let rest = String(decoding: try await connection.readToEnd(), as: UTF8.self)
            #expect(rest.contains("data: \"last\"\n\n") && rest.hasSuffix("\r\n0\r\n\r\n"))
            #expect(held.isDestroyed)
            await #expect(throws: ConnectionError.closed) { try await held.sendMessage("too late") }
            #expect(await web.application.connections.count == 0)
            #expect(try web.log("a streamed response failed").isEmpty)
        }
    }

    @Test("takes no more messages than may wait for a slow client, and loses none of them")
    func slow() async throws {
        let served = try await ServedChannel(setup(general: ["maximumOutbox": 4096]))
        try await served.send("GET /api/subscribe HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try await served.receive(until: "\r\n\r\n")
        let id = try #require(
            head.split(separator: "\r\n").first { $0.hasPrefix("x-connection: ") }?.dropFirst(14)
        ).description
        let connection = try #require(await served.process.application.facade.connections.find(id))
        served.stall()
        var sent = 0
        let failure = await #expect(throws: ConnectionError.self) {
            while true {
                try await connection.sendMessage(.string(String(repeating: "x", count: 1000) + "\(sent + 1)."))
                sent += 1
            }
        }
        #expect(failure?.code == .outboxFull)
        #expect(sent >= 4)
        try await served.takeAll()
        var text = ""
        while !text.contains("x\(sent).") { text += try await served.receive(until: "x") }
        for number in 1...sent { #expect(text.contains("x\(number).")) }
    }

    @Test("is one that is being answered: it tells who asks, keeps values, and takes no messages")
    func inProgress() async throws {
        try await WebProcess.serve(setup(general: ["rpcTimeout": 50])) { web in
            let connections = web.application.facade.connections
            let gate = "messages.progress"
            async let answer = web.request("/api/lingering?gate=\(gate)", headers: [("Cookie", "sessionID=ada")])
            await Gates.named("\(gate).begun").wait()
            let id = try #require(Lingering.ids.withLock { $0[gate] })
            #expect(id.hasPrefix("ada-"))
            let details = try await connections.apply(id, "set", ["stage", "half"])
            #expect(details["type"] == "web" && details["fingerprint"] == "ada" && details["remoteIP"] == "127.0.0.1")
            #expect(details["pendingActions"] == 1 && details["stage"] == "half" && details["rooms"] == [])
            await #expect(throws: ActionError.self) { try await connections.sendMessage("hello", to: id) }
            await #expect(throws: ActionError.self) { try await connections.apply(id, "sendFile", ["a.txt"]) }
            Gates.named(gate).signal()
            #expect(try await answer.member("stage") == "half")
            #expect(await connections.find(id) == nil)
            await #expect(throws: RPCError(.timedOut, "RPC Timeout")) { try await connections.apply(id) }
        }
    }

    @Test("is gone when its client has left, and was never there when it was answered at once")
    func leaving() async throws {
        try await WebProcess.serve(setup()) { web in
            #expect(try await web.request("/api/greet?name=x").status == 200)
            #expect(await web.application.connections.count == 0)
            do {
                let connection = try web.connect()
                connection.leavesByReset()
                try await connection.send("GET /api/lingering?gate=messages.leave HTTP/1.1\r\nHost: a\r\n\r\n")
                await Gates.named("messages.leave.begun").wait()
                #expect(await web.application.connections.count == 1)
            }
            while await web.application.connections.count > 0 { await Task.yield() }
            Gates.named("messages.leave").signal()
        }
    }
}

struct Subscribe: Action {
    func run(_ context: Context) async throws -> NoOutput {
        context.response.addHeader("X-Connection", context.connection.id)
        context.response.sendEvents()
        return NoOutput()
    }
}

struct Notify: Action {
    @Input("The connection") var id: String
    @Input("What to tell it") var text: String

    func run(_ context: Context) async throws -> [String: Bool] {
        try await context.connections.sendMessage(["text": .string(text)], to: id)
        return ["sent": true]
    }
}

struct Lingering: Action {
    static let ids = Mutex<[String: String]>([:])
    @Input("Name of the gate") var gate: String

    func run(_ context: Context) async throws -> [String: JSON] {
        let id = context.connection.id
        Self.ids.withLock { $0[gate] = id }
        Gates.named("\(gate).begun").signal()
        await Gates.named(gate).wait()
        return ["stage": context.connection.value("stage") ?? .null]
    }
}
