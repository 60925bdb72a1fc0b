// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A task that runs by itself, and when.
package struct RecurrentTask: Sendable, Hashable {
    package enum Rule: Sendable, Hashable {
        /// Milliseconds.
        case every(Int)
        case cron(CronSchedule, TimeZoneRules)
    }

    /// What becomes of runs that nobody enqueued when they were due.
    package enum Missed: String, Sendable, Hashable {
        /// Those that are more than ``RecurrentTask/tolerance`` late are left out.
        case skip
        /// They become one run.
        case once
        /// Each is made up for.
        case all
    }

    /// How late a run may be and still counts as one in time, in milliseconds: a new leader may have to wait for the lock of
    /// a dead one, which is kept for 180 s.
    package static let tolerance = 300_000
    /// Runs that one call may enqueue.
    package static let mostRuns = 100
    /// A last run that lies so far ahead was stored by a clock that was wrong; milliseconds.
    private static let mostAhead = 60_000

    package let name: String
    package let rule: Rule
    package let missed: Missed

    package init(name: String, rule: Rule, missed: Missed = .skip) {
        (self.name, self.rule, self.missed) = (name, rule, missed)
    }
}

/// What a leader has to do about a recurrent task.
package struct RecurrentPlan: Sendable, Hashable {
    /// What is stored as the last run, in milliseconds.
    package let last: Int
    /// How many runs are enqueued.
    package let runs: Int
    /// Runs that were due and will not be.
    package let skipped: Int
    /// Milliseconds that the last one is late.
    package let late: Int
}

extension RecurrentTask {
    /// When it runs next, a pure function of the last run.
    ///
    /// - Parameter last: Milliseconds since 1970.
    /// - Returns: The same; `nil` for never.
    package func next(after last: Int) -> Int? {
        switch rule {
        case .every(let period): last + max(1, period)
        case .cron(let schedule, let zone):
            schedule.next(after: CivilTime.floorDivide(last, 1000), in: zone).map { $0 * 1000 }
        }
    }

    /// - Parameters:
    ///   - stored: The last run, in milliseconds; `nil` for a task that is new.
    ///   - now: Redis' clock.
    /// - Returns: `nil` when nothing is due.
    package func plan(stored: Int?, now: Int) -> RecurrentPlan? {
        guard let stored, stored <= now + Self.mostAhead else {
            // As in ActionHero a task with a frequency runs as soon as there is a scheduler; cron waits for its time.
            if stored == nil, case .every = rule { return RecurrentPlan(last: now, runs: 1, skipped: 0, late: 0) }
            return RecurrentPlan(last: now, runs: 0, skipped: 0, late: 0)
        }
        let (dues, last) = due(after: stored, now)
        guard dues > 0 else { return nil }
        let late = now - last
        switch missed {
        case .skip:
            let isLate = late > Self.tolerance
            return RecurrentPlan(last: last, runs: isLate ? 0 : 1, skipped: dues - (isLate ? 0 : 1), late: late)
        case .once: return RecurrentPlan(last: last, runs: 1, skipped: dues - 1, late: late)
        case .all:
            guard dues > Self.mostRuns else { return RecurrentPlan(last: last, runs: dues, skipped: 0, late: late) }
            // The rest is due at once again.
            var point = stored
            for _ in 0..<Self.mostRuns { point = next(after: point) ?? point }
            return RecurrentPlan(last: point, runs: Self.mostRuns, skipped: 0, late: now - point)
        }
    }

    /// How many runs were due, and the last of them.
    private func due(after stored: Int, _ now: Int) -> (count: Int, last: Int) {
        if case .every(let period) = rule {
            let count = max(0, now - stored) / max(1, period)
            return (count, stored + count * max(1, period))
        }
        var (count, last) = (0, stored)
        while let next = next(after: last), next <= now {
            (count, last) = (count + 1, next)
            // After a long time only the last day counts; whoever wants all of them gets them a hundred at a time.
            if count == 10_000, missed != .all, now - last > 90_000_000 { last = now - 90_000_000 }
            if count > Self.mostRuns, missed == .all { break }
            if count > 200_000 { break }
        }
        return (count, last)
    }
}
