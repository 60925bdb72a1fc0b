// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// How workers end, and what takes their places.
extension ClusterMachine {
    /// From now on it is neither late nor silent: it is given time for its last words, and they tell the reason.
    mutating func workerCrashing(_ serial: Int) {
        guard let worker = worker(serial), worker.phase != .stopping, !worker.isKilled else { return }
        change(serial) { [now] in
            $0.isAborted = true
            $0.deadline = now + ClusterTiming.backtraceGrace
        }
    }

    mutating func workerEnded(_ serial: Int, _ end: WorkerEnd) {
        guard let worker = worker(serial) else { return }
        workers.removeAll { $0.serial == serial }
        hasChanged = true
        isRetireDue = isRetireDue || worker.generation != current
        reportEnd(worker, end)
        shareDeath(of: worker, end)
        log(.info, worker.label + "exited")
        if case .rolling(var roll) = deploy {
            if roll.leaving?.serial == serial { roll.leaving = nil }
            let wasOld = roll.replacing.remove(serial) != nil
            deploy = .rolling(roll)
            // Its place is taken by the roll, which does not wait for what has crashed before it.
            if wasOld, worker.generation != roll.target, worker.phase != .stopping {
                noteCrash(worker, end)
                return
            }
        }
        if stop?.leaving == serial { stop?.leaving = nil }
        guard stop == nil else { return }
        if case .candidate(let request, _, serial) = deploy {
            reject(request, whyNot(worker, end), exitCode: end.cause == .exit(78) ? 78 : 1)
            return
        }
        // Its place has been taken, or is filled like any that is empty.
        if worker.phase == .stopping { return }
        if worker.isYetToServe { replaceUnready(worker, end) } else { replaceCrashed(worker, end) }
    }

    /// A worker whose own code has sent it a signal stops in good order, but nobody has told it to: that counts like a
    /// crash.
    mutating func workerSignalledItself(_ serial: Int, _ signal: Int32, running: [String]) {
        guard let worker = worker(serial), worker.phase == .serving else { return }
        reportOwnSignal(worker, signal, running: running)
        expectEnd(serial)
        guard stop == nil else { return }
        if case .rolling(let roll) = deploy, roll.replacing.contains(serial) {
            // Its place is taken by the roll.
        } else {
            let failures = crashesInARow(of: worker)
            vacancies.append(Vacancy(retryAt: now + backoff(failures), failures: failures + 1))
        }
        let executing = running.isEmpty ? "" : " (executing: \(running.joined(separator: ", ")))"
        lastCrash = worker.label + "the worker has sent itself \(Self.name(signal))\(executing)"
        countCrash()
        blame(serial, lastCrash)
    }

    // MARK: Replacement

    /// Crashes in a row before this one.
    private func crashesInARow(of worker: Worker) -> Int {
        now - (worker.servedAt ?? now) >= ClusterTiming.healthyAfter ? 0 : worker.failures
    }

    /// A worker that had served is replaced at once, one that keeps crashing after a while.
    private mutating func replaceCrashed(_ worker: Worker, _ end: WorkerEnd) {
        let lived = now - (worker.servedAt ?? now)
        var failures = crashesInARow(of: worker)
        // Somebody took it away: that is not its own doing.
        if isTakenAway(worker, end), lived >= ClusterTiming.shortLife { failures = -1 }
        vacancies.append(Vacancy(retryAt: now + backoff(failures), failures: failures + 1))
        noteCrash(worker, end)
    }

    /// A worker that never got to serve: a deploy goes back, everything else tries again later.
    private mutating func replaceUnready(_ worker: Worker, _ end: WorkerEnd) {
        let isTaken = isTakenAway(worker, end)
        let failures = isTaken ? worker.failures : max(worker.failures, 1)
        var vacancy = Vacancy(retryAt: now + backoff(failures), failures: failures + 1)
        if end.cause == .exit(78) {
            vacancy = Vacancy(retryAt: now + ClusterTiming.longestBackoff, failures: failures + 1, isRefused: true)
        }
        vacancies.append(vacancy)
        if !isTaken {
            lastCrash = reason(worker, end)
            countCrash()
        }
        if !isTaken,
            let (roll, origin) = vainRollback(worker, failures: failures, isRefused: vacancy.isRefused)
        {
            abandonRollback(roll, origin, whyNot(worker, end))
            return
        }
        guard case .rolling(let roll) = deploy, roll.purpose == .deploy, roll.target == worker.generation,
            probation != nil, !isTaken || failures >= settings.probation.crashes
        else {
            if !isTaken { blame(worker, reason(worker, end)) }
            if vacancy.isRefused || failures >= ClusterTiming.patientTries { tellWaiters(reason(worker, end)) }
            return
        }
        rollBack(because: "did not start in all workers", [reason(worker, end)])
    }

    /// Whether somebody else has ended it, without a word from itself.
    private func isTakenAway(_ worker: Worker, _ end: WorkerEnd) -> Bool {
        guard end.report == nil, !worker.isKilled, !end.isOutOfMemory, !end.isOwnSignal,
            case .signal(let number) = end.cause
        else { return false }
        return [1, 2, 9, 15].contains(number)
    }

    private mutating func noteCrash(_ worker: Worker, _ end: WorkerEnd) {
        guard !isTakenAway(worker, end), worker.phase == .serving else { return }
        lastCrash = reason(worker, end)
        countCrash()
        blame(worker, lastCrash)
    }

    /// Nothing for the first, then 1, 2, 4 … 30 seconds, up to a quarter of it less, so that workers that crashed
    /// together do not start together.
    func backoff(_ failures: Int) -> Int {
        guard failures > 0 else { return 0 }
        let delay = min(ClusterTiming.shortestBackoff << min(failures - 1, 5), ClusterTiming.longestBackoff)
        let spread = nextSerial &* 7919 &+ vacancies.count &* 1_299_709 &+ failures &* 104_729
        return delay - Int(spread.magnitude % UInt(delay / 4))
    }

    private mutating func countCrash() {
        let limit = 2 * max(expected, 1)
        crashTimes = (crashTimes.filter { $0 > now - ClusterTiming.flapWindow } + [now]).suffix(limit * 4)
        if crashTimes.count > limit, !isFlapping {
            log(
                .emerg,
                "CLUSTER IS FLAPPING (\(crashTimes.count) crashes in \(ClusterTiming.flapWindow)ms)")
        }
        isFlapping = crashTimes.count > limit
    }
}
