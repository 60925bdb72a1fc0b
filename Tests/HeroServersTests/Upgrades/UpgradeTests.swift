// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRuntime
import HeroServers
import HeroTestSupport
import NIOCore
import NIOEmbedded
import Testing

@Suite("a connection of HTTP/1.1 that goes on with another protocol", .timeLimit(.minutes(10)))
struct UpgradeTests {
    private static let wish = "Connection: keep-alive, Upgrade\r\nUpgrade: other/3, Echo\r\n"

    private func setup(web: JSON = [:]) -> WebProcess.Setup {
        var setup = WebProcess.Setup(actions: [Greet.self], web: web)
        setup.upgrades = [EchoProtocol()]
        return setup
    }

    private func request(_ gate: String, _ headers: String = wish, version: String = "1.1") -> String {
        "GET /echo?\(gate) HTTP/\(version)\r\nHost: a\r\n\(headers)\r\n"
    }

    private func read(_ connection: HTTPConnection, until end: String) async throws -> String {
        var text = ""
        while !text.hasSuffix(end) { text += String(decoding: try await connection.read(atLeast: 1), as: UTF8.self) }
        return text
    }

    @Test("is told so, and answered what it had sent together with the request")
    func pipelined() async throws {
        try await WebProcess.serve(setup()) { web in
            let connection = try web.connect()
            try await connection.send(
                "GET /api/greet?name=first HTTP/1.1\r\nHost: a\r\n\r\n" + request("upgrade.pipelined") + "one\ntw")
            #expect(try await connection.response().text.contains("Hi first"))
            let text = try await read(connection, until: "one\n")
            #expect(
                text == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n"
                    + "x-echo: 127.0.0.1 false\r\n\r\none\n")
            try await connection.send("o\n")
            #expect(try await read(connection, until: "two\n") == "two\n")
            try await connection.send("bye\nnobody reads this\n")
            #expect(try await connection.readToEnd().elementsEqual("bye\n".utf8))
            await Gates.named("upgrade.pipelined").wait()
        }
    }

    @Test("is not one whose request asks for something else, or in another way: that one is answered as ever")
    func others() async throws {
        try await WebProcess.serve(setup()) { web in
            let answers = try await web.raw(
                request("none", "") + request("none", "Upgrade: echo\r\n")
                    + request("none", "Connection: upgrade\r\nUpgrade: h2c\r\n")
                    + request("none", "Connection: upgrade\r\n")
                    + "GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n\(Self.wish)\r\n"
                    + request("none", "Connection: upgrade\r\nUpgrade: echo\r\n", version: "1.0"))
            #expect(answers.map(\.status) == [404, 404, 404, 404, 200, 404])
        }
    }

    @Test("is not one that is refused: it has its answer, and can be used for other requests")
    func refusal() async throws {
        try await WebProcess.serve(setup()) { web in
            let connection = try web.connect()
            try await connection.send(request("refused") + "GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n\r\n")
            let refused = try await connection.response()
            #expect(refused.status == 426 && refused.error == "not like this" && refused["upgrade"] == "echo/2")
            #expect(refused["connection"] == "keep-alive")
            #expect(try await connection.response().status == 200)
            #expect(try web.log("a request was refused").count == 1)
        }
    }

    @Test("ends when the client does, and gives its place back")
    func end() async throws {
        try await WebProcess.serve(setup(web: ["limits": ["connectionsPerAddress": 1]])) { web in
            for round in 1...2 {
                let connection = try web.connect()
                try await connection.send(request("upgrade.end\(round)") + "one\n")
                _ = try await read(connection, until: "one\n")
                #expect(await web.server.connectionCount == 1)
                connection.finishSending()
                #expect(try await connection.readToEnd().elementsEqual("end\n".utf8))
                await Gates.named("upgrade.end\(round)").wait()
            }
            let connection = try web.connect()
            try await connection.send(request("upgrade.end3") + "cut\n")
            _ = try await connection.readToEnd()
            await Gates.named("upgrade.end3").wait()
        }
    }

    @Test("is told when the server stops, which waits for its end")
    func stopping() async throws {
        try await WebProcess.serve(setup()) { web in
            let connection = try web.connect()
            try await connection.send(request("upgrade.stop") + "one\n")
            _ = try await read(connection, until: "one\n")
            let idle = try web.connect()
            try await idle.send("GET /api/greet?name=x HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await idle.response().status == 200)
            let server = web.server
            async let stopped: Void = server.stop(keepsSocket: true, DrainLimits(idleMilliseconds: 60_000))
            #expect(try await connection.readToEnd().elementsEqual("stopping\n".utf8))
            await Gates.named("upgrade.stop").wait()
            // Too late for a new one.
            try await idle.send(request("none"))
            let late = try await idle.response()
            #expect(late.status == 503 && late["connection"] == "close")
            #expect(late.error == "the server is stopping")
            await stopped
        }
    }

    @Test("can be found by its id, written to and ended from elsewhere, as any other")
    func found() async throws {
        try await WebProcess.serve(setup()) { web in
            let connections = web.application.facade.connections
            let connection = try web.connect()
            try await connection.send(request("upgrade.found") + "one\n")
            _ = try await read(connection, until: "one\n")
            #expect(try await connections.apply("echo-upgrade.found")["type"] == "echo")
            try await connections.sendMessage(["news": 1], to: "echo-upgrade.found")
            #expect(try await read(connection, until: "}\n") == #"{"news":1}"# + "\n")
            try await connections.destroy("echo-upgrade.found")
            #expect(try await connection.readToEnd().isEmpty)
            await Gates.named("upgrade.found").wait()
            #expect(await connections.find("echo-upgrade.found") == nil)
        }
    }

    @Test("comes to be when the process has started")
    func starting() async throws {
        var setup = setup()
        setup.isStarting = true
        try await WebProcess.serve(setup) { web in
            let connection = try web.connect()
            try await connection.send(request("upgrade.starting") + "one\n")
            // It has been read when somebody has been answered who came later.
            #expect(try await web.request("/health/ready").status != 0)
            try await web.server.accept()
            #expect(try await read(connection, until: "one\n").hasPrefix("HTTP/1.1 101 "))
        }
    }

    @Test("is not read from while the session wants no more, and is cut off when it takes nothing")
    func patience() async throws {
        let served = try await ServedChannel(setup())
        try await served.send(request("upgrade.patience") + "one\n")
        #expect(try await served.receive(until: "one\n").hasPrefix("HTTP/1.1 101 "))
        func askForMore() async throws -> Int {
            let before = served.network.reads
            try await served.channel.testingEventLoop.executeInContext { [channel = served.channel] in channel.read() }
            return served.network.reads - before
        }
        #expect(try await askForMore() == 1)
        try await served.send("two\npause\n")
        #expect(try await served.receive(until: "two\n") == "two\n")
        #expect(try await askForMore() == 0)
        let paused = served.network.reads
        await served.pass(seconds: 11)
        #expect(served.network.reads == paused + 1)
        try await served.send("three\n")
        #expect(try await served.receive(until: "three\n") == "three\n")
        served.stall()
        try await served.send("flood\n")
        try await served.takeAll()
        #expect(try await served.receive(until: "room\n").hasSuffix("xroom\n"))
        served.stall()
        try await served.send("flood\n")
        await served.pass(seconds: 130)
        #expect(!served.channel.isActive)
        await Gates.named("upgrade.patience").wait()
    }

    @Test("may be encrypted")
    func secure() async throws {
        let authority = try await CertificateAuthority()
        let pair = try await authority.issue("a.test")
        let web: JSON = [
            "secure": true, "serverOptions": ["cert": .string(pair.certificate), "key": .string(pair.key)],
        ]
        try await WebProcess.serve(setup(web: web)) { web in
            let path = web.project.path("request")
            try web.project.write(request("upgrade.secure") + "one\nbye\n", to: "request")
            let done = try await Program.run(
                "/bin/sh", ["-c", "openssl s_client -quiet -connect 127.0.0.1:\(web.port) < \(path)"],
                directory: web.project.root)
            #expect(done.output.hasPrefix("HTTP/1.1 101 ") && done.output.hasSuffix("\r\n\r\none\nbye\n"), "\(done)")
            await Gates.named("upgrade.secure").wait()
        }
    }
}
