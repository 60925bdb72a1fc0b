// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRedis
import HeroTasks
import HeroTestSupport
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A server, or a cluster, of a test's own, with a store on it.
final class JobFixture: Sendable {
    let server: RedisServer?
    let cluster: RedisCluster?
    let client: any RedisClient
    let store: JobStore
    var api: QueueAPI { QueueAPI(store) }
    var keys: JobKeys { store.keys }

    init(
        cluster isCluster: Bool = false, namespace: String = "{resque}", settings: [String] = [],
        listening: RedisServer.Listening = .socket
    ) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        if isCluster {
            let cluster = try await RedisCluster()
            (server, self.cluster) = (nil, cluster)
            let seeds = cluster.nodes.prefix(1).map { NodeAddress(host: "127.0.0.1", port: $0.port) }
            var settings = RedisConnectionSettings(.tcp(host: "", port: 0))
            (settings.connectTimeout, settings.commandTimeout) = (60_000, 60_000)
            client = RedisClusterClient(RedisClusterSettings(seeds: seeds, connection: settings), on: loop)
        } else {
            let server = try await RedisServer(listening, settings: settings)
            (self.server, cluster) = (server, nil)
            client = StandaloneClient(Self.settings(server.socketPath), on: loop)
        }
        store = JobStore(client, try JobKeys(namespace: namespace, isCluster: isCluster))
    }

    /// Patient enough for a busy machine.
    static func settings(_ path: String) -> RedisConnectionSettings {
        var settings = RedisConnectionSettings(.unix(path: path))
        (settings.connectTimeout, settings.commandTimeout) = (60_000, 60_000)
        return settings
    }

    /// Runs a test and closes the client.
    static func with(
        cluster: Bool = false, namespace: String = "{resque}", settings: [String] = [],
        _ body: (JobFixture) async throws -> Void
    ) async throws {
        let fixture = try await JobFixture(cluster: cluster, namespace: namespace, settings: settings)
        do { try await body(fixture) } catch {
            await fixture.client.close()
            throw error
        }
        await fixture.client.close()
    }

    @discardableResult
    func redis(_ words: RedisArgument...) async throws -> RESPValue {
        try await client.send(RedisCommand(words.map(\.bytes)))
    }

    /// Elements of a list as text.
    func list(_ key: RedisArgument) async throws -> [String] {
        try await redis("LRANGE", key, 0, -1).elements?.compactMap(\.text) ?? []
    }

    func queue(_ name: String) async throws -> [String] { try await list(keys.queue(name)) }

    func push(_ queue: String, _ payloads: String...) async throws {
        for payload in payloads { try await redis("RPUSH", keys.queue(queue), RedisArgument(payload)) }
    }

    /// Four jobs in a queue, of which an owner holds the first three.
    func threeHeld(_ owner: String = "host:1~a") async throws -> [HeldJob] {
        try await start(owner)
        try await push("q", job(1), job(2), job(3), job(4))
        return try await claim(owner, 1, 3, "q")
    }

    func finish(_ owner: String, _ jobs: FinishedJob...) async throws -> FinishAnswer {
        try await store.finish(owner, jobs)
    }

    func number(_ key: RedisArgument) async throws -> Int { try await redis("GET", key).integer ?? 0 }

    static let never = 1_000_000_000

    /// An owner with a lease that does not end.
    func start(_ owner: String) async throws {
        #expect(try await store.start(owner, lease: Self.never, who: Array("{}".utf8)))
    }

    /// The owner's lease ends now.
    func end(_ owner: String) async throws { try await redis("ZADD", keys.leases, 1, RedisArgument(owner)) }

    /// The jobs that a claim brings.
    func claim(_ owner: String, _ first: Int, _ want: Int, _ queues: String...) async throws -> [HeldJob] {
        let answer = try await store.claim(owner, ClaimOrder(first: first, want: want, queues: queues))
        guard case .jobs(let jobs) = answer else {
            Issue.record("the claim was answered with \(answer)")
            return []
        }
        return jobs
    }
}

extension HeldJob {
    var text: String { String(decoding: payload, as: UTF8.self) }
}

/// A payload that differs by its number.
func job(_ number: Int, queue: String = "q") -> String { #"{"class":"t","queue":"\#(queue)","args":[\#(number)]}"# }
