// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRedis
import HeroTestSupport
import NIOPosix
import Testing

@testable import HeroShared

/// Cache, locks and calls on sets of servers, of which one dies.
@Suite("what processes share, on sets of servers", .serialized, .timeLimit(.minutes(10)))
struct SharedTopologyTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    @Test("behind sentinels, with passwords: everything works before and after the primary is killed")
    func sentinels() async throws {
        // On a busy machine a server that is well may not answer for a while, and only one of them is to fail.
        let set = try await RedisSentinelSet(downAfter: 4000, password: "s3cret", sentinelPassword: "s3cret")
        let login = ["-a", "s3cret", "--no-auth-warning"]
        var server = RedisConnectionSettings(.tcp(host: "", port: 1))
        (server.password, server.commandTimeout) = ("s3cret", 30_000)
        let settings = SentinelSettings(
            name: RedisSentinelSet.name, sentinels: [NodeAddress(host: "127.0.0.1", port: set.sentinels[0].port)],
            password: "s3cret")
        let members = try await SharedDrill { SentinelClient(settings, server: server, on: loop) }
        try await members.everything()
        try await members.survives {
            // What was written before has been copied when its replicas have this.
            let copied = try await Program.run(
                "/bin/sh",
                [
                    "-c",
                    "printf 'SET mark 1\\nWAIT 2 0\\n' | redis-cli -a s3cret --no-auth-warning -p \(set.servers[0].port)",
                ],
                directory: "/tmp")
            #expect(copied.output == "OK\n2\n")
            try await set.servers[0].kill()
            try await set.sentinels[0].running.line(containing: "+switch-master main")
        }
        let roles = try await [set.servers[1], set.servers[2]].asyncMap { try await $0.cli(login + ["ROLE"]) }
        #expect(roles.count { $0.hasPrefix("master") } == 1)
        try await members.everything()
        await members.close()
    }

    @Test("on a cluster: everything works, on keys of all nodes, before and after a primary is killed")
    func cluster() async throws {
        let cluster = try await RedisCluster()
        var connection = RedisConnectionSettings(.tcp(host: "", port: 1))
        connection.commandTimeout = 30_000
        let settings = RedisClusterSettings(
            seeds: [NodeAddress(host: "127.0.0.1", port: cluster.nodes[0].port)], connection: connection)
        let members = try await SharedDrill { RedisClusterClient(settings, on: loop) }
        try await members.everything()
        for node in cluster.nodes.prefix(3) {
            // The counters of locks are there in any case; the values were found wherever they were.
            #expect(try await Int(node.cli("INFO", "stats").field("keyspace_hits")) ?? 0 > 0)
        }
        try await members.survives {
            for (primary, replica) in zip(cluster.nodes.prefix(3), cluster.nodes.dropFirst(3)) {
                try await RedisSentinelSet.poll {
                    let offset = try await primary.cli("INFO", "replication").field("master_repl_offset")
                    return try await replica.cli("INFO", "replication").field("slave_repl_offset") == offset
                }
            }
            try await cluster.nodes[1].kill()
            try await RedisSentinelSet.poll { try await cluster.nodes[4].cli("ROLE").hasPrefix("master") }
        }
        try await members.everything()
        await members.close()
    }
}

extension String {
    /// A value of `INFO`.
    fileprivate func field(_ name: String) -> String {
        split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }.map {
            String($0.dropFirst(name.count + 1))
        }
            ?? ""
    }
}

extension Array {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
