// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Knows where the server is.
package protocol RedisLocator: Sendable {
    /// Whether a server must say that it is a primary before it is used.
    var checksRole: Bool { get }

    /// Asked before each attempt to connect: the answer of yesterday may be wrong.
    ///
    /// - Returns: Where to connect now.
    /// - Throws: ``RedisError`` when nobody knows; asked again later.
    func locate() async throws(RedisError) -> RedisEndpoint
}

/// A server that stays where it is.
package struct FixedLocator: RedisLocator {
    private let endpoint: RedisEndpoint

    package init(_ endpoint: RedisEndpoint) { self.endpoint = endpoint }

    package var checksRole: Bool { false }
    package func locate() async throws(RedisError) -> RedisEndpoint { endpoint }
}
