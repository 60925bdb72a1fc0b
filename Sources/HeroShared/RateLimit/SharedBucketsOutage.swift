// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis

/// Keeps requests from waiting for a Redis that is away: one of them tries it now and then.
struct SharedBucketsOutage: Sendable {
    /// Milliseconds between two tries.
    static let pause = 1000

    private var isAway = false
    private var nextTry = 0

    /// - Parameter now: Milliseconds of a clock that does not go back.
    /// - Returns: Whether this request may ask Redis.
    mutating func mayAsk(_ now: Int) -> Bool {
        guard isAway else { return true }
        guard now >= nextTry else { return false }
        nextTry = now + Self.pause
        return true
    }

    mutating func failed(_ now: Int) {
        isAway = true
        nextTry = now + Self.pause
    }

    /// - Returns: Whether it had been away.
    mutating func answered() -> Bool {
        defer { isAway = false }
        return isAway
    }
}
