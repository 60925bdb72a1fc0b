// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroTasks

@Suite("recurrent tasks")
struct RecurrentTests {
    private static let hour = 3_600_000

    @Test("with a frequency begin at once, those of cron at their time")
    func beginning() throws {
        let now = 1_700_000_000_000
        #expect(
            RecurrentTask(name: "a", rule: .every(1000)).plan(stored: nil, now: now)
                == RecurrentPlan(last: now, runs: 1, skipped: 0, late: 0))
        let daily = RecurrentTask(name: "b", rule: .cron(try CronSchedule("@daily"), .utc))
        #expect(daily.plan(stored: nil, now: now) == RecurrentPlan(last: now, runs: 0, skipped: 0, late: 0))
        #expect(daily.plan(stored: now, now: now + 1000) == nil)
    }

    @Test("that were missed are skipped, become one run or are made up for")
    func policies() throws {
        let hourly = RecurrentTask.Rule.cron(try CronSchedule("@hourly"), .utc)
        let start = instant((2026, 1, 1, 0, 0)) * 1000
        // Half an hour after the fifth.
        let now = start + 5 * Self.hour + Self.hour / 2
        let last = start + 5 * Self.hour
        func plan(_ missed: RecurrentTask.Missed) -> RecurrentPlan? {
            RecurrentTask(name: "a", rule: hourly, missed: missed).plan(stored: start, now: now)
        }
        #expect(plan(.skip) == RecurrentPlan(last: last, runs: 0, skipped: 5, late: Self.hour / 2))
        #expect(plan(.once) == RecurrentPlan(last: last, runs: 1, skipped: 4, late: Self.hour / 2))
        #expect(plan(.all) == RecurrentPlan(last: last, runs: 5, skipped: 0, late: Self.hour / 2))
        // In time for the last one.
        let task = RecurrentTask(name: "a", rule: hourly)
        #expect(
            task.plan(stored: start, now: last + 200_000)
                == RecurrentPlan(last: last, runs: 1, skipped: 4, late: 200_000))
    }

    @Test("of a second that nobody ran for a year are answered at once, and made up for in pieces")
    func longAgo() throws {
        let start = 1_700_000_000_000
        let now = start + 365 * 24 * Self.hour
        let often = RecurrentTask(name: "a", rule: .every(1000))
        #expect(often.plan(stored: start, now: now)?.runs == 1)
        let minutes = RecurrentTask(name: "a", rule: .cron(try CronSchedule("* * * * *"), .utc), missed: .once)
        let plan = try #require(minutes.plan(stored: start, now: now))
        #expect(plan.runs == 1 && now - plan.last < 60_000)
        let all = RecurrentTask(name: "a", rule: .every(1000), missed: .all)
        #expect(all.plan(stored: start, now: now)?.last == start + 100_000)
        #expect(all.plan(stored: start, now: now)?.runs == 100)
    }

    @Test("whose last run lies in the future go on, as a clock that was wrong must not stop them")
    func wrongClock() {
        let now = 1_700_000_000_000
        let task = RecurrentTask(name: "a", rule: .every(1000))
        #expect(task.plan(stored: now + 10_000, now: now) == nil)
        #expect(
            task.plan(stored: now + 365 * 24 * Self.hour, now: now)
                == RecurrentPlan(last: now, runs: 0, skipped: 0, late: 0))
    }

    @Test(
        "run once for each time that is due in 24 hours, or are told as missed, whoever dies",
        arguments: 1...12)
    func day(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let start = instant((2026, 3, 28, 12, 0)) * 1000
        let berlin = try TimeZoneFiles.load("Europe/Berlin")
        let missed: [RecurrentTask.Missed] = [.skip, .once, .all]
        let tasks = try missed.flatMap { policy in
            [
                RecurrentTask(name: "every-\(policy)", rule: .every(90_000), missed: policy),
                RecurrentTask(
                    name: "cron-\(policy)", rule: .cron(try CronSchedule("*/7 1-20 * * *"), berlin), missed: policy),
            ]
        }
        var stored: [String: Int] = [:]
        var runs: [String: Int] = [:]
        var skipped: [String: Int] = [:]
        for task in tasks { stored[task.name] = start }
        // Several leaders in turn, each of which dies somewhere: before it reads, or between reading and writing.
        var now = start
        let end = start + 24 * Self.hour
        while now < end {
            now = min(end, now + [1000, 5000, 60_000, 180_000, Self.hour][min(4, random.next(below: 40) / 8)])
            for task in tasks {
                let read = stored[task.name]
                guard let plan = task.plan(stored: read, now: now), random.next(below: 10) > 0 else { continue }
                // Another leader with the same view: the script compares what is stored.
                for _ in 0...random.next(below: 2) where stored[task.name] == read {
                    stored[task.name] = plan.last
                    runs[task.name, default: 0] += plan.runs
                    skipped[task.name, default: 0] += plan.skipped
                }
            }
        }
        for task in tasks {
            while let plan = task.plan(stored: stored[task.name], now: end) {
                stored[task.name] = plan.last
                runs[task.name, default: 0] += plan.runs
                skipped[task.name, default: 0] += plan.skipped
            }
            var (due, last) = (0, start)
            while let next = task.next(after: last), next <= end { (due, last) = (due + 1, next) }
            #expect(runs[task.name, default: 0] + skipped[task.name, default: 0] == due, "\(task.name)")
            if task.missed == .all { #expect(skipped[task.name, default: 0] == 0) }
        }
    }
}
