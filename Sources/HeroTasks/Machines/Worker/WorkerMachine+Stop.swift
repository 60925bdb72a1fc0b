// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension WorkerMachine {
    /// The process is to end: nothing new is taken, and what has not started goes back to the heads of its queues.
    ///
    /// - Parameters:
    ///   - limit: Nanoseconds that what runs has before it is told to end.
    ///   - now: The time.
    /// - Returns: What is to be done.
    package mutating func stop(within limit: Int, now: Int) -> [WorkerAction] {
        guard stop == nil, phase != .ended else { return done(now) }
        let deadline = now + max(0, limit)
        let cutoff = deadline + settings.grace
        stop = Stop(deadline: deadline, cutoff: cutoff, end: cutoff + settings.farewell)
        switch phase {
        case .idle: finishStop(isClean: true)
        case .starting, .working, .leaving, .ended: giveBack(now) { _ in true }
        }
        return done(now)
    }

    var stopWakeUp: Int {
        guard let stop else { return .max }
        if phase == .leaving, leaveAllowed < stop.end { return leaveAllowed }
        if !stop.hasCancelled { return stop.deadline }
        return stop.hasCutOff ? stop.end : stop.cutoff
    }

    mutating func proceedStopping(_ now: Int) {
        guard let current = stop, phase != .ended else { return }
        if now >= current.deadline, !current.hasCancelled { interrupt(now) }
        if now >= current.cutoff, stop?.hasCutOff == false { cutOff(now) }
        if now >= current.end { return finishStop(isClean: false) }
        switch phase {
        case .working:
            guard held.isEmpty, turn == nil, pinned == nil, marking == nil, renewal == nil else { return }
            guard now >= turnAllowed else { return }
            phase = .leaving
            leaveAllowed = .max
            actions.append(.leave(era: era))
        case .leaving:
            guard now >= leaveAllowed else { return }
            leaveAllowed = .max
            actions.append(.leave(era: era))
        case .idle, .starting, .ended: break
        }
    }

    private mutating func interrupt(_ now: Int) {
        stop?.hasCancelled = true
        let mine = runs.filter { $0.key.era == era }.sorted { $0.key.number < $1.key.number }
        if !mine.isEmpty { actions.append(.note(.interrupted(mine.map(\.value.job)))) }
        for (key, _) in mine {
            runs[key]?.isInterrupted = true
            cancel(key, .stopping)
        }
    }

    /// They had their time; whoever takes them now begins anew.
    private mutating func cutOff(_ now: Int) {
        stop?.hasCutOff = true
        let mine = runs.filter { $0.key.era == era && !$0.value.isForeign }.sorted { $0.key.number < $1.key.number }
        guard !mine.isEmpty else { return }
        actions.append(.note(.abandoned(mine.map(\.value.job))))
        for (key, run) in mine {
            runs[key]?.isForeign = true
            if held[key.number] != nil { settle(FinishedJob(run.job, .requeue), now) }
        }
    }

    /// The owner has ended, or still holds something.
    package mutating func left(era: Int, isEmpty: Bool, now: Int) -> [WorkerAction] {
        guard era == self.era, phase == .leaving else { return done(now) }
        if isEmpty {
            finishStop(isClean: true)
        } else {
            // Something that the process does not know of; it goes back, and then the last word is said again.
            leaveAllowed = now + settings.backoff.upperBound
            actions.append(.adopt(era: era, []))
        }
        return done(now)
    }

    /// No answer; it is said again, as long as there is time.
    package mutating func leaveFailed(era: Int, now: Int) -> [WorkerAction] {
        guard era == self.era, phase == .leaving else { return done(now) }
        leaveAllowed = now + settings.backoff.upperBound
        return done(now)
    }

    mutating func finishStop(isClean: Bool) {
        guard phase != .ended else { return }
        phase = .ended
        actions.append(.ended(isClean: isClean))
    }
}
