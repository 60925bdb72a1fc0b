// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What a connection tells whoever made it; all are called on its event loop.
package struct RedisConnectionEvents {
    /// The handshake is done.
    package var ready: (RedisConnection) -> Void = { _ in }
    /// A message of a subscription; only when it comes from a pattern, its name is there.
    package var message: (_ channel: String, _ pattern: String?, _ payload: [UInt8]) -> Void = { _, _, _ in }
    /// A reply for a caller.
    ///
    /// Returns whether somebody has taken over; otherwise the caller gets it.
    package var intercepts: (RedisSlot, RedisError) -> Bool = { _, _ in false }
    /// The connection has ended: why, and which commands have no reply; those that are returned get the error.
    package var closed: (RedisConnection, RedisError, [RedisUnanswered]) -> [RedisUnanswered] = { $2 }

    package init() {}
}
