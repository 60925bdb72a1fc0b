// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension WorkerMachine {
    // MARK: Sending

    /// Slots that have nothing to do, and nothing that waits for them.
    private var openSlots: Int { slots - runs.count - (marking == nil ? 0 : 1) - ready.count }

    /// How many jobs the next claim asks for.
    private var wanted: Int {
        guard stop == nil else { return 0 }
        let extra = suspects.count > settings.mostSuspects ? suspects.count - settings.mostSuspects : 0
        // While a pool shrinks, what runs in slots that are no more does not count against the others.
        let open = max(0, openSlots) - extra
        let prefetch = slots == 0 ? 0 : pace.prefetch(slots: slots, settings) - max(0, -openSlots)
        let room = settings.mostHeld - held.count
        return max(0, min(open + max(0, prefetch), room, JobScripts.mostJobs))
    }

    mutating func send(_ now: Int) {
        guard turn == nil, now >= turnAllowed else { return }
        let canClaim = pinned != nil || !isDry && wanted > 0
        let isIdle = openSlots > 0 || stop != nil
        let isDue =
            isIdle && (canClaim || !outcomes.isEmpty) || pinned != nil || outcomes.count >= settings.outcomesAtOnce
            || !outcomes.isEmpty && now >= oldestOutcome + settings.outcomeWait
        guard isDue else { return watch(now) }
        let claim = canClaim ? pinned ?? nextClaim(now) : nil
        guard claim != nil || !outcomes.isEmpty else { return watch(now) }
        let count = finishCount
        let finish = Array(outcomes.prefix(count))
        outcomes.removeFirst(count)
        if !outcomes.isEmpty { oldestOutcome = now }
        let turn = WorkerTurn(id: nextTurn, era: era, finish: finish, claim: claim)
        nextTurn += 1
        self.turn = turn
        if renewal != nil { renewal?.changing.formUnion(finish.lazy.map(\.job.number)) }
        actions.append(.turn(turn))
    }

    /// How many outcomes go with one turn: entries for `failed` may be as long as their jobs, and only so much may be on its
    /// way at once.
    private var finishCount: Int {
        var bytes = 0
        let end = outcomes.prefix(finishLimit).firstIndex { finished in
            if case .failed(let entry) = finished.outcome { bytes += entry.count }
            return bytes > settings.turnBytes
        }
        return min(outcomes.count, max(1, end ?? finishLimit))
    }

    private mutating func nextClaim(_ now: Int) -> ClaimOrder? {
        let want = wanted
        guard want > 0 else { return nil }
        let names = queues.next(now: now, using: &random)
        guard passed < names.count else {
            dry(now)
            return nil
        }
        let most = probing > 0 ? 1 : ClaimOrder.mostQueues
        let window = Array(names[passed...].prefix(most))
        let order = ClaimOrder(
            first: nextNumber, want: want, queues: window, mostBytes: max(1, settings.heldBytes / 4 - heldBytes / 4))
        nextNumber += want
        return order
    }

    /// All queues were empty.
    private mutating func dry(_ now: Int) {
        isDry = true
        passed = 0
        probing = 0
        nextPoll = now + (isWatching ? settings.pollWhileWatching : settings.poll)
        // Who is woken for nothing (by a queue that is paused, or since others were faster) polls for a while.
        if wokenInVain { watchAllowed = now + settings.poll }
        wokenInVain = false
    }

    private mutating func watch(_ now: Int) {
        guard isDry, !isWatching, stop == nil, openSlots > 0, now >= watchAllowed else { return }
        // Said once; the answer comes by watching(_:now:).
        watchAllowed = now + settings.poll
        actions.append(.watch(queues.next(now: now, using: &random)))
    }

    var turnWakeUp: Int {
        guard turn == nil else { return .max }
        var time = isDry && stop == nil ? nextPoll : .max
        if !outcomes.isEmpty { time = min(time, max(turnAllowed, oldestOutcome + settings.outcomeWait)) }
        if pinned != nil || !isDry && wanted > 0 && openSlots > 0 { time = min(time, turnAllowed) }
        return time
    }

    // MARK: Answers

    /// What has become of a turn.
    package mutating func answered(
        turn id: Int, finish: TurnReply<FinishAnswer>, claim: TurnReply<ClaimAnswer>, now: Int
    ) -> [WorkerAction] {
        guard let turn, turn.id == id else { return done(now) }
        if finish == .answer(.lost) || claim == .answer(.lost) {
            loseLease(now, isOwn: false)
            return done(now)
        }
        self.turn = nil
        pinned = nil
        let hasFinished = takeFinish(turn, finish, now)
        let hasClaimed = takeClaim(turn, claim, now)
        if hasFinished && hasClaimed {
            failedTurns = 0
        } else {
            turnAllowed = now + backoff(failedTurns)
            failedTurns += 1
        }
        return done(now)
    }

    /// - Returns: Whether it was done.
    private mutating func takeFinish(_ turn: WorkerTurn, _ reply: TurnReply<FinishAnswer>, _ now: Int) -> Bool {
        guard !turn.finish.isEmpty else { return true }
        let message: String
        switch reply {
        case .answer(.finished(let refused, let doneHeld, let doneSent, let ended)):
            takeRefusals(turn, refused, doneSent - doneHeld)
            for finished in turn.finish {
                forget(finished.job.number)
                doubtful.remove(finished.job.number)
            }
            finishLimit = min(JobScripts.mostJobs, finishLimit * 2)
            if !ended.isEmpty { actions.append(.settle(ended)) }
            return true
        case .refused(_, let text):
            message = text
            // Until the one that Redis will not have is alone, and then the others first.
            if turn.finish.count > 1 {
                finishLimit = max(1, turn.finish.count / 2)
                outcomes = turn.finish + outcomes
            } else {
                outcomes += turn.finish
            }
        case .unknown(let text):
            message = text
            doubtful.formUnion(turn.finish.lazy.map(\.job.number))
            outcomes = turn.finish + outcomes
        case .none, .answer(.lost):
            message = "no answer"
            outcomes = turn.finish + outcomes
        }
        oldestOutcome = now
        if failedTurns == 0 { actions.append(.note(.turnFailed(message))) }
        return false
    }

    /// A repeated outcome may have been refused because it had arrived before.
    private mutating func takeRefusals(_ turn: WorkerTurn, _ refused: Set<Int>, _ done: Int) {
        let surprising = refused.subtracting(doubtful)
        if !surprising.isEmpty { actions.append(.note(.refused(surprising.sorted()))) }
        let isRepeated = turn.finish.contains { doubtful.contains($0.job.number) }
        if done > 0, !isRepeated, refused.isEmpty { actions.append(.note(.refusedDone(done))) }
    }

    /// - Returns: Whether it was done.
    private mutating func takeClaim(_ turn: WorkerTurn, _ reply: TurnReply<ClaimAnswer>, _ now: Int) -> Bool {
        guard let claim = turn.claim else { return true }
        switch reply {
        case .answer(.jobs(let jobs)):
            take(jobs, claim, now)
            return true
        case .answer(.jobsAndLong(let jobs, let long)):
            actions.append(.note(.tooLong(long)))
            take(jobs, claim, now, isCut: true)
            return true
        case .answer(.spent), .answer(.lost):
            // Of a number that was used before nothing can come; what Redis holds under it is found by the next renewal.
            return true
        case .refused(let code, let message):
            if code == "WRONGTYPE" {
                suspectQueue(claim, message, now)
                return true
            }
            pinned = claim
            if failedTurns == 0 { actions.append(.note(.turnFailed(message))) }
        case .unknown(let message):
            pinned = claim
            if failedTurns == 0 { actions.append(.note(.turnFailed(message))) }
        case .none:
            pinned = claim
        }
        return false
    }

    /// One of the queues is of another type: they are asked one by one, and it is left out for a while.
    private mutating func suspectQueue(_ claim: ClaimOrder, _ message: String, _ now: Int) {
        if claim.queues.count == 1 {
            probing = max(0, probing - 1)
            queues.exclude(claim.queues[0], until: now + 60_000_000_000)
            actions.append(.note(.badQueue(claim.queues[0], message)))
        } else {
            probing = claim.queues.count
        }
    }

    // `isCut` says that there may be more jobs, however few have come.
    private mutating func take(_ jobs: [HeldJob], _ claim: ClaimOrder, _ now: Int, isCut: Bool = false) {
        var bytes = 0
        for job in jobs where held[job.number] == nil && job.number >= claim.first {
            hold(job)
            bytes += job.payload.count + job.queue.utf8.count
            pace.fetched(job.payload.count)
            if stop != nil {
                settle(FinishedJob(job, .requeue), now)
            } else if job.counters.isSuspect {
                suspects.append(job.number, since: now)
            } else {
                ready.append(job.number, since: now)
            }
        }
        if probing > 0 { probing -= claim.queues.count }
        if !jobs.isEmpty || isCut {
            passed = 0
            wokenInVain = false
        }
        guard !isCut else { return }
        // Fewer than could have been carried: these queues are empty.
        guard jobs.count < claim.want, jobs.isEmpty || bytes < claim.mostBytes / 2 else { return }
        if jobs.isEmpty { passed += claim.queues.count }
        if max(passed, jobs.isEmpty ? 0 : claim.queues.count) >= queues.count(now: now) { dry(now) }
    }
}
