// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What happens to a client's connections, for the log.
package enum RedisClientEvent: Sendable, Hashable {
    /// `attempt` is 0 for the first one, and for the first one after a connection that was good.
    case connecting(RedisEndpoint, attempt: Int)
    case ready(RedisEndpoint)
    /// A connection could not be made or was lost; the next attempt comes after so many milliseconds.
    case failed(RedisError, attempt: Int, retryMilliseconds: Int)
    /// The server's certificate is not checked, as the configuration says.
    case unverified(RedisEndpoint)
    case closed
}

/// Which of a client's connections.
package enum RedisRole: String, Sendable, Hashable {
    case client, subscriber, tasks, blocking
}

/// Gets to know what happens; called on the event loop.
package typealias RedisObserver = @Sendable (RedisRole, RedisClientEvent) -> Void
