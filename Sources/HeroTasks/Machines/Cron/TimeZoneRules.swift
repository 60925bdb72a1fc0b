// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The offsets of a time zone from UTC, past and future.
package struct TimeZoneRules: Sendable, Hashable {
    /// From a moment on, in seconds since 1970.
    struct Transition: Sendable, Hashable {
        let moment: Int
        /// Seconds that the wall clock is ahead of UTC.
        let offset: Int
    }

    package static let utc = TimeZoneRules(name: "UTC", initialOffset: 0, transitions: [], rule: nil)

    package let name: String
    let initialOffset: Int
    /// In the order of their moments.
    let transitions: [Transition]
    /// What holds after the last of them.
    let rule: PosixTimeZone?

    /// The offset at a moment, and when it ends.
    ///
    /// - Parameter moment: Seconds since 1970.
    /// - Returns: Seconds ahead of UTC, and the first moment that has another one; `Int.max` when there is none.
    package func period(at moment: Int) -> (offset: Int, end: Int) {
        // The first transition that lies ahead.
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].moment <= moment { low = middle + 1 } else { high = middle }
        }
        if low < transitions.count {
            return (low == 0 ? initialOffset : transitions[low - 1].offset, transitions[low].moment)
        }
        if let rule { return rule.period(at: moment) }
        return (transitions.last?.offset ?? initialOffset, .max)
    }

    /// When a wall clock there shows a time: the first moment of two, and the end of the gap for one that is skipped.
    ///
    /// - Parameter seconds: Since 1970 of the wall clock.
    /// - Returns: Seconds since 1970.
    package func moment(ofWallClock seconds: Int) -> Int {
        // No offset is larger than a day and two hours.
        var from = seconds - 93_600
        for _ in 0..<32 {
            let (offset, end) = period(at: from)
            // Before this period began the wall clock had not got that far: the time lies in a gap, or it began earlier.
            if seconds - offset < end { return max(seconds - offset, from) }
            from = end
        }
        return from
    }
}
