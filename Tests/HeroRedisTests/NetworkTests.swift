// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import Testing

/// The same session with the network failing at each byte of it.
@Suite("a bad network")
struct NetworkTests {
    /// Everything that a reply can be.
    private static func session(_ key: String) -> [RedisCommand] {
        [
            RedisCommand("ECHO", "first", isRepeatable: true), RedisCommand("INCR", "\(key)"),
            RedisCommand("HGETALL", "nothing", isRepeatable: true), RedisCommand("GET", "nothing", isRepeatable: true),
            RedisCommand("LPUSH", "text", "x", isRepeatable: true), RedisCommand("ECHO", "\r\n", isRepeatable: true),
            RedisCommand("COMMAND", "COUNT", isRepeatable: true), RedisCommand("ECHO", "last", isRepeatable: true),
        ]
    }

    /// How long the server's part of the session is, and what it means.
    private func record(_ server: RedisServer) async throws -> (length: Int, results: [Result<RESPValue, RedisError>]) {
        try await server.cli("SET", "text", "x")
        let proxy = try await Proxy(server.socketPath) { _ in .forward }
        defer { proxy.close() }
        let client = StandaloneClient.make(proxy.path)
        let results = await client.send(Self.session("recorded"))
        await client.close()
        return (proxy.streams[0].count, results)
    }

    private func eachPosition(
        of length: Int, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            try #require(length > 0)
            for position in 0...length {
                if position >= 16 { try await group.next() }
                group.addTask { try await body(position) }
            }
            try await group.waitForAll()
        }
    }

    @Test("a session that is split at any byte has the same results")
    func split() async throws {
        let server = try await RedisServer(.socket)
        let (length, expected) = try await record(server)
        try await eachPosition(of: length) { position in
            let proxy = try await Proxy(server.socketPath) { _ in .split(position) }
            defer { proxy.close() }
            let client = StandaloneClient.make(proxy.path)
            #expect(await client.send(Self.session("split \(position)")) == expected, "split at \(position)")
            await client.close()
        }
    }

    @Test("a session that is cut at any byte pairs every reply, repeats what it may, and runs nothing else twice")
    func cut() async throws {
        let server = try await RedisServer(.socket)
        let (length, expected) = try await record(server)
        try await eachPosition(of: length) { position in
            let proxy = try await Proxy(server.socketPath) { $0 == 0 ? .cut(position) : .forward }
            defer { proxy.close() }
            let client = StandaloneClient.make(proxy.path)
            let results = await client.send(Self.session("cut \(position)"))
            for (index, (result, expected)) in zip(results, expected).enumerated() where index != 1 {
                #expect(result == expected, "cut at \(position), command \(index)")
            }
            let runs = try await client.send(RedisCommand("GET", "cut \(position)", isRepeatable: true)).integer ?? 0
            let isLost = results[1].failure?.kind == .connectionLost
            #expect(results[1].value == .integer(1) && runs == 1 || isLost && runs <= 1, "cut at \(position)")
            await client.close()
        }
    }

    @Test("a session that stalls at any byte ends for every caller, and the next one has a new connection")
    func stall() async throws {
        let server = try await RedisServer(.socket)
        let (length, expected) = try await record(server)
        try await eachPosition(of: length - 1) { position in
            let proxy = try await Proxy(server.socketPath) { $0 == 0 ? .stall(position) : .forward }
            defer { proxy.close() }
            let client = StandaloneClient.make(proxy.path) {
                $0.pingInterval = 50
                $0.connectTimeout = 100
            }
            var session = Self.session("stall \(position)")
            for index in session.indices { session[index].isRepeatable = session[index].isRepeatable && index != 7 }
            session[7].timeout = 20
            let results = await client.send(session)
            for (index, (result, expected)) in zip(results, expected).enumerated() {
                let mayFail = index == 1 || index == 7
                #expect(result == expected || mayFail, "stalled at \(position), command \(index)")
                // Within the handshake nothing was sent yet.
                if mayFail, let kind = result.failure?.kind { #expect(kind != .refused && kind != .invalid) }
            }
            #expect(try await client.send(RedisCommand("ECHO", "next", isRepeatable: true)).text == "next")
            await client.close()
        }
    }

    @Test("a request that is cut at any byte is never run twice, and repeated when it may be")
    func request() async throws {
        let server = try await RedisServer(.socket)
        // More than the session's own bytes: nothing is cut then.
        try await eachPosition(of: 120) { position in
            let proxy = try await Proxy(server.socketPath) { $0 == 0 ? .cutRequest(position + 1) : .forward }
            defer { proxy.close() }
            let client = StandaloneClient.make(proxy.path)
            async let counted = client.send([RedisCommand("INCR", "once \(position)")])
            async let repeated = client.send([RedisCommand("SET", "again \(position)", "x", isRepeatable: true)])
            let (once, again) = await (counted, repeated)
            #expect(again[0].value == .status("OK"))
            let runs = try await client.send(RedisCommand("GET", "once \(position)", isRepeatable: true)).integer ?? 0
            #expect(runs == 1 || (runs == 0 && once[0].failure?.kind == .connectionLost), "cut at \(position)")
            await client.close()
        }
    }
}
