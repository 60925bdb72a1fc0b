// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Clients that do not mean well, or cannot.
@Suite("bad clients", .serialized)
struct BadClientsTests {
    private static let sources = [
        "actions/hello.swift": """
        import ActionHero

        struct Hello: Action {
            func run(_ context: Context) async throws -> [String: Bool] { ["hello": true] }
        }
        """,
        "actions/endless.swift": """
        import ActionHero

        struct Piece: AsyncSequence, AsyncIteratorProtocol, Sendable {
            func makeAsyncIterator() -> Piece { self }
            mutating func next() async -> [UInt8]? { [UInt8](repeating: 120, count: 65_536) }
        }

        struct Endless: Action {
            func run(_ context: Context) async throws -> NoOutput {
                context.response.send(stream: Piece())
                return NoOutput()
            }
        }
        """,
        "config/servers/web.yml": """
        default:
          limits:
            connections: 0
            connectionsPerAddress: 0
          timeouts:
            headers: 4000
            body: 4000
            write: 3000
        """,
    ]

    private static let built = Task { () throws -> TestProject in
        let project = try TestProject(sources)
        try await project.build()
        return project
    }

    private func start() async throws -> (RunningHero, port: Int) {
        let hero = try await Self.built.value.start(["--set", "logger.file.enabled=false"])
        return (hero, try await hero.port)
    }

    @Test("2000 clients that send a byte a second delay nobody and are all sent away", arguments: ["head", "body"])
    func slow(part: String) async throws {
        let (hero, port) = try await start()
        let crowd = try ClientCrowd(2000, port: port)
        crowd.send(
            part == "head"
                ? "GET /api/hello HTTP/1.1\r\nHost: a\r\nX: "
                : "POST /api/hello HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n"
        )
        async let ends = crowd.dribble(UInt8(ascii: "x"))
        // Each of these is answered while the crowd is there.
        for _ in 0..<200 {
            let response = try await hero.request("/api/hello")
            #expect(response.status == 200)
        }
        for (end, count) in await ends {
            #expect(end.text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"), "\(count) × \(end.text.prefix(100))")
        }
        #expect(try await hero.request("/api/hello").status == 200)
        #expect(try await hero.stop() == 0)
    }

    @Test(
        "clients that never read make the worker wait for them, in bounded memory, until they are sent away",
        arguments: ["/api/endless", "/large.bin"])
    func neverReading(path: String) async throws {
        let project = try await Self.built.value
        let large = project.path("public/large.bin")
        try project.write(Data(), to: "public/large.bin")
        truncate(large, 1 << 30)
        let (hero, port) = try await start()
        _ = try await hero.request("/api/hello")
        let idle = ProcessState.residentKilobytes(of: hero.identifier)
        try ProcessState.forgetHighest(of: hero.identifier)
        let before = ProcessState.descriptors(of: hero.identifier)
        let crowd = try ClientCrowd(50, port: port, receiveBuffer: 4096)
        crowd.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        // They have been closed when nothing of them is left in the process.
        while ProcessState.descriptors(of: hero.identifier) > before {
            #expect(try await hero.request("/api/hello").status == 200)
            try await Task.sleep(for: .milliseconds(50))
        }
        let highest = ProcessState.highestKilobytes(of: hero.identifier)
        #expect(highest - idle < 30_000, "from \(idle) to \(highest) kB")
        withExtendedLifetime(crowd) {}
        #expect(try await hero.stop() == 0)
    }

    @Test("a client that sends one request after the other and reads nothing is made to wait")
    func pipelining() async throws {
        let (hero, port) = try await start()
        _ = try await hero.request("/api/hello")
        let idle = ProcessState.residentKilobytes(of: hero.identifier)
        try ProcessState.forgetHighest(of: hero.identifier)
        let before = ProcessState.descriptors(of: hero.identifier)
        let crowd = try ClientCrowd(20, port: port, receiveBuffer: 4096)
        let requests = String(repeating: "GET /api/hello HTTP/1.1\r\nHost: a\r\n\r\n", count: 2000)
        for _ in 0..<50 { crowd.send(requests) }
        while ProcessState.descriptors(of: hero.identifier) > before {
            #expect(try await hero.request("/api/hello").status == 200)
            try await Task.sleep(for: .milliseconds(50))
        }
        let highest = ProcessState.highestKilobytes(of: hero.identifier)
        #expect(highest - idle < 30_000, "from \(idle) to \(highest) kB")
        withExtendedLifetime(crowd) {}
        #expect(try await hero.stop() == 0)
    }
}
