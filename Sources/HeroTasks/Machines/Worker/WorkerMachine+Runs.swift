// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension WorkerMachine {
    // MARK: Starting

    private var freeSlots: Int { slots - runs.count - (marking == nil ? 0 : 1) }

    mutating func startRuns(_ now: Int) {
        guard stop == nil else { return }
        while freeSlots > 0, let entry = ready.popFirst() {
            if let job = held[entry.number] { run(job, now) }
        }
    }

    @discardableResult
    private mutating func run(_ job: HeldJob, _ now: Int) -> RunKey {
        let key = RunKey(era: era, number: job.number)
        let slot = slotTable.take()
        runs[key] = Run(slot: slot, job: job, since: now)
        actions.append(.run(key, slot: slot, job: job))
        return key
    }

    // MARK: Suspects

    /// One at a time, each after a mark: when the process dies, it is the one that is counted.
    mutating func startSuspect(_ now: Int) {
        guard stop == nil, marking == nil, now >= markAllowed, freeSlots > 0 else { return }
        if let fresh = freshSuspect {
            guard now >= fresh.until else { return }
            freshSuspect = nil
        }
        guard let entry = suspects.popFirst(), held[entry.number] != nil else { return }
        marking = entry.number
        actions.append(.mark(era: era, running: (runningSuspects.map(\.number) + [entry.number]).sorted()))
    }

    /// The mark is in Redis.
    package mutating func marked(era: Int, now: Int) -> [WorkerAction] {
        guard era == self.era, let number = marking else { return done(now) }
        marking = nil
        guard let job = held[number] else { return done(now) }
        if stop != nil {
            settle(FinishedJob(job, .requeue), now)
        } else {
            let key = run(job, now)
            runningSuspects.insert(key)
            freshSuspect = (key, now + settings.suspectTime)
        }
        return done(now)
    }

    /// Nobody knows whether it is, and the suspect goes back to where it waits for its turn.
    package mutating func markFailed(era: Int, now: Int) -> [WorkerAction] {
        guard era == self.era, let number = marking else { return done(now) }
        marking = nil
        markAllowed = now + settings.backoff.upperBound
        if let job = held[number] { settle(FinishedJob(job, .requeue), now) }
        return done(now)
    }

    var suspectWakeUp: Int {
        guard marking == nil, freeSlots > 0 else { return .max }
        return max(markAllowed, freshSuspect?.until ?? markAllowed)
    }

    // MARK: Ending

    /// A run has ended.
    package mutating func ended(
        _ key: RunKey, _ outcome: JobOutcome, member: BatchMember? = nil, now: Int
    ) -> [WorkerAction] {
        guard let run = runs.removeValue(forKey: key) else { return done(now) }
        slotTable.release(run.slot)
        pace.ran(for: now - run.since)
        runningSuspects.remove(key)
        if let fresh = freshSuspect, fresh.key == key { freshSuspect = nil }
        if key.era == era, !run.isForeign, let job = held[key.number] {
            settle(FinishedJob(job, interruption(run, outcome), member: member), now)
        }
        return done(now)
    }

    /// What an interrupted job throws is the interruption's fault.
    private func interruption(_ run: Run, _ outcome: JobOutcome) -> JobOutcome {
        guard run.isInterrupted else { return outcome }
        switch outcome {
        case .retry, .failed: return .requeue
        case .done, .later, .unknown, .expired, .dropped, .requeue: return outcome
        }
    }

    /// An outcome waits for the next turn.
    mutating func settle(_ finished: FinishedJob, _ now: Int) {
        if outcomes.isEmpty { oldestOutcome = now }
        outcomes.append(finished)
    }

    // MARK: Giving back

    /// What was fetched and has not started for a while is of more use to others.
    mutating func requeueStale(_ now: Int) {
        guard phase == .working else { return }
        while let first = ready.first, now - first.since >= settings.prefetchAge {
            _ = ready.popFirst()
            if let job = held[first.number] { settle(FinishedJob(job, .requeue), now) }
        }
        while let first = suspects.first, now - first.since >= settings.suspectTime {
            _ = suspects.popFirst()
            if let job = held[first.number] { settle(FinishedJob(job, .requeue), now) }
        }
    }

    /// Queues were paused: what was fetched of them and has not started goes back.
    ///
    /// - Parameters:
    ///   - names: Their names; `*` stands for all.
    ///   - now: The time.
    /// - Returns: What is to be done.
    package mutating func paused(_ names: Set<String>, now: Int) -> [WorkerAction] {
        guard phase == .working, !names.isEmpty else { return done(now) }
        giveBack(now) { names.contains("*") || names.contains($0.queue) }
        return done(now)
    }

    mutating func giveBack(_ now: Int, where isMeant: (HeldJob) -> Bool) {
        for isSuspect in [false, true] {
            let numbers = isSuspect ? suspects.removeAll() : ready.removeAll()
            for number in numbers {
                guard let job = held[number] else { continue }
                if isMeant(job) {
                    settle(FinishedJob(job, .requeue), now)
                } else if isSuspect {
                    suspects.append(number, since: now)
                } else {
                    ready.append(number, since: now)
                }
            }
        }
    }
}
