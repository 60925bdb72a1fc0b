// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How long to wait before connecting again: 50 ms, doubled each time up to 5 s, and up to 199 ms by chance.
package enum RedisBackoff {
    /// - Parameters:
    ///   - attempt: How many have failed before, from 0.
    ///   - generator: Spreads many processes that lost the same server.
    /// - Returns: Milliseconds.
    package static func milliseconds(attempt: Int, using generator: inout some RandomNumberGenerator) -> Int {
        min(50 << min(max(attempt, 0), 7), 5_000) + Int.random(in: 0...199, using: &generator)
    }
}
