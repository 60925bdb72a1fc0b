// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension CronSchedule {
    /// When it is due next; a pure function, so that nothing is lost when whoever asked dies.
    ///
    /// Where clocks are changed: what names an hour that exists twice is due in the first one only, and what is skipped
    /// is due at the moment after the gap. What names no hour (`*/5 * * * *`) goes on as time passes, as cron(5) has it:
    /// a task of every five minutes would otherwise rest for an hour in autumn.
    ///
    /// - Parameters:
    ///   - moment: Seconds since 1970; the answer is later.
    ///   - zone: Where its wall clock hangs.
    /// - Returns: Seconds since 1970; `nil` for never.
    package func next(after moment: Int, in zone: TimeZoneRules) -> Int? {
        isHourly ? nextPassing(after: moment, zone) : nextNamed(after: moment, zone)
    }

    private func nextPassing(after moment: Int, _ zone: TimeZoneRules) -> Int? {
        var from = moment + 1
        // As many changes of clocks as can lie within the twelve years that are looked ahead, and more.
        for _ in 0..<64 {
            let (offset, end) = zone.period(at: from)
            guard let wall = nextOnWallClock(from: from + offset) else { return nil }
            if wall - offset < end { return wall - offset }
            from = end
        }
        return nil
    }

    private func nextNamed(after moment: Int, _ zone: TimeZoneRules) -> Int? {
        var wall = moment + zone.period(at: moment).offset + 1
        // In an hour that comes for the second time all of its times lie in the past.
        for _ in 0...CivilTime.secondsPerDay {
            guard let next = nextOnWallClock(from: wall) else { return nil }
            let due = zone.moment(ofWallClock: next)
            if due > moment { return due }
            wall = next + 1
        }
        return nil
    }
}
