// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// Which Redis Cluster, and how to use it.
package struct RedisClusterSettings: Sendable {
    /// Nodes to ask for the map, at least one; the others are learned.
    package var seeds: [NodeAddress]
    /// User, password, TLS and limits for connections to all nodes; endpoint and database do not count.
    package var connection: RedisConnectionSettings
    /// Whether commands that only read may go to replicas, whose data may be older.
    package var readsReplicas = false
    /// Milliseconds between two looks at the map without any reason.
    package var refreshInterval = 15_000
    /// Called on event loops and tasks: must not block.
    package var log: @Sendable (LogLevel, String) -> Void = { _, _ in }

    /// Gets to know of the connection for subscriptions.
    package var observer: RedisObserver = { _, _ in }

    package init(seeds: [NodeAddress], connection: RedisConnectionSettings? = nil) {
        self.seeds = seeds
        self.connection = connection ?? RedisConnectionSettings(.tcp(host: "", port: RedisEndpoint.usualPort))
        self.connection.database = 0
        self.connection.checksRole = false
    }

    func connection(to node: NodeAddress) -> RedisConnectionSettings {
        var settings = connection
        settings.endpoint = node.endpoint
        return settings
    }
}
