// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroTasks

@Suite("cron lines where clocks are changed")
struct TimeZoneTests {
    private func due(
        _ line: String, in zone: String, after moment: (Int, Int, Int, Int, Int), count: Int
    ) throws -> [String] {
        let rules = try TimeZoneFiles.load(zone)
        let schedule = try CronSchedule(line)
        var time = instant(moment)
        return try (0..<count).map { _ in
            time = try #require(schedule.next(after: time, in: rules))
            return text(time, in: rules)
        }
    }

    @Test("a time that exists twice runs once")
    func twice() throws {
        #expect(
            try due("30 2 * * *", in: "Europe/Berlin", after: (2026, 10, 24, 12, 0), count: 2) == [
                "2026-10-25 02:30", "2026-10-26 02:30",
            ])
        // It was the first of the two: summer time, two hours ahead.
        let berlin = try TimeZoneFiles.load("Europe/Berlin")
        #expect(
            try CronSchedule("30 2 * * *").next(after: instant((2026, 10, 24, 12, 0)), in: berlin)
                == instant((2026, 10, 25, 0, 30)))
        #expect(
            try due("*/30 1,2 * * *", in: "Europe/Berlin", after: (2026, 10, 24, 22, 0), count: 5) == [
                "2026-10-25 01:00", "2026-10-25 01:30", "2026-10-25 02:00", "2026-10-25 02:30", "2026-10-26 01:00",
            ])
    }

    @Test("a time that is skipped runs at the next valid minute, and only once")
    func skipped() throws {
        #expect(
            try due("30 2 * * *", in: "Europe/Berlin", after: (2026, 3, 28, 12, 0), count: 2) == [
                "2026-03-29 03:00", "2026-03-30 02:30",
            ])
        #expect(
            try due("*/10 2,3 29 3 *", in: "Europe/Berlin", after: (2026, 3, 28, 12, 0), count: 3) == [
                "2026-03-29 03:00", "2026-03-29 03:10", "2026-03-29 03:20",
            ])
        // Samoa had no 30th of December in 2011.
        #expect(
            try due("0 9 * * *", in: "Pacific/Apia", after: (2011, 12, 29, 20, 0), count: 3) == [
                "2011-12-31 00:00", "2011-12-31 09:00", "2012-01-01 09:00",
            ])
    }

    @Test("what names no hour goes on as time passes")
    func hourly() throws {
        #expect(
            try due("30 * * * *", in: "Europe/Berlin", after: (2026, 10, 24, 23, 0), count: 4) == [
                "2026-10-25 01:30", "2026-10-25 02:30", "2026-10-25 02:30", "2026-10-25 03:30",
            ])
        #expect(
            try due("30 * * * *", in: "Europe/Berlin", after: (2026, 3, 29, 0, 0), count: 2) == [
                "2026-03-29 01:30", "2026-03-29 03:30",
            ])
    }

    @Test("the rule at the end of the file holds for years that it does not list")
    func footer() throws {
        #expect(
            try due("0 12 1 1,7 *", in: "Europe/Berlin", after: (2150, 1, 2, 0, 0), count: 2) == [
                "2150-07-01 12:00", "2151-01-01 12:00",
            ])
        let berlin = try TimeZoneFiles.load("Europe/Berlin")
        #expect(berlin.period(at: instant((2150, 7, 1, 10, 0))).offset == 7200)
        // Where it is summer at the turn of the year.
        let sydney = try TimeZoneFiles.load("Australia/Sydney")
        #expect(sydney.period(at: instant((2150, 1, 1, 0, 0))).offset == 39_600)
        #expect(sydney.period(at: instant((2150, 7, 1, 0, 0))).offset == 36_000)
    }

    @Test("rules are read in all forms that POSIX has")
    func rules() throws {
        #expect(try PosixTimeZone("<+0330>-3:30").offset == 12_600)
        let short = try PosixTimeZone("EST5EDT")
        #expect(short.period(at: instant((2026, 7, 1, 0, 0))).offset == -14_400)
        let julian = try PosixTimeZone("XXX3YYY,J60/0,300/25")
        #expect(julian.summer?.begin.day.dayNumber(in: 2024) == CivilTime.day(year: 2024, month: 3, day: 1))
        #expect(julian.summer?.begin.day.dayNumber(in: 2025) == CivilTime.day(year: 2025, month: 3, day: 1))
        #expect(julian.summer?.end.day.dayNumber(in: 2024) == CivilTime.day(year: 2024, month: 1, day: 1) + 300)
        // Summer all year.
        let always = try PosixTimeZone("EST5EDT,0/0,J365/25")
        for month in 1...12 { #expect(always.period(at: instant((2026, month, 1, 4, 30))).offset == -14_400) }
        for text in [
            "", "5", "EST", "EST5EDT,M13.1.0,M1.1.0", "EST5EDT,M3.2.0,M11.1.0,x", "EST999", "<EST5", "EST5EDT,J0,J1",
        ] {
            #expect(throws: CronError.self, "\(text)") { try PosixTimeZone(text) }
        }
    }

    @Test("names lead to files of the system and nowhere else, and what is no zone is refused")
    func names() throws {
        #expect(try TimeZoneFiles.load("UTC") == .utc)
        for name in [
            "../../../etc/passwd", "Europe/../Europe/Berlin", "", "/etc/passwd", "Europe", "Mars/Base", "tzdata.zi",
        ] {
            #expect(throws: CronError.self, "\(name)") { try TimeZoneFiles.load(name) }
        }
        let error = #expect(throws: CronError.self) { try TimeZoneFiles.load("UTC+1", directory: "/nowhere") }
        #expect(error?.description.contains("tzdata") == true)
    }

    @Test("files that are cut off or changed are refused or read, and harm nothing", arguments: 1...4)
    func damage(seed: UInt64) throws {
        let file = try #require(contents("/usr/share/zoneinfo/Europe/Berlin"))
        var random = SeededRandom(seed: seed)
        for length in 0..<file.count where length % 7 == Int(seed) {
            #expect(throws: CronError.self) { try TimeZoneRules(name: "x", file: Array(file[..<length])) }
        }
        for _ in 0..<2000 {
            var changed = file
            for _ in 0...random.next(below: 4) {
                changed[random.next(below: file.count)] = UInt8(random.next(below: 256))
            }
            guard let rules = try? TimeZoneRules(name: "x", file: changed) else { continue }
            _ = try CronSchedule("30 2 * * *").next(after: random.next(below: 4_000_000_000), in: rules)
            _ = try CronSchedule("*/7 * * * *").next(after: random.next(below: 4_000_000_000), in: rules)
        }
    }
}
