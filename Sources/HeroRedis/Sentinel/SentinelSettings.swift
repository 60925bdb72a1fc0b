// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// Which sentinels to ask, for which primary.
package struct SentinelSettings: Sendable {
    package static let usualPort = 26_379

    /// What the sentinels call the primary, also its replicas and itself after a failover.
    package var name: String
    /// At least one; the others are learned.
    package var sentinels: [NodeAddress]
    /// User, password and TLS for connections to sentinels; endpoint, database and time limits do not count.
    package var sentinel: RedisConnectionSettings
    /// Milliseconds for connecting to a sentinel or to the server that it named, and as many for an answer.
    package var connectTimeout = 500
    /// Milliseconds of searching until those who wait are told why nothing is found; the search begins again at once.
    ///
    /// Shorter than commands usually wait, so that they can say why they were not sent.
    package var searchLimit = 2_000
    /// Called on event loops and tasks: must not block.
    package var log: @Sendable (LogLevel, String) -> Void = { _, _ in }

    package init(name: String, sentinels: [NodeAddress], user: String? = nil, password: String? = nil) {
        self.name = name
        self.sentinels = sentinels
        sentinel = RedisConnectionSettings(.tcp(host: "", port: Self.usualPort))
        sentinel.user = user
        sentinel.password = password
        // Their subscription is the only way to hear of a primary that hangs.
        sentinel.pingInterval = 2_000
    }

    package func connection(to address: NodeAddress) -> RedisConnectionSettings {
        var settings = sentinel
        settings.endpoint = address.endpoint
        settings.database = 0
        settings.checksRole = false
        settings.connectTimeout = connectTimeout
        settings.commandTimeout = connectTimeout
        return settings
    }
}
