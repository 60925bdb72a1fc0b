// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension WorkerMachine {
    /// What was known when Redis was asked what it holds for us.
    struct Renewal {
        let sent: Int
        /// Held for sure: claimed before, and no outcome sent.
        let known: Set<Int>
        /// Numbers from here on were not claimed for sure.
        let floor: Int
        /// Outcomes that were on their way then or are sent until the answer is there.
        var changing: Set<Int>
    }

    // MARK: The beginning

    mutating func beginEra(_ now: Int) {
        era += 1
        phase = .starting
        nextNumber = 1
        leaseBegan = now
        leaseEnd = now + settings.lease - settings.renewal
        nextRenewal = .max
        actions.append(.start(era: era))
    }

    /// The lease has begun, or this owner had ended before it could.
    package mutating func started(era: Int, isOwner: Bool, now: Int) -> [WorkerAction] {
        guard era == self.era, phase == .starting else { return [] }
        guard isOwner, now < leaseEnd else {
            // As a new owner, and not at once: a Redis that takes longer to answer than a lease lasts is not to be pressed.
            leaseEnd = now
            nextRenewal = now + backoff(failedTurns)
            failedTurns += 1
            return done(now)
        }
        phase = .working
        failedTurns = 0
        nextRenewal = leaseBegan + settings.renewal
        dampen()
        return done(now)
    }

    /// Nobody knows whether it has begun; it is asked for again after a while.
    package mutating func startFailed(era: Int, now: Int) -> [WorkerAction] {
        guard era == self.era, phase == .starting else { return [] }
        // Nothing is held.
        if stop != nil { finishStop(isClean: true) }
        nextRenewal = now + backoff(failedTurns)
        failedTurns += 1
        return done(now)
    }

    // MARK: Time

    mutating func tickLease(_ now: Int) {
        switch phase {
        case .starting:
            guard now >= nextRenewal else { return }
            nextRenewal = .max
            // The lease counts from the first time, whose reply may have been lost.
            if now >= leaseEnd { beginEra(now) } else { actions.append(.start(era: era)) }
        case .working, .leaving:
            if now >= leaseEnd {
                loseLease(now, isOwn: true)
            } else if now >= nextRenewal, renewal == nil {
                sendRenewal(now)
            }
        case .idle, .ended: break
        }
    }

    var leaseWakeUp: Int {
        switch phase {
        case .starting: nextRenewal
        case .working, .leaving: min(leaseEnd, renewal == nil ? nextRenewal : .max)
        case .idle, .ended: .max
        }
    }

    // MARK: Renewals

    private mutating func sendRenewal(_ now: Int) {
        let changing = doubtful.union((turn?.finish ?? []).lazy.map(\.job.number))
        let floor = turn?.claim?.first ?? pinned?.first ?? nextNumber
        renewal = Renewal(
            sent: now, known: Set(held.keys.lazy.filter { $0 < floor }).subtracting(changing), floor: floor,
            changing: changing)
        actions.append(.renew(era: era))
    }

    /// The lease goes on; the numbers are what Redis holds for the owner.
    package mutating func renewed(era: Int, _ numbers: Set<Int>, now: Int) -> [WorkerAction] {
        guard era == self.era, let renewal else { return done(now) }
        self.renewal = nil
        nextRenewal = renewal.sent + settings.renewal
        leaseEnd = renewal.sent + settings.lease - settings.renewal
        reconcile(renewal, numbers)
        return done(now)
    }

    /// No answer, or none that helps.
    package mutating func renewalFailed(era: Int, now: Int) -> [WorkerAction] {
        guard era == self.era, renewal != nil else { return done(now) }
        renewal = nil
        nextRenewal = now + settings.renewal / 10
        return done(now)
    }

    /// After a failover Redis may have forgotten a claim, or an outcome.
    private mutating func reconcile(_ renewal: Renewal, _ numbers: Set<Int>) {
        let missing = renewal.known.subtracting(numbers).subtracting(renewal.changing).filter { held[$0] != nil }
        if !missing.isEmpty {
            actions.append(.note(.disowned(missing.sorted())))
            for number in missing { disown(number) }
        }
        let unknown = numbers.filter { $0 < renewal.floor && held[$0] == nil && !renewal.changing.contains($0) }
        if !unknown.isEmpty {
            actions.append(.note(.adopted(unknown.sorted())))
            actions.append(.adopt(era: era, unknown.sorted()))
        }
    }

    private mutating func disown(_ number: Int) {
        forget(number)
        _ = ready.remove(number)
        _ = suspects.remove(number)
        outcomes.removeAll { $0.job.number == number }
        let key = RunKey(era: era, number: number)
        guard runs[key] != nil else { return }
        runs[key]?.isForeign = true
        cancel(key, .notHeld)
    }

    mutating func forget(_ number: Int) {
        guard let job = held.removeValue(forKey: number) else { return }
        heldBytes -= job.payload.count
    }

    /// What Redis holds and the process does not know goes back to its queue.
    package mutating func adopted(era: Int, _ jobs: [HeldJob], now: Int) -> [WorkerAction] {
        guard era == self.era, phase == .working || phase == .leaving else { return done(now) }
        if phase == .leaving, !jobs.isEmpty { phase = .working }
        for job in jobs where held[job.number] == nil && turn?.finish.contains(where: { $0.job == job }) != true {
            hold(job)
            settle(FinishedJob(job, .requeue), now)
        }
        return done(now)
    }

    mutating func hold(_ job: HeldJob) {
        held[job.number] = job
        heldBytes += job.payload.count
    }

    // MARK: The end of a lease

    /// Redis says that the lease has ended, in answer to whatever.
    package mutating func lost(era: Int, now: Int) -> [WorkerAction] {
        guard era == self.era, phase == .working || phase == .leaving else { return done(now) }
        loseLease(now, isOwn: false)
        return done(now)
    }

    mutating func loseLease(_ now: Int, isOwn: Bool) {
        let mine = runs.keys.filter { $0.era == era }
        actions.append(.note(.leaseLost(isOwn: isOwn, runs: mine.count, results: outcomes.count)))
        for key in mine {
            runs[key]?.isForeign = true
            cancel(key, .leaseLost)
        }
        held.removeAll()
        heldBytes = 0
        _ = (ready.removeAll(), suspects.removeAll())
        outcomes.removeAll()
        (turn, pinned, renewal, marking, freshSuspect) = (nil, nil, nil, nil, nil)
        doubtful.removeAll()
        runningSuspects.removeAll()
        (passed, failedTurns, finishLimit, turnAllowed, markAllowed) = (0, 0, JobScripts.mostJobs, 0, 0)
        isDry = false
        if stop == nil {
            beginEra(now)
        } else {
            // Nothing is held any more; a reaper has it, or will.
            phase = .leaving
            (nextRenewal, leaseEnd) = (.max, .max)
            finishStop(isClean: !isOwn)
        }
    }

    mutating func cancel(_ key: RunKey, _ reason: WorkerCancellation) {
        guard runs[key]?.isCancelled == false else { return }
        runs[key]?.isCancelled = true
        actions.append(.cancel(key, reason))
    }

    /// Nanoseconds before something that has failed so often is tried again.
    func backoff(_ failures: Int) -> Int {
        min(settings.backoff.upperBound, settings.backoff.lowerBound << min(failures, 10))
    }
}
