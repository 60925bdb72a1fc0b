// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A moment in milliseconds since 1970, as the log and the API show it.
package struct WallTime: Sendable, Hashable, Comparable {
    package let milliseconds: Int

    package init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

    package static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(milliseconds: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    /// `2016-04-11T18:51:32.891Z`.
    package var iso8601: String {
        String(decoding: CalendarTime(self).iso8601(milliseconds: milliseconds % 1000), as: UTF8.self)
    }
}
