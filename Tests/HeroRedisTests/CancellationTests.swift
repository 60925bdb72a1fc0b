// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOCore
import NIOPosix
import Testing

@Suite("callers that are cancelled", .timeLimit(.minutes(10)))
struct CancellationTests {
    /// A command that nothing but its cancellation ends: its server has been stopped.
    private func cancelled(_ client: any RedisClient, _ server: RedisServer) async throws {
        #expect(try await client.send(RedisCommand("ECHO", "before")).text == "before")
        server.send(SIGSTOP)
        let single = Task { await client.send([RedisCommand("ECHO", "nobody", timeout: 3_600_000)]) }
        let several = Task {
            do throws(RedisError) {
                _ = try await client.transaction([RedisCommand("ECHO", "nobody's either", timeout: 3_600_000)])
                return RedisError?.none
            } catch { return error }
        }
        let other = Task { await client.send([RedisCommand("ECHO", "other", timeout: 3_600_000)]) }
        single.cancel()
        several.cancel()
        #expect(await single.value[0].failure?.kind == .cancelled)
        #expect(await several.value?.kind == .cancelled)
        server.send(SIGCONT)
        #expect(await other.value[0].value == .bytes(Array("other".utf8)))
        #expect(try await client.send(RedisCommand("ECHO", "after")).text == "after")
        await client.close()
    }

    @Test("get out at once, and the reply that comes later reaches nobody")
    func replies() async throws {
        let server = try await RedisServer(.socket)
        try await cancelled(StandaloneClient.make(server.socketPath), server)
    }

    @Test("get out at once in a cluster too")
    func clusterReplies() async throws {
        let server = try await RedisServer.wholeCluster()
        try await cancelled(RedisClusterClient.make(server), server)
    }

    @Test("get out while there is no connection, and what they wanted is not done when there is one")
    func offline() async throws {
        let server = try await RedisServer(.socket)
        let reports = Reports()
        let client = StandaloneClient.make(server.socketPath, reports: reports)
        _ = try await client.send(RedisCommand("PING"))
        try await server.kill()
        await reports.failed()
        let caller = Task { await client.send([RedisCommand("SET", "unwanted", "1", timeout: 3_600_000)]) }
        caller.cancel()
        #expect(await caller.value[0].failure?.kind == .cancelled)
        try await server.restart()
        #expect(try await client.send(RedisCommand("EXISTS", "unwanted")) == .integer(0))
        await client.close()
    }

    @Test("get out while no node of a cluster is found")
    func nowhere() async throws {
        var connection = RedisConnectionSettings(.tcp(host: "", port: 1))
        connection.commandTimeout = 3_600_000
        let settings = RedisClusterSettings(seeds: [NodeAddress(host: "127.0.0.1", port: 1)], connection: connection)
        let client = RedisClusterClient(settings, on: NIOSingletons.posixEventLoopGroup.next())
        for command in [RedisCommand("GET", "a"), RedisCommand("DBSIZE"), RedisCommand("SCAN", "0")] {
            let caller = Task { await client.send([command]) }
            caller.cancel()
            #expect(await caller.value[0].failure != nil)
        }
        let waiting = Task {
            do throws(RedisError) {
                _ = try await client.sendBlocking(RedisCommand("BLPOP", "a", "0", timeout: 3_600_000))
                return false
            } catch { return true }
        }
        waiting.cancel()
        #expect(await waiting.value)
        await client.close()
    }

    @Test("nothing is sent for a task that had been cancelled before")
    func early() async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        let caller = Task {
            while !Task.isCancelled { await Task.yield() }
            return await client.send([RedisCommand("SET", "unwanted", "1")])
        }
        caller.cancel()
        #expect(await caller.value[0].failure?.kind == .cancelled)
        #expect(try await client.send(RedisCommand("EXISTS", "unwanted")) == .integer(0))
        await client.close()
    }
}

extension RedisServer {
    /// A cluster of one node, which has all slots.
    static func wholeCluster() async throws -> RedisServer {
        let server = try await RedisServer(asCluster: true)
        try await server.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        try await RedisSentinelSet.poll { try await server.cli("CLUSTER", "INFO").contains("cluster_state:ok") }
        return server
    }
}

extension RedisClusterClient {
    /// A client of a cluster, patient enough for a busy machine.
    static func make(
        _ node: RedisServer, _ change: (inout RedisConnectionSettings) -> Void = { _ in }
    ) -> RedisClusterClient {
        var connection = RedisConnectionSettings(.tcp(host: "", port: 1))
        connection.connectTimeout = 60_000
        connection.commandTimeout = 60_000
        change(&connection)
        let seeds = [NodeAddress(host: "127.0.0.1", port: node.port)]
        return RedisClusterClient(
            RedisClusterSettings(seeds: seeds, connection: connection), on: NIOSingletons.posixEventLoopGroup.next())
    }
}
