// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOPosix
import Testing

/// What holds for a server alone and for the nodes of a cluster.
@Suite("commands that wait in the server", .timeLimit(.minutes(10)))
struct BlockingTests {
    enum Kind: CaseIterable, Sendable {
        case standalone, cluster

        func start(
            _ change: (inout RedisConnectionSettings) -> Void = { _ in }
        ) async throws -> (any RedisClient, RedisServer) {
            switch self {
            case .standalone:
                let server = try await RedisServer()
                return (StandaloneClient.make(server.socketPath, reports: nil, change), server)
            case .cluster:
                let server = try await RedisServer.wholeCluster()
                return (RedisClusterClient.make(server, change), server)
            }
        }
    }

    private func identifiers(_ server: RedisServer) async throws -> [Substring] {
        try await server.cli("CLIENT", "LIST").split(separator: "\n").filter { $0.contains("cmd=blpop") }
            .compactMap { $0.split(separator: " ").first }
    }

    @Test("use the connection of those before them", arguments: Kind.allCases)
    func reuse(_ kind: Kind) async throws {
        let (client, server) = try await kind.start()
        var seen: Set<Substring> = []
        for number in 0..<5 {
            async let popped = client.sendBlocking(RedisCommand("BLPOP", "queue", 0))
            try await RedisSentinelSet.poll { try await server.cli("INFO", "clients").contains("blocked_clients:1") }
            seen.formUnion(try await identifiers(server))
            _ = try await client.send(RedisCommand("RPUSH", "queue", RedisArgument(number)))
            #expect(try await popped.elements?.last?.text == "\(number)")
        }
        #expect(seen.count == 1, "\(seen)")
        await client.close()
    }

    @Test("are limited: the next one has to wait until a connection has come back", arguments: Kind.allCases)
    func limit(_ kind: Kind) async throws {
        let (client, server) = try await kind.start { $0.blockingLimit = 2 }
        async let first = client.sendBlocking(RedisCommand("BLPOP", "first", 0))
        async let second = client.sendBlocking(RedisCommand("BLPOP", "second", 0))
        try await RedisSentinelSet.poll { try await server.cli("INFO", "clients").contains("blocked_clients:2") }
        let refused = await #expect(throws: RedisError.self) {
            try await client.sendBlocking(RedisCommand("BLPOP", "third", 0, timeout: 200))
        }
        #expect(refused?.kind == .notSent)
        #expect(refused?.message.contains("2 commands that wait in the server wait already") == true)
        async let third = client.sendBlocking(RedisCommand("BLPOP", "third", 0))
        _ = try await client.send(RedisCommand("RPUSH", "third", "3"))
        _ = try await client.send(RedisCommand("RPUSH", "first", "1"))
        #expect(try await first.elements?.last?.text == "1")
        #expect(try await third.elements?.last?.text == "3")
        _ = try await client.send(RedisCommand("RPUSH", "second", "2"))
        #expect(try await second.elements?.last?.text == "2")
        await client.close()
    }

    @Test("take their connection along when their caller is cancelled, and make room", arguments: Kind.allCases)
    func cancelled(_ kind: Kind) async throws {
        let (client, server) = try await kind.start { $0.blockingLimit = 1 }
        for _ in 0..<3 {
            let waiting = Task { try await client.sendBlocking(RedisCommand("BLPOP", "queue", 0)) }
            try await RedisSentinelSet.poll { try await server.cli("INFO", "clients").contains("blocked_clients:1") }
            waiting.cancel()
            await #expect(throws: RedisError.self) { try await waiting.value }
            try await RedisSentinelSet.poll { try await server.cli("INFO", "clients").contains("blocked_clients:0") }
        }
        await client.close()
    }

    @Test("end when their client is closed, and none begins after that", arguments: Kind.allCases)
    func closed(_ kind: Kind) async throws {
        let (client, server) = try await kind.start()
        let waiting = Task { try await client.sendBlocking(RedisCommand("BLPOP", "queue", 0)) }
        try await RedisSentinelSet.poll { try await server.cli("INFO", "clients").contains("blocked_clients:1") }
        await client.close()
        await #expect(throws: RedisError.self) { try await waiting.value }
        let error = await #expect(throws: RedisError.self) {
            try await client.sendBlocking(RedisCommand("BLPOP", "queue", 0))
        }
        #expect(error?.kind == .notSent)
        let ordinary = await client.send([RedisCommand("GET", "a", timeout: 3_600_000)])
        #expect(ordinary[0].failure?.kind == .notSent)
    }

    @Test("survive that their server closes connections which nobody uses", arguments: Kind.allCases)
    func closedMeanwhile(_ kind: Kind) async throws {
        let (client, server) = try await kind.start()
        // It may be on its way before the end of the last connection is known.
        let command = RedisCommand("BLPOP", "nothing", "0.01", isRepeatable: true)
        for _ in 0..<3 {
            #expect(try await client.sendBlocking(command) == .null)
            try await server.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        }
        await client.close()
    }
}
