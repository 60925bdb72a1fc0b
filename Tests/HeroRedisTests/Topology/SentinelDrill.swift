// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOPosix
import Synchronization
import Testing

/// One set of servers with a load, and what happened to it.
final class SentinelDrill: Sendable {
    let set: RedisSentinelSet
    let client: SentinelClient
    let load: TopologyLoad
    private let takeovers: Takeovers
    /// Which fault had which first connection to the new primary.
    private let faults = Mutex<[(name: String, connected: ContinuousClock.Instant)]>([])
    private let stopped = Mutex<RedisServer?>(nil)

    /// Milliseconds: on a busy machine a server that is well may not answer for a while.
    private static let downAfter = 1000

    init() async throws {
        set = try await RedisSentinelSet(downAfter: Self.downAfter)
        let takeovers = Takeovers()
        self.takeovers = takeovers
        // One only: the others are learned.
        let sentinels = [NodeAddress(host: "127.0.0.1", port: set.sentinels[0].port)]
        client = SentinelClient(
            SentinelSettings(name: RedisSentinelSet.name, sentinels: sentinels),
            server: RedisConnectionSettings(.tcp(host: "", port: 1)), on: MultiThreadedEventLoopGroup.singleton.next()
        ) { role, event in
            if role == .client, case .ready(let endpoint) = event { takeovers.connected(endpoint) }
        }
        load = TopologyLoad(client, mayLose: true)
    }

    /// Notes again and again when both replicas had everything, until the load ends.
    func watchCopies() async {
        while !load.hasStopped {
            guard let port = takeovers.port, let connection = try? await connect(port) else {
                try? await Task.sleep(for: .milliseconds(20))
                continue
            }
            while !load.hasStopped, takeovers.port == port {
                let time = ContinuousClock.now
                // WAIT is about the writes of its own connection, and those of others before them.
                let replies = await connection.send([
                    RedisCommand("SET", "mark", "x", timeout: 1000), RedisCommand("WAIT", 2, 500, timeout: 1000),
                ])
                guard let count = try? replies.last?.get().integer else { break }
                if count == 2 { takeovers.copied(port, at: time) }
                try? await Task.sleep(for: .milliseconds(20))
            }
            connection.close()
        }
    }

    private func connect(_ port: Int) async throws -> RedisConnection {
        var settings = RedisConnectionSettings(.tcp(host: "127.0.0.1", port: port))
        settings.connectTimeout = 1000
        return try await RedisConnection.connect(settings, on: MultiThreadedEventLoopGroup.singleton.next())
    }

    private var living: [RedisServer] { self.set.sentinels.filter { kill($0.identifier, 0) == 0 } }

    /// The port of the primary as a sentinel sees it.
    private func watched() async throws -> Int? {
        let words = try await living.first?.cli("SENTINEL", "get-master-addr-by-name", RedisSentinelSet.name)
        return words?.split(separator: "\n").last.flatMap { Int($0) }
    }

    /// Breaks something, and waits until the sentinels have a new primary, the client uses it, and all follow it.
    func failover(
        _ name: String, heals: Bool, restarts: Bool = false,
        _ fault: (RedisSentinelSet, RedisServer) async throws -> Void
    ) async throws {
        _ = await load.nextGoodWrite()
        try await RedisSentinelSet.poll { try await watched() == takeovers.port }
        let old = try set.server(try #require(takeovers.port))
        let now = ContinuousClock.now
        try await RedisSentinelSet.poll { takeovers.hasCopied(old.port, since: now) || takeovers.port != old.port }
        let living = living
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
        try await RedisSentinelSet.poll { takeovers.first(of: port, after: begin) != nil }
        let takeover = try #require(takeovers.first(of: port, after: begin))
        try await RedisSentinelSet.poll { load.record.writes.last.map { $0.acknowledged > takeover } ?? false }
        // The callers work at the same time, so the first in the list need not be the earliest.
        let good = try #require(load.record.writes.map(\.acknowledged).filter { $0 > takeover }.min())
        faults.withLock { $0.append((name, takeover)) }
        print(
            "\(name): sentinels took \(switched.1 - begin), connected \(takeover - begin), first good write \(good - begin)"
        )
        // How long it took is for people to read: machines differ. What must be is that it works on without help.
        #expect(good > takeover && takeovers.port == port, "\(name)")
        if restarts { try await old.restart() }
        stopped.withLock { $0 = old }
        if heals { try await heal() }
    }

    /// Sentinels would do it too, after ten seconds.
    private func heal() async throws {
        try await RedisSentinelSet.poll {
            guard let port = try await watched(),
                try await set.server(port).cli("INFO", "replication").contains("role:master")
            else { return false }
            for server in set.servers where server.port != port {
                let replication = try await server.cli("INFO", "replication")
                guard !replication.contains("master_port:\(port)\r") else { continue }
                try await server.cli("REPLICAOF", "127.0.0.1", "\(port)")
            }
            let replication = try await set.server(port).cli("INFO", "replication")
            return replication.components(separatedBy: "state=online").count == 3
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

    // MARK: Afterwards

    func verify() async throws {
        let record = load.record
        let plain = try await connect(try #require(takeovers.port))
        let lost = try await missing(record.writes, plain)
        report(lost)
        let windows = takeovers.windows
        let unexplained = lost.filter { write in !windows.contains { $0.mayLose(write) } }
        #expect(unexplained.isEmpty, "\(unexplained.count) writes were lost although they had been copied")
        let repeated = try await repeated(record.once, plain)
        #expect(repeated.isEmpty, "\(repeated.prefix(5))")
        plain.close()
        print(
            "\(record.commands) commands, \(record.writes.count) repeatable writes acknowledged, \(lost.count) lost; ",
            "failures \(record.failures); the machine stalled \(record.stall)")
        #expect(record.wrong.isEmpty && record.late.isEmpty, "\(record.wrong.prefix(5)) \(record.late.prefix(5))")
        #expect(record.refusals.isEmpty, "\(record.refusals)")
    }

    private func report(_ lost: [TopologyLoad.Write]) {
        let faults = faults.withLock { $0 }
        for window in takeovers.windows {
            let name = faults.first { $0.connected == window.connected }?.name ?? "the sentinels by themselves"
            let count = lost.count { window.mayLose($0) }
            print(
                "\(name): \(count) acknowledged writes had not been copied,",
                "last time of which all had been: \(window.connected - window.copied) before the takeover")
        }
    }

    private func missing(
        _ writes: [TopologyLoad.Write], _ plain: RedisConnection
    ) async throws -> [TopologyLoad.Write] {
        var lost: [TopologyLoad.Write] = []
        for start in stride(from: 0, to: writes.count, by: 1000) {
            let some = writes[start..<min(start + 1000, writes.count)]
            let values = await plain.send(some.map { RedisCommand("GET", RedisArgument($0.key), timeout: 20_000) })
            for (write, value) in zip(some, values) {
                let value = try value.get()
                #expect(value == .bytes(Array(write.key.utf8)) || value.isNull)
                if value.isNull { lost.append(write) }
            }
        }
        return lost
    }

    private func repeated(_ once: [String], _ plain: RedisConnection) async throws -> [String] {
        var repeated: [String] = []
        for start in stride(from: 0, to: once.count, by: 1000) {
            let some = once[start..<min(start + 1000, once.count)]
            let values = await plain.send(some.map { RedisCommand("GET", RedisArgument($0), timeout: 20_000) })
            for (key, value) in zip(some, values) {
                let count = try value.get()
                if !count.isNull, count.integer != 1 { repeated.append("\(key) ran \(count.integer ?? 0) times") }
            }
        }
        return repeated
    }
}
