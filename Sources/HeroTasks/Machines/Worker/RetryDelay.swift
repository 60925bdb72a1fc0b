// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// When a job that has thrown is tried again.
package struct RetryDelay: Sendable, Hashable {
    /// How often it is tried again; 0 for never.
    package var limit = 10
    /// Milliseconds before the first time.
    package var base = 5000
    /// Each wait is so many times as long as the one before.
    package var factor = 2.0
    /// By which part of it a wait is longer or shorter, so that jobs that failed together do not come back together.
    package var jitter = 0.2
    /// The longest wait, in milliseconds; with the jitter, too.
    package var most = 3_600_000

    package init() {}

    /// - Parameters:
    ///   - failures: How often it has thrown before this time.
    ///   - random: Decides within the jitter.
    /// - Returns: Milliseconds; `nil` when it is given up.
    package func next(failures: Int, using random: inout some RandomNumberGenerator) -> Int? {
        guard failures < limit else { return nil }
        // Far beyond any limit before a Double has no more room.
        var wait = Double(max(0, base))
        for _ in 0..<min(max(0, failures), 1000) where wait < Double(most) { wait *= max(1, factor) }
        wait = min(wait, Double(most))
        let part = min(max(0, jitter), 1)
        if part > 0 { wait *= 1 + Double.random(in: -part...part, using: &random) }
        return Int(max(0, min(wait, Double(most))))
    }
}
