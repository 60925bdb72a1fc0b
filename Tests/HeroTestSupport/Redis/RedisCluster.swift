// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A cluster of a test's own: primaries with a replica each.
package final class RedisCluster: Sendable {
    /// The primaries first, then their replicas in the same order, as it was in the beginning.
    package let nodes: [RedisServer]
    /// Names that the nodes gave themselves, in the order of ``nodes``.
    package let names: [String]
    package let primaries: Int

    /// Starts all, and waits until every node has the whole map and every replica follows.
    ///
    /// - Parameters:
    ///   - primaries: How many; as many replicas are added.
    ///   - timeout: Milliseconds without an answer until a node counts as failing.
    /// - Throws: An error when a server does not start.
    package init(primaries: Int = 3, timeout: Int = 5000) async throws {
        let settings = [
            "cluster-node-timeout \(timeout)", "repl-diskless-sync yes", "repl-diskless-sync-delay 0",
            "repl-ping-replica-period 1", "cluster-replica-validity-factor 0", "cluster-allow-replica-migration no",
            "enable-debug-command yes",
        ]
        nodes = try await withThrowingTaskGroup { group in
            for _ in 0..<(2 * primaries) {
                group.addTask { try await RedisServer(settings: settings, asCluster: true) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        self.primaries = primaries
        var names: [String] = []
        for (position, node) in nodes.enumerated() {
            names.append(try await node.cli("CLUSTER", "MYID"))
            try await node.cli("CLUSTER", "SET-CONFIG-EPOCH", "\(position + 1)")
            guard position < primaries else { continue }
            let (first, end) = (16384 * position / primaries, 16384 * (position + 1) / primaries)
            try await node.cli("CLUSTER", "ADDSLOTSRANGE", "\(first)", "\(end - 1)")
        }
        self.names = names
        for node in nodes.dropFirst() { try await nodes[0].cli("CLUSTER", "MEET", "127.0.0.1", "\(node.port)") }
        for node in nodes {
            // Known, and not only by a handshake.
            try await RedisSentinelSet.poll {
                let lines = try await node.cli("CLUSTER", "NODES").split(separator: "\n")
                return lines.count == 2 * primaries && !lines.contains { $0.contains("handshake") }
            }
        }
        for (position, node) in nodes.enumerated().dropFirst(primaries) {
            try await node.cli("CLUSTER", "REPLICATE", names[position - primaries])
        }
        try await waitUntilWhole()
    }

    /// Waits until all slots are served, as every node sees it, and every replica follows and is in the map.
    package func waitUntilWhole() async throws {
        for node in nodes {
            try await RedisSentinelSet.poll {
                let info = try await node.cli("CLUSTER", "INFO")
                let replication = try await node.cli("INFO", "replication")
                // A replica is left out until its offset has got around.
                let map = try await node.cli("CLUSTER", "SLOTS").split(separator: "\n")
                return info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:16384")
                    && (replication.contains("role:master") || replication.contains("master_link_status:up"))
                    && nodes.allSatisfy { map.contains(Substring("\($0.port)")) }
            }
        }
    }
}
