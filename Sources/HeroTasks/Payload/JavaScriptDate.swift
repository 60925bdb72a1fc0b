// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroSystem

/// A moment as JavaScript's `Date` says it in UTC, which stands in records of Resque.
package enum JavaScriptDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Tue Nov 14 2023 22:13:21 GMT+0000 (Coordinated Universal Time)`.
    package static func text(_ time: WallTime) -> String {
        let parts = CalendarTime(time)
        let day = "\(days[parts.weekday % 7]) \(months[(parts.month + 11) % 12]) \(two(parts.day)) \(parts.year)"
        return "\(day) \(clock(parts)) GMT+0000 (Coordinated Universal Time)"
    }

    /// `2023/11/14 22:13:21`, as the Retry plugin has it.
    package static func slashed(_ time: WallTime) -> String {
        let parts = CalendarTime(time)
        return "\(parts.year)/\(two(parts.month))/\(two(parts.day)) \(clock(parts))"
    }

    private static func clock(_ parts: CalendarTime) -> String {
        "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
    }

    /// Milliseconds since 1970 of the text of a `Date`, whatever its zone; `nil` for what is none.
    package static func milliseconds(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count >= 6, let month = months.firstIndex(where: { $0 == words[1] }), let day = Int(words[2]),
            let year = Int(words[3]), (1970...9999).contains(year), (1...31).contains(day), words[5].hasPrefix("GMT"),
            let zone = Int(words[5].dropFirst(3)), zone.magnitude < 2400
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, clock.allSatisfy({ (0...60).contains($0) }) else { return nil }
        let offset = zone.signum() * Int(zone.magnitude / 100 * 60 + zone.magnitude % 100)
        let minutes = (daysSince1970(year, month + 1, day) * 24 + clock[0]) * 60 + clock[1] - offset
        return (minutes * 60 + clock[2]) * 1000
    }

    /// The proleptic Gregorian calendar; March is its first month, so that a leap day is a year's last.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let years = month > 2 ? year : year - 1
        let era = years / 400
        let yearOfEra = years - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
