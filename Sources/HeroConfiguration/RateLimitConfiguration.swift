// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `general.rateLimit`; what each key means is documented in `config/api.yml`.
package struct RateLimitConfiguration: Decodable, Sendable {
    package let requests: Int
    /// Seconds.
    package let window: Int
    package let key: String
    package let maximumKeys: Int
    package let prefix: String
    /// Milliseconds.
    package let redisTimeout: Int

    /// The limits where no configuration has been read.
    package static let unread = RateLimitConfiguration(
        requests: 100, window: 60, key: "address", maximumKeys: 10_000, prefix: "", redisTimeout: 500)
}
