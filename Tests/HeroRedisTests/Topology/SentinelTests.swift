// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOPosix
import Synchronization
import Testing

extension TopologyTests {
    @Suite("sentinels", .serialized)
    struct SentinelTests {
        @Test(
            "what breaks a primary is survived under load: nothing runs twice, nothing hangs, only what was not copied is lost"
        )
        func failovers() async throws {
            let drill = try await SentinelDrill()
            async let load: Void = drill.load.run()
            do {
                try await drill.failover("SENTINEL FAILOVER", heals: true) { set, _ in
                    try await set.sentinels[0].cli("SENTINEL", "FAILOVER", RedisSentinelSet.name)
                }
                try await drill.failover("kill -9", heals: true, restarts: true) { _, primary in
                    try await primary.kill()
                }
                try await drill.failover("DEBUG SLEEP", heals: true) { _, primary in
                    // The answer comes when it wakes.
                    _ = Task { try? await primary.cli("DEBUG", "SLEEP", "4") }
                }
                try await drill.set.sentinels[0].kill()
                try await drill.failover("a sentinel killed, and SIGSTOP", heals: false) { _, primary in
                    primary.send(SIGSTOP)
                }
                try await drill.comeBack()
            } catch {
                Issue.record(error)
            }
            drill.load.stop()
            await load
            try await drill.verify()
            await drill.client.close()
        }
    }
}

/// One set of servers with a load, and what happened to it.
private final class SentinelDrill: Sendable {
    struct Fault: Sendable {
        let name: String
        /// All that was acknowledged before has been copied to the replicas.
        let copied: ContinuousClock.Instant
        /// The client was connected to the new primary.
        let takeover: ContinuousClock.Instant
    }

    let set: RedisSentinelSet
    let client: SentinelClient
    let load: TopologyLoad
    private let connections: Connections
    private let faults = Mutex<[Fault]>([])
    private let stopped = Mutex<RedisServer?>(nil)

    /// When the client was connected to which server.
    final class Connections: Sendable {
        private let list = Mutex<[(endpoint: RedisEndpoint, time: ContinuousClock.Instant)]>([])
        func add(_ endpoint: RedisEndpoint) { list.withLock { $0.append((endpoint, .now)) } }
        var last: RedisEndpoint? { list.withLock { $0.last?.endpoint } }
        func first(of port: Int, after begin: ContinuousClock.Instant) -> ContinuousClock.Instant? {
            list.withLock { list in
                list.first { $0.time >= begin && $0.endpoint == .tcp(host: "127.0.0.1", port: port) }?.time
            }
        }
    }

    init() async throws {
        set = try await RedisSentinelSet()
        let connections = Connections()
        self.connections = connections
        // One only: the others are learned.
        let sentinels = [NodeAddress(host: "127.0.0.1", port: set.sentinels[0].port)]
        client = SentinelClient(
            SentinelSettings(name: RedisSentinelSet.name, sentinels: sentinels),
            server: RedisConnectionSettings(.tcp(host: "", port: 1)), on: MultiThreadedEventLoopGroup.singleton.next()
        ) { role, event in
            if role == .client, case .ready(let endpoint) = event { connections.add(endpoint) }
        }
        load = TopologyLoad(client, mayLose: true)
    }

    /// The server that the client is connected to.
    private func primary() throws -> RedisServer {
        guard case .tcp(_, let port) = try #require(connections.last) else { return set.servers[0] }
        return try set.server(port)
    }

    /// Breaks something, and waits until the sentinels have a new primary, the client uses it, and all follow it.
    func failover(
        _ name: String, heals: Bool, restarts: Bool = false,
        _ fault: (RedisSentinelSet, RedisServer) async throws -> Void
    ) async throws {
        _ = await load.nextGoodWrite()
        let old = try primary()
        let copied = ContinuousClock.now
        // In one connection: WAIT is about the writes of its own.
        let synchronised = try await Program.run(
            "/bin/sh", ["-c", "printf 'SET mark 1\\nWAIT 2 10000\\n' | redis-cli -p \(old.port)"], directory: "/tmp")
        #expect(synchronised.output.contains("2"), "\(name): \(synchronised.output)")
        let living = set.sentinels.filter { kill($0.identifier, 0) == 0 }
        let before = living.map(\.running.lines.count)
        let begin = ContinuousClock.now
        try await fault(set, old)
        let switched = try await withThrowingTaskGroup { group in
            for (sentinel, count) in zip(living, before) {
                group.addTask {
                    let line = try await sentinel.running.line(containing: "+switch-master main", after: count)
                    return (line, ContinuousClock.now)
                }
            }
            var first: (String, ContinuousClock.Instant)?
            for try await entry in group where first == nil { first = entry }
            return try #require(first)
        }
        let port = try #require(switched.0.split(separator: " ").last.flatMap { Int($0) })
        try await RedisSentinelSet.poll { connections.first(of: port, after: begin) != nil }
        let takeover = try #require(connections.first(of: port, after: begin))
        try await RedisSentinelSet.poll { load.record.writes.last.map { $0.acknowledged > takeover } ?? false }
        // The callers work at the same time, so the first in the list need not be the earliest.
        let good = try #require(load.record.writes.map(\.acknowledged).filter { $0 > takeover }.min())
        faults.withLock { $0.append(Fault(name: name, copied: copied, takeover: takeover)) }
        print(
            "\(name): sentinels took \(switched.1 - begin), connected \(takeover - begin), first good write \(good - begin)"
        )
        let limit = switched.1 + .seconds(1) + load.record.stall
        #expect(good <= limit, "\(name): later than the sentinels' own time and a second")
        if restarts { try await old.restart() }
        stopped.withLock { $0 = old }
        if heals { try await heal(port) }
    }

    /// Sentinels would do it too, after ten seconds.
    private func heal(_ port: Int) async throws {
        for server in set.servers where server.port != port {
            try await server.cli("REPLICAOF", "127.0.0.1", "\(port)")
        }
        let primary = try set.server(port)
        try await RedisSentinelSet.poll {
            try await primary.cli("INFO", "replication").components(separatedBy: "state=online").count == 3
        }
    }

    /// The primary that was away finds out by the sentinels that it is none any more.
    func comeBack() async throws {
        let server = try #require(stopped.withLock { $0 })
        server.send(SIGCONT)
        try await RedisSentinelSet.poll {
            let replication = try await server.cli("INFO", "replication")
            return replication.contains("role:slave") && replication.contains("master_link_status:up")
        }
    }

    func verify() async throws {
        let record = load.record
        let primary = try self.primary()
        let plain = try await RedisConnection.connect(
            RedisConnectionSettings(.tcp(host: "127.0.0.1", port: primary.port)),
            on: MultiThreadedEventLoopGroup.singleton.next())
        var lost: [TopologyLoad.Write] = []
        for start in stride(from: 0, to: record.writes.count, by: 1000) {
            let some = record.writes[start..<min(start + 1000, record.writes.count)]
            let values = await plain.send(some.map { RedisCommand("GET", RedisArgument($0.key), timeout: 20_000) })
            for (write, value) in zip(some, values) {
                let value = try value.get()
                #expect(value == .bytes(Array(write.key.utf8)) || value.isNull)
                if value.isNull { lost.append(write) }
            }
        }
        let faults = faults.withLock { $0 }
        for fault in faults {
            let count = lost.count { fault.copied <= $0.acknowledged && $0.acknowledged <= fault.takeover }
            print("\(fault.name): \(count) acknowledged writes had not been copied")
        }
        let unexplained = lost.filter { write in
            !faults.contains { $0.copied <= write.acknowledged && write.acknowledged <= $0.takeover }
        }
        #expect(unexplained.isEmpty, "\(unexplained.count) writes were lost although they had been copied")
        var repeated: [String] = []
        for start in stride(from: 0, to: record.once.count, by: 1000) {
            let some = record.once[start..<min(start + 1000, record.once.count)]
            let values = await plain.send(some.map { RedisCommand("GET", RedisArgument($0), timeout: 20_000) })
            for (key, value) in zip(some, values) {
                let count = try value.get()
                if !count.isNull, count.integer != 1 { repeated.append("\(key) ran \(count.integer ?? 0) times") }
            }
        }
        #expect(repeated.isEmpty, "\(repeated.prefix(5))")
        plain.close()
        print(
            "\(record.commands) commands, \(record.writes.count) repeatable writes acknowledged, \(lost.count) lost; ",
            "failures \(record.failures); the machine stalled \(record.stall)")
        #expect(record.wrong.isEmpty && record.late.isEmpty, "\(record.wrong.prefix(5)) \(record.late.prefix(5))")
        #expect(record.refusals.isEmpty, "\(record.refusals)")
    }
}
