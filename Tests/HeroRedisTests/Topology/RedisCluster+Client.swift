// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOPosix

extension RedisCluster {
    /// - Parameter seeds: Which nodes the client knows from the beginning.
    /// - Returns: Settings without a password.
    func settings(seeds: [Int]) -> RedisClusterSettings {
        RedisClusterSettings(seeds: seeds.map { NodeAddress(host: "127.0.0.1", port: nodes[$0].port) })
    }

    /// Moves a slot with its keys to the next primary, as `redis-cli --cluster` does.
    ///
    /// - Parameters:
    ///   - slot: 0 to 16383.
    ///   - round: How often it was moved before.
    /// - Throws: What a node refused.
    func move(_ slot: Int, round: Int) async throws {
        let source = (slot * primaries / 16384 + round) % primaries
        let target = (source + 1) % primaries
        let (from, to) = (try await connect(source), try await connect(target))
        defer {
            from.close()
            to.close()
        }
        let number = RedisArgument(slot)
        func set(_ connection: RedisConnection, _ words: RedisArgument...) async throws {
            let command: [RedisArgument] = ["CLUSTER", "SETSLOT", number] + words
            _ = try await connection.send(RedisCommand(command.map(\.bytes), timeout: 30_000))
        }
        try await set(to, "IMPORTING", RedisArgument(names[source]))
        try await set(from, "MIGRATING", RedisArgument(names[target]))
        for step in 0... {
            // First one key at a time, so that the slot is on both sides for a while; then faster than others add keys, also
            // on a busy machine.
            let count: RedisArgument = step < 8 ? 1 : 100
            let some = try await from.send(RedisCommand("CLUSTER", "GETKEYSINSLOT", number, count, timeout: 30_000))
            let keys = (some.elements ?? []).compactMap(\.bytes)
            guard !keys.isEmpty else { break }
            let words: [RedisArgument] = [
                "MIGRATE", "127.0.0.1", RedisArgument(nodes[target].port), "", "0", "20000", "KEYS",
            ]
            _ = try await from.send(RedisCommand(words.map(\.bytes) + keys, timeout: 30_000))
        }
        // Whoever takes a slot counts the epoch up, as far as it knows it. Two that take the same number are told apart by
        // their names, and a slot can then be nobody's.
        try await agreeOnEpoch()
        try await set(to, "NODE", RedisArgument(names[target]))
        try await set(from, "NODE", RedisArgument(names[target]))
    }

    /// Waits until all primaries have heard of the last change.
    private func agreeOnEpoch() async throws {
        try await RedisSentinelSet.poll {
            var epochs: Set<Substring> = []
            for position in 0..<primaries {
                let connection = try await connect(position)
                defer { connection.close() }
                let info = try await connection.send(RedisCommand("CLUSTER", "INFO", timeout: 30_000)).text ?? ""
                let lines = info.split(whereSeparator: \.isNewline)
                if let line = lines.first(where: { $0.hasPrefix("cluster_current_epoch:") }) { epochs.insert(line) }
            }
            return epochs.count == 1
        }
    }

    private func connect(_ position: Int) async throws -> RedisConnection {
        try await RedisConnection.connect(
            RedisConnectionSettings(.tcp(host: "127.0.0.1", port: nodes[position].port)),
            on: MultiThreadedEventLoopGroup.singleton.next())
    }
}
