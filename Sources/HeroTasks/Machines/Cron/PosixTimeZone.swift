// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The rule at the end of a time zone's file, as POSIX' variable `TZ` has it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct PosixTimeZone: Sendable, Hashable {
    /// The day on which clocks are changed.
    enum Day: Sendable, Hashable {
        /// `M3.5.0`: the fifth, that is the last, Sunday of March.
        case weekday(month: Int, week: Int, weekday: Int)
        /// `J60`: counted from 1, without the 29th of February.
        case julian(Int)
        /// `59`: counted from 0, with it.
        case ordinal(Int)

        func dayNumber(in year: Int) -> Int {
            let newYear = CivilTime.day(year: year, month: 1, day: 1)
            switch self {
            case .ordinal(let day): return newYear + day
            case .julian(let day): return newYear + day - 1 + (CivilTime.isLeap(year) && day >= 60 ? 1 : 0)
            case .weekday(let month, let week, let weekday):
                let first = CivilTime.day(year: year, month: month, day: 1)
                let firstWeekday = (((first + 4) % 7) + 7) % 7
                var day = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
                if day >= CivilTime.days(inMonth: month, of: year) { day -= 7 }
                return first + day
            }
        }
    }

    struct Change: Sendable, Hashable {
        let day: Day
        /// Seconds after midnight of the wall clock that holds before it; may be negative or more than a day.
        let time: Int
    }

    struct Summer: Sendable, Hashable {
        let offset: Int
        let begin: Change
        let end: Change
    }

    /// Seconds ahead of UTC; POSIX counts the other way.
    let offset: Int
    let summer: Summer?

    func period(at moment: Int) -> (offset: Int, end: Int) {
        guard let summer else { return (offset, .max) }
        let year = CivilTime(seconds: moment + offset).year
        var current = offset
        var changes: [(moment: Int, offset: Int)] = []
        for year in (year - 1)...(year + 1) {
            let begin = summer.begin.day.dayNumber(in: year) * CivilTime.secondsPerDay + summer.begin.time - offset
            let end = summer.end.day.dayNumber(in: year) * CivilTime.secondsPerDay + summer.end.time - summer.offset
            changes += [(begin, summer.offset), (end, offset)]
        }
        // Changes at the same moment are how summer time that lasts all year is written.
        changes.sort { ($0.moment, $0.offset == offset ? 0 : 1) < ($1.moment, $1.offset == offset ? 0 : 1) }
        for change in changes {
            guard change.moment <= moment else {
                if change.offset != current { return (current, change.moment) }
                continue
            }
            current = change.offset
        }
        return (current, .max)
    }
}
