// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Lets one warning in a minute through.
struct RareWarning: Sendable {
    /// Milliseconds.
    static let interval = 60_000

    private var lastAt: Int?
    private var silent = 0

    /// - Parameter now: Milliseconds of a clock that does not go back.
    /// - Returns: `nil` to keep silent; otherwise how many events the warning stands for.
    mutating func note(_ now: Int) -> Int? {
        if let lastAt, now - lastAt < Self.interval {
            silent += 1
            return nil
        }
        defer { (lastAt, silent) = (now, 0) }
        return silent + 1
    }
}
