// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroTasks

@Suite("cron lines")
struct CronScheduleTests {
    /// Wall-clock times in UTC of what is due after a moment.
    private func due(_ line: String, after moment: (Int, Int, Int, Int, Int), count: Int = 3) throws -> [String] {
        let schedule = try CronSchedule(line)
        var time = instant(moment)
        return (0..<count).compactMap { _ in
            guard let next = schedule.next(after: time, in: .utc) else { return nil }
            time = next
            return text(next)
        }
    }

    @Test("are due at the minutes that their five fields name")
    func fields() throws {
        #expect(
            try due("*/20 9-10 * * *", after: (2026, 1, 1, 9, 30), count: 5) == [
                "2026-01-01 09:40", "2026-01-01 10:00", "2026-01-01 10:20", "2026-01-01 10:40", "2026-01-02 09:00",
            ])
        #expect(
            try due("0 0 1 jan,JUL *", after: (2026, 1, 1, 0, 0)) == [
                "2026-07-01 00:00", "2027-01-01 00:00", "2027-07-01 00:00",
            ])
        #expect(try due("5/15 0 * * *", after: (2026, 1, 1, 0, 6)).first == "2026-01-01 00:20")
        #expect(try due("30 4 * * MON-FRI", after: (2026, 1, 2, 4, 30)).first == "2026-01-05 04:30")
        #expect(
            try due("0 12 * * fri-sun", after: (2026, 1, 2, 12, 0)) == [
                "2026-01-03 12:00", "2026-01-04 12:00", "2026-01-09 12:00",
            ])
        #expect(try due("0 0 * * 7", after: (2026, 1, 1, 0, 0)).first == "2026-01-04 00:00")
    }

    @Test("whose days of the month and of the week are both restricted are due when either fits")
    func eitherDay() throws {
        #expect(
            try due("0 0 13 * FRI", after: (2026, 1, 1, 0, 0), count: 4) == [
                "2026-01-02 00:00", "2026-01-09 00:00", "2026-01-13 00:00", "2026-01-16 00:00",
            ])
    }

    @Test("have names for the usual ones")
    func shorthands() throws {
        #expect(try due("@daily", after: (2026, 1, 1, 5, 0)).first == "2026-01-02 00:00")
        #expect(try due("@hourly", after: (2026, 1, 1, 5, 0)).first == "2026-01-01 06:00")
        #expect(try due("@weekly", after: (2026, 1, 1, 5, 0)).first == "2026-01-04 00:00")
        #expect(try due("@yearly", after: (2026, 1, 1, 5, 0)).first == "2027-01-01 00:00")
    }

    @Test("with six fields begin with the second")
    func seconds() throws {
        let schedule = try CronSchedule("*/15 0 * * * *")
        #expect(schedule.next(after: 0, in: .utc) == 15)
        #expect(schedule.next(after: 45, in: .utc) == 3600)
    }

    @Test("find leap days, also those that are twelve years away around 2100 or eight")
    func leapDays() throws {
        #expect(try due("0 0 29 2 *", after: (2096, 3, 1, 0, 0), count: 2) == ["2104-02-29 00:00", "2108-02-29 00:00"])
    }

    @Test(
        "that cannot be are refused with what is wrong",
        arguments: [
            ("* * * *", "has 4 fields"), ("60 * * * *", "60 is no minute; it is a number from 0 to 59"),
            ("* 24 * * *", "is no hour"), ("* * 0 * *", "is no day of the month"), ("* * * 13 *", "or a name like FEB"),
            ("* * * * 8", "is no day of the week"), ("5-1 * * * *", "goes backwards"), ("*/0 * * * *", "is no step"),
            ("1,,2 * * * *", "nothing is no minute"), ("+5 * * * *", "is no minute"), ("0 0 30 2 *", "never comes"),
            ("@often", "there are @annually"), ("", "has 0 fields"), ("*/99999999999999999999 * * * *", "is no step"),
        ])
    func refusals(line: String, words: String) {
        let error = #expect(throws: CronError.self) { try CronSchedule(line) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test("answer what looking at each minute would answer", arguments: 1...10)
    func likeBruteForce(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func field(_ range: ClosedRange<Int>) -> String {
            switch random.next(below: 4) {
            case 0: return "*"
            case 1: return "*/\(1 + random.next(below: range.upperBound))"
            case 2: return "\(Int.random(in: range, using: &random)),\(Int.random(in: range, using: &random))"
            default:
                let low = Int.random(in: range, using: &random)
                return "\(low)-\(Int.random(in: low...range.upperBound, using: &random))"
            }
        }
        let line = "\(field(0...59)) \(field(0...23)) \(field(1...28)) \(field(1...12)) \(field(0...6))"
        let schedule = try CronSchedule(line)
        var moment = 1_700_000_000 + random.next(below: 100_000_000)
        for _ in 0..<3 {
            let next = try #require(schedule.next(after: moment, in: .utc), "\(line)")
            let limit = moment + 6 * 86_400
            var slow = (moment / 60 + 1) * 60
            while slow < limit, !fits(schedule, slow) { slow += 60 }
            if slow < limit { #expect(next == slow, "\(line) after \(moment)") } else { #expect(next >= limit) }
            moment = next
        }
    }

    private func fits(_ schedule: CronSchedule, _ moment: Int) -> Bool {
        let time = CivilTime(seconds: moment)
        let (month, week) = (schedule.daysOfMonth.contains(time.day), schedule.daysOfWeek.contains(time.weekday))
        let isDay = schedule.daysOfMonth.isStar || schedule.daysOfWeek.isStar ? month && week : month || week
        return isDay && schedule.minutes.contains(time.minute) && schedule.hours.contains(time.hour)
            && schedule.months.contains(time.month)
    }
}

func instant(_ time: (Int, Int, Int, Int, Int)) -> Int {
    CivilTime.day(year: time.0, month: time.1, day: time.2) * 86_400 + time.3 * 3600 + time.4 * 60
}

/// `2026-01-31 09:05`.
func text(_ moment: Int, in zone: TimeZoneRules = .utc) -> String {
    let time = CivilTime(seconds: moment + zone.period(at: moment).offset)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(time.year)-\(two(time.month))-\(two(time.day)) \(two(time.hour)):\(two(time.minute))"
}
