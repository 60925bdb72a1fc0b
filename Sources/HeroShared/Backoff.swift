// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Pauses between attempts that somebody else may have to make room for: they grow, and no two callers keep step.
struct Backoff {
    private var next: Double = 5

    /// Milliseconds, at most 250.
    mutating func pause() -> Int {
        defer { next = min(next * 1.6, 200) }
        return max(1, Int(next * Double.random(in: 0.75...1.25)))
    }
}
