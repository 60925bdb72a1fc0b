// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroSystem

/// When a process looks for others that have died, and what it does about it; without I/O and clock.
///
/// One round at a time: the lock, the owners, the pids, then one owner after the other until nothing of it is left. Times are
/// nanoseconds of any clock that does not go backwards.
package struct ReaperMachine {
    package enum Action: Sendable, Hashable {
        /// Answered with ``ReaperMachine/locked(_:now:)``.
        case takeLock
        /// Answered with ``ReaperMachine/listed(_:redisNow:now:)``; for a sweep also those that hold something and that
        /// nobody knows of.
        case list(isSweep: Bool)
        /// Answered with ``ReaperMachine/probed(_:now:)``.
        case probe(Set<Int>)
        /// Its workers go, and then at most a hundred jobs at once; answered with ``ReaperMachine/reaped(left:now:)``.
        case reap(ReapVerdict)
        /// Retries that are due go to their queues; nobody waits for it.
        case promote
    }

    private enum State {
        case waiting
        case locking
        case listing(isSweep: Bool)
        case probing([OwnerSight], redisNow: Int, isSweep: Bool)
        case reaping([ReapVerdict])
    }

    /// Nanoseconds between two rounds.
    package var interval = 5_000_000_000
    /// Nanoseconds between two sweeps; the first round is one.
    package var sweepInterval = 60_000_000_000
    /// Calls for one owner in a round: what is left is for the next.
    package var mostCalls = 20

    package var judge: ReapJudge
    private var state = State.waiting
    private var nextRound: Int
    private var nextSweep: Int
    private var calls = 0
    /// Processes that a master has seen end: bounded, as their leases end in any case.
    private var deaths: [ProcessMark: JobMark?] = [:]
    private static let mostDeaths = 1000

    package init(judge: ReapJudge, now: Int) {
        self.judge = judge
        (nextRound, nextSweep) = (now, now)
    }

    package var wakeUp: Int? { if case .waiting = state { deaths.isEmpty ? nextRound : 0 } else { nil } }
    package var isWaiting: Bool { if case .waiting = state { true } else { false } }

    package mutating func tick(now: Int) -> [Action] {
        guard case .waiting = state else { return [] }
        // Who knows of a death does not wait for the lock, which only saves work.
        guard deaths.isEmpty else { return list(isSweep: false) }
        guard now >= nextRound else { return [] }
        state = .locking
        return [.takeLock]
    }

    /// The master has seen a process end.
    ///
    /// - Parameters:
    ///   - process: Which.
    ///   - culprit: The job that has crashed it; `nil` when nobody knows.
    ///   - now: The time.
    /// - Returns: What is to be done.
    package mutating func died(_ process: ProcessMark, culprit: JobMark?, now: Int) -> [Action] {
        if deaths.count < Self.mostDeaths { deaths.updateValue(culprit, forKey: process) }
        return tick(now: now)
    }

    package mutating func locked(_ isMine: Bool, now: Int) -> [Action] {
        guard case .locking = state else { return [] }
        guard isMine else { return rest(now) }
        let isSweep = now >= nextSweep
        if isSweep { nextSweep = now + sweepInterval }
        return [.promote] + list(isSweep: isSweep)
    }

    private mutating func list(isSweep: Bool) -> [Action] {
        state = .listing(isSweep: isSweep)
        return [.list(isSweep: isSweep)]
    }

    package mutating func listed(_ owners: [OwnerSight], redisNow: Int, now: Int) -> [Action] {
        guard case .listing(let isSweep) = state else { return [] }
        state = .probing(owners, redisNow: redisNow, isSweep: isSweep)
        let pids = judge.pids(owners, now: redisNow)
        return pids.isEmpty ? probed([:], now: now) : [.probe(pids)]
    }

    /// When those processes began that are there.
    package mutating func probed(_ starts: [Int: Int], now: Int) -> [Action] {
        guard case .probing(let owners, let redisNow, let isSweep) = state else { return [] }
        let verdicts = judge.verdicts(owners, now: redisNow, starts: starts, isSweep: isSweep, deaths: deaths)
        deaths.removeAll()
        state = .reaping(verdicts)
        calls = 0
        return next(now)
    }

    private mutating func next(_ now: Int) -> [Action] {
        guard case .reaping(let verdicts) = state, let first = verdicts.first else { return rest(now) }
        return [.reap(first)]
    }

    /// How many jobs the owner still holds; `nil` when it turned out to be alive.
    package mutating func reaped(left: Int?, now: Int) -> [Action] {
        guard case .reaping(var verdicts) = state, let verdict = verdicts.first else { return [] }
        calls += 1
        if let left, left > 0, calls < mostCalls { return [.reap(verdict)] }
        verdicts.removeFirst()
        calls = 0
        state = .reaping(verdicts)
        return next(now)
    }

    /// Redis did not answer: what is left undone is found by the next round, of whomever.
    package mutating func failed(now: Int) -> [Action] {
        deaths.removeAll()
        return rest(now)
    }

    private mutating func rest(_ now: Int) -> [Action] {
        state = .waiting
        nextRound = now + interval
        return deaths.isEmpty ? [] : tick(now: now)
    }
}
