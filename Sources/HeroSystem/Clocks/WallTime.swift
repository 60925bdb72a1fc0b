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

/// The calendar's view of a moment, in UTC.
package struct CalendarTime: Sendable {
    package let year: Int
    package let month: Int
    package let day: Int
    package let hour: Int
    package let minute: Int
    package let second: Int
    /// 0 is Sunday.
    package let weekday: Int

    package init(_ time: WallTime) {
        var seconds = time_t(time.milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        year = Int(parts.tm_year) + 1900
        month = Int(parts.tm_mon) + 1
        day = Int(parts.tm_mday)
        hour = Int(parts.tm_hour)
        minute = Int(parts.tm_min)
        second = Int(parts.tm_sec)
        weekday = Int(parts.tm_wday)
    }

    package func iso8601(milliseconds: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(24)
        func append(_ value: Int, digits: Int) {
            var divisor = 1
            for _ in 1..<digits { divisor *= 10 }
            while divisor > 0 {
                text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
                divisor /= 10
            }
        }
        append(year, digits: 4)
        text.append(UInt8(ascii: "-"))
        append(month, digits: 2)
        text.append(UInt8(ascii: "-"))
        append(day, digits: 2)
        text.append(UInt8(ascii: "T"))
        append(hour, digits: 2)
        text.append(UInt8(ascii: ":"))
        append(minute, digits: 2)
        text.append(UInt8(ascii: ":"))
        append(second, digits: 2)
        text.append(UInt8(ascii: "."))
        append(milliseconds, digits: 3)
        text.append(UInt8(ascii: "Z"))
        return text
    }
}
