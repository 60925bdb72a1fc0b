// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A primary, two replicas and three sentinels of a test's own, which call the primary `main`.
package final class RedisSentinelSet: Sendable {
    package static let name = "main"

    /// The primary first, as it was in the beginning.
    package let servers: [RedisServer]
    package let sentinels: [RedisServer]

    /// Starts all and waits until the replicas follow and the sentinels know one another.
    ///
    /// - Parameters:
    ///   - downAfter: Milliseconds without an answer until a sentinel thinks a server is down.
    ///   - password: What clients must know, of the servers and of the sentinels.
    /// - Throws: An error when a server does not start.
    package init(downAfter: Int = 500, password: String? = nil) async throws {
        let common = [
            "enable-debug-command yes", "repl-diskless-sync yes", "repl-diskless-sync-delay 0",
            "repl-ping-replica-period 1",
        ]
        let login = password.map { ["masterauth \($0)"] } ?? []
        let primary = try await RedisServer(password: password, settings: common + login)
        let replica = ["replicaof 127.0.0.1 \(primary.port)"]
        async let first = RedisServer(password: password, settings: common + login + replica)
        async let second = RedisServer(password: password, settings: common + login + replica)
        servers = [primary, try await first, try await second]
        let arguments = password.map { ["-a", $0, "--no-auth-warning"] } ?? []
        try await Self.poll {
            try await primary.cli(arguments + ["INFO", "replication"]).components(separatedBy: "state=online").count
                == 3
        }
        let name = Self.name
        var watch = [
            "sentinel monitor \(name) 127.0.0.1 \(primary.port) 2",
            "sentinel down-after-milliseconds \(name) \(downAfter)", "sentinel failover-timeout \(name) 2000",
            "sentinel parallel-syncs \(name) 2",
        ]
        if let password { watch += ["sentinel auth-pass \(name) \(password)", "sentinel sentinel-pass \(password)"] }
        let lines = watch
        async let one = RedisServer(password: password, settings: lines, isSentinel: true)
        async let two = RedisServer(password: password, settings: lines, isSentinel: true)
        async let three = RedisServer(password: password, settings: lines, isSentinel: true)
        sentinels = try await [one, two, three]
        for sentinel in sentinels {
            try await Self.poll {
                let words = try await sentinel.cli(arguments + ["SENTINEL", "master", name]).split(separator: "\n")
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
