// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// When a recurrent task is due, as a line of cron(5) says it: minute, hour, day of the month, month, day of the week;
/// with six fields, the second comes first.
///
/// As there, a task whose day of the month and day of the week are both restricted is due when either fits.
package struct CronSchedule: Sendable, Hashable {
    /// What was written.
    package let text: String
    let seconds: CronField
    let minutes: CronField
    let hours: CronField
    let daysOfMonth: CronField
    let months: CronField
    let daysOfWeek: CronField

    private static let shorthands = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    package init(_ text: String) throws(CronError) {
        self.text = text
        let line = Self.shorthands[text.lowercased()] ?? text
        guard !line.hasPrefix("@") else {
            throw CronError(
                "\(text) is no cron line; there are \(Self.shorthands.keys.sorted().joined(separator: ", "))")
        }
        var fields = line.split { $0 == " " || $0 == "\t" }
        guard fields.count == 5 || fields.count == 6 else {
            throw CronError(
                "\"\(text)\" has \(fields.count) fields; a cron line has five (minute, hour, day of the month, month, day of "
                    + "the week), or six with the second before them")
        }
        seconds = fields.count == 6 ? try CronField(fields.removeFirst(), .second) : CronField(only: 0)
        minutes = try CronField(fields[0], .minute)
        hours = try CronField(fields[1], .hour)
        daysOfMonth = try CronField(fields[2], .dayOfMonth)
        months = try CronField(fields[3], .month)
        daysOfWeek = try CronField(fields[4], .dayOfWeek)
        // Any eight years have the 29th of February, except around 2100, when it is twelve.
        guard nextDay(from: 0) != nil else {
            throw CronError("\"\(text)\" never comes: no month that it names has the day")
        }
    }

    /// Whether it names no hour: then it runs by the time that passes, also where clocks are changed.
    package var isHourly: Bool { hours.isEvery(.hour) }

    /// Whether a day fits.
    private func allows(year: Int, month: Int, day: Int, weekday: Int) -> Bool {
        guard months.contains(month) else { return false }
        let (fitsMonth, fitsWeek) = (daysOfMonth.contains(day), daysOfWeek.contains(weekday))
        return daysOfMonth.isStar || daysOfWeek.isStar ? fitsMonth && fitsWeek : fitsMonth || fitsWeek
    }

    /// The first day that fits, as days since 1970.
    ///
    /// - Parameter day: The first one that is looked at.
    /// - Returns: `nil` when none of the next twelve years fits.
    private func nextDay(from day: Int) -> Int? {
        var date = CivilTime.date(ofDay: day)
        var position = day
        let lastYear = date.year + 12
        while date.year <= lastYear {
            guard months.contains(date.month) else {
                // The first of the next month.
                position += CivilTime.days(inMonth: date.month, of: date.year) - date.day + 1
                date = date.month == 12 ? (date.year + 1, 1, 1) : (date.year, date.month + 1, 1)
                continue
            }
            let weekday = (((position + 4) % 7) + 7) % 7
            if allows(year: date.year, month: date.month, day: date.day, weekday: weekday) { return position }
            position += 1
            date = CivilTime.date(ofDay: position)
        }
        return nil
    }

    /// The first time on the wall clock that fits and is not before another one.
    ///
    /// - Parameter seconds: Since 1970 of the wall clock.
    /// - Returns: The same; `nil` for never.
    package func nextOnWallClock(from seconds: Int) -> Int? {
        let today = CivilTime.floorDivide(seconds, CivilTime.secondsPerDay)
        guard let day = nextDay(from: today) else { return nil }
        if day == today {
            if let time = nextTime(from: seconds - today * CivilTime.secondsPerDay) {
                return today * CivilTime.secondsPerDay + time
            }
            guard let later = nextDay(from: today + 1) else { return nil }
            return later * CivilTime.secondsPerDay + firstTime
        }
        return day * CivilTime.secondsPerDay + firstTime
    }

    private var firstTime: Int { hours.first * 3600 + minutes.first * 60 + self.seconds.first }

    /// The first time of the same day, in seconds.
    private func nextTime(from time: Int) -> Int? {
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
        guard let nextHour = hours.next(from: hour) else { return nil }
        guard nextHour == hour else { return nextHour * 3600 + minutes.first * 60 + seconds.first }
        if let nextMinute = minutes.next(from: minute) {
            guard nextMinute == minute else { return hour * 3600 + nextMinute * 60 + seconds.first }
            if let nextSecond = seconds.next(from: second) { return hour * 3600 + minute * 60 + nextSecond }
            if let laterMinute = minutes.next(from: minute + 1) {
                return hour * 3600 + laterMinute * 60 + seconds.first
            }
        }
        return hours.next(from: hour + 1).map { $0 * 3600 + minutes.first * 60 + seconds.first }
    }
}
