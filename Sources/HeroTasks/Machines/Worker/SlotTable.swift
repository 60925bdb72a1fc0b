// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Which of a process' workers are busy; the lowest free number is taken, so that the highest can end.
struct SlotTable: Sendable {
    /// A bit for each, set when it is free.
    private var free: [UInt64] = []
    private(set) var busy = 0

    /// - Returns: Its number, from 1 on.
    mutating func take() -> Int {
        busy += 1
        for word in free.indices where free[word] != 0 {
            let bit = free[word].trailingZeroBitCount
            free[word] &= free[word] - 1
            return word * 64 + bit + 1
        }
        free.append(~1)
        return (free.count - 1) * 64 + 1
    }

    mutating func release(_ slot: Int) {
        busy -= 1
        free[(slot - 1) / 64] |= 1 << UInt64((slot - 1) % 64)
    }
}
