// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroCore

/// The time as HTTP writes it, formatted once a second. Used by one loop only.
struct LoopClock {
    private var second = Int.min
    /// `Sat, 21 Nov 2026 04:10:44 GMT`.
    private(set) var date: [UInt8] = []
    /// The same for the moment at which a session cookie expires.
    private(set) var cookieExpiry: [UInt8] = []
    private let cookieLifetimeMilliseconds: Int

    init(cookieLifetimeMilliseconds: Int) {
        self.cookieLifetimeMilliseconds = cookieLifetimeMilliseconds
    }

    mutating func update(_ now: WallTime) {
        let current = now.milliseconds / 1000
        guard current != second else { return }
        second = current
        date = HTTPDate.format(now)
        cookieExpiry = HTTPDate.format(WallTime(milliseconds: now.milliseconds + cookieLifetimeMilliseconds))
    }
}

/// The date format of HTTP (RFC 9110, 5.6.7).
enum HTTPDate {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func format(_ time: WallTime) -> [UInt8] {
        let parts = CalendarTime(time)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        let day = "\(weekdays[parts.weekday]), \(two(parts.day)) \(months[parts.month - 1]) \(parts.year)"
        return Array("\(day) \(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) GMT".utf8)
    }
}
