// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A primary, two replicas and three sentinels of a test's own.
package final class RedisSentinelSet: Sendable {
    /// What the sentinels call the primary, unless a test says otherwise.
    package static let name = "main"

    /// The primary first, as it was in the beginning.
    package let servers: [RedisServer]
    package let sentinels: [RedisServer]

    /// Starts all and waits until the replicas follow and the sentinels know one another.
    ///
    /// - Parameters:
    ///   - downAfter: Milliseconds without an answer until a sentinel thinks a server is down.
    ///   - name: What the sentinels call the primary.
    ///   - password: What clients of the servers must know.
    ///   - sentinelPassword: What clients of the sentinels must know.
    /// - Throws: An error when a server does not start.
    package init(
        downAfter: Int = 500, name: String = RedisSentinelSet.name, password: String? = nil,
        sentinelPassword: String? = nil
    ) async throws {
        let common = [
            "enable-debug-command yes", "repl-diskless-sync yes", "repl-diskless-sync-delay 0",
            "repl-ping-replica-period 1",
        ]
        let follow = password.map { ["masterauth \"\($0)\""] } ?? []
        let primary = try await RedisServer(password: password, settings: common + follow)
        let replica = ["replicaof 127.0.0.1 \(primary.port)"]
        async let first = RedisServer(password: password, settings: common + follow + replica)
        async let second = RedisServer(password: password, settings: common + follow + replica)
        servers = [primary, try await first, try await second]
        func login(_ password: String?) -> [String] { password.map { ["-a", $0, "--no-auth-warning"] } ?? [] }
        try await Self.poll {
            try await primary.cli(login(password) + ["INFO", "replication"]).components(separatedBy: "state=online")
                .count
                == 3
        }
        var watch = [
            "sentinel monitor \(name) 127.0.0.1 \(primary.port) 2",
            "sentinel down-after-milliseconds \(name) \(downAfter)", "sentinel failover-timeout \(name) 2000",
            "sentinel parallel-syncs \(name) 2",
        ]
        if let password { watch.append("sentinel auth-pass \(name) \"\(password)\"") }
        if let sentinelPassword { watch.append("sentinel sentinel-pass \"\(sentinelPassword)\"") }
        let lines = watch
        async let one = RedisServer(password: sentinelPassword, settings: lines, isSentinel: true)
        async let two = RedisServer(password: sentinelPassword, settings: lines, isSentinel: true)
        async let three = RedisServer(password: sentinelPassword, settings: lines, isSentinel: true)
        sentinels = try await [one, two, three]
        for sentinel in sentinels {
            try await Self.poll {
                let words = try await sentinel.cli(login(sentinelPassword) + ["SENTINEL", "master", name]).split(
                    separator: "\n")
                func value(_ name: Substring) -> Substring? { words.firstIndex(of: name).map { words[$0 + 1] } }
                return value("num-slaves") == "2" && value("num-other-sentinels") == "2"
            }
        }
    }

    /// The server with a port.
    package func server(_ port: Int) throws -> RedisServer {
        guard let server = servers.first(where: { $0.port == port }) else {
            throw RedisServer.Failure(description: "no server has port \(port)")
        }
        return server
    }

    /// Asks again and again until it holds.
    package static func poll(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
    }
}
