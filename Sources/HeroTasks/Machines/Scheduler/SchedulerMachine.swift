// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// When a process tries to lead, and what a leader does in which order; without I/O and clock.
///
/// Everything that moves jobs compares before it writes, so two leaders would do no harm; one is enough. Times are
/// nanoseconds of any clock that does not go backwards.
package struct SchedulerMachine {
    package enum Action: Sendable, Hashable {
        /// Answered with ``SchedulerMachine/led(_:now:)``.
        case lead
        /// Moves what is due, at most a hundred jobs; answered with ``SchedulerMachine/moved(_:lag:now:)``.
        case moveDelayed
        case promoteRetries
        /// Looks at all recurrent tasks; answered with ``SchedulerMachine/stepDone(now:)``.
        case recur
        /// Removes what has become old, and cleans up after foreign workers; answered the same way.
        case houseKeeping
        case resign
        case becameLeader
        case lostLead
    }

    private enum State {
        case waiting, leading, delayed, retries, recurrent, houseKeeping, resigning, ended
    }

    /// How long a lead lasts without word, in seconds; node-resque's.
    package static let lockSeconds = 180
    /// Nanoseconds between two looks.
    package var interval: Int
    /// Nanoseconds between two rounds of housekeeping.
    package var houseKeepingInterval = 60_000_000_000
    /// Nanoseconds after which the lead is renewed in the middle of a long round.
    private static let renewal = 10_000_000_000

    private var state = State.waiting
    private var nextLook: Int
    private var nextHouseKeeping: Int
    private var ledAt = 0
    private var isStopping = false
    package private(set) var isLeader = false
    /// By how many milliseconds the oldest delayed job is late that the last look found; `nil` for who does not lead.
    package private(set) var lag: Int?

    package init(interval: Int, now: Int) {
        self.interval = interval
        (nextLook, nextHouseKeeping) = (now, now)
    }

    package var wakeUp: Int? { if case .waiting = state { nextLook } else { nil } }
    package var hasEnded: Bool { if case .ended = state { true } else { false } }

    package mutating func tick(now: Int) -> [Action] {
        guard case .waiting = state, now >= nextLook else { return [] }
        state = .leading
        return [.lead]
    }

    package mutating func led(_ isLeader: Bool, now: Int) -> [Action] {
        guard case .leading = state else { return [] }
        let wasLeader = self.isLeader
        self.isLeader = isLeader
        guard isLeader else {
            lag = nil
            return (wasLeader ? [.lostLead] : []) + rest(now)
        }
        ledAt = now
        if isStopping { return resign() }
        state = .delayed
        return (wasLeader ? [] : [.becameLeader]) + [.moveDelayed]
    }

    /// - Parameters:
    ///   - isMore: Whether there may be more that is due.
    ///   - lag: Milliseconds that the oldest of them was late; `nil` when nothing was due.
    ///   - now: The time.
    /// - Returns: What is to be done.
    package mutating func moved(isMore: Bool, lag: Int?, now: Int) -> [Action] {
        guard !isStopping else { return resign() }
        switch state {
        case .delayed:
            self.lag = lag ?? 0
            if isMore { return again(.moveDelayed, now) }
            state = .retries
            return [.promoteRetries]
        case .retries:
            if isMore { return again(.promoteRetries, now) }
            state = .recurrent
            return [.recur]
        case .waiting, .leading, .recurrent, .houseKeeping, .resigning, .ended: return []
        }
    }

    private mutating func again(_ action: Action, _ now: Int) -> [Action] {
        guard now - ledAt > Self.renewal else { return [action] }
        // From the beginning, which is where it goes on: what was moved is no longer due.
        state = .leading
        return [.lead]
    }

    package mutating func stepDone(now: Int) -> [Action] {
        switch state {
        case .recurrent:
            if isStopping { return resign() }
            guard now >= nextHouseKeeping else { return rest(now) }
            nextHouseKeeping = now + houseKeepingInterval
            state = .houseKeeping
            return [.houseKeeping]
        case .houseKeeping: return isStopping ? resign() : rest(now)
        case .resigning:
            state = .ended
            return []
        case .waiting, .leading, .delayed, .retries, .ended: return []
        }
    }

    /// Redis did not answer; the lead lasts as long as its lock.
    package mutating func failed(now: Int) -> [Action] {
        if case .ended = state { return [] }
        if isStopping {
            state = .ended
            return []
        }
        let isOver = isLeader && now - ledAt > Self.lockSeconds * 1_000_000_000
        if isOver { (isLeader, lag) = (false, nil) }
        return (isOver ? [.lostLead] : []) + rest(now)
    }

    private mutating func rest(_ now: Int) -> [Action] {
        if isStopping { return resign() }
        state = .waiting
        nextLook = now + interval
        return []
    }

    package mutating func stop(now: Int) -> [Action] {
        guard !isStopping else { return [] }
        isStopping = true
        if case .waiting = state { return resign() }
        return []
    }

    private mutating func resign() -> [Action] {
        guard isLeader else {
            state = .ended
            return []
        }
        state = .resigning
        isLeader = false
        return [.resign]
    }
}
