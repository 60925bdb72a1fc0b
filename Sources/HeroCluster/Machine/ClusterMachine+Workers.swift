// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What workers say and how they end.
extension ClusterMachine {
    mutating func receive(_ message: WorkerMessage, from serial: Int) {
        guard let worker = worker(serial) else { return }
        switch message {
        case .starting:
            change(serial) { $0.phase = .starting }
            log(.info, worker.label + "starting")
        case .progress(let what): change(serial) { $0.progress = what }
        case .started(let description):
            guard worker.isUp else { return }
            change(serial) {
                $0.phase = .ready
                $0.deadline = nil
                $0.description = description
            }
            log(.info, worker.label + "started")
            hasChanged = true
            if !worker.isCandidate { promote(serial) }
        case .stopping:
            // Also on its own account, when somebody sent it a signal.
            if worker.phase != .stopping { expectEnd(serial) }
            log(.info, worker.label + "stopping")
        case .stopped: log(.info, worker.label + "stopped")
        case .refused(let problems): change(serial) { $0.problems = problems }
        case .draining(let left): change(serial) { $0.draining = left }
        case .pong: change(serial) { [now] in $0.lastPong = now }
        case .plan: break
        }
    }

    /// Lets a worker that is ready accept connections.
    mutating func promote(_ serial: Int) {
        change(serial) { [now] in
            $0.phase = .serving
            $0.servedAt = now
            $0.lastPong = now
        }
        actions.append(.send(serial: serial, .serve(quarantined: quarantine.names.sorted())))
        hasChanged = true
    }

    /// Asks a worker to finish what it has begun.
    mutating func tellToStop(_ serial: Int) {
        guard let worker = worker(serial), worker.phase != .stopping else { return }
        let limit = stop.map { max($0.deadline - now, 1) } ?? stopTimeout
        // A client may be about to use a connection that waits for its next request, and another worker will serve
        // its next one; when everything stops, there is nothing to wait for.
        let idle = stop == nil ? limit / 2 : 0
        actions.append(.send(serial: serial, .stop(deadline: limit, idle: idle)))
        expectEnd(serial, within: limit)
    }

    private mutating func expectEnd(_ serial: Int, within limit: Int? = nil) {
        change(serial) { [now, stopTimeout] in
            $0.phase = .stopping
            $0.deadline = now + (limit ?? stopTimeout) + ClusterTiming.killGrace
        }
        hasChanged = true
    }

    mutating func workerEnded(_ serial: Int, _ end: WorkerEnd) {
        guard let worker = worker(serial) else { return }
        workers.removeAll { $0.serial == serial }
        hasChanged = true
        reportEnd(worker, end)
        log(.info, worker.label + "exited")
        if case .rolling(var roll) = deploy {
            if roll.leaving?.serial == serial { roll.leaving = nil }
            roll.replacing.remove(serial)
            deploy = .rolling(roll)
        }
        if stop?.leaving == serial { stop?.leaving = nil }
        guard stop == nil else { return }
        if case .candidate(let request, _, serial) = deploy {
            deploy = nil
            reject(request, whyNot(worker, end), exitCode: end.cause == .exit(78) ? 78 : 1)
            return
        }
        // Its place has been taken, or is filled like any that is empty.
        if worker.phase == .stopping { return }
        let reason = worker.label + (whyNot(worker, end).first ?? "ended")
        if worker.isUp { replaceUnready(worker, reason) } else { replaceCrashed(worker, end, reason) }
    }

    private mutating func reportEnd(_ worker: Worker, _ end: WorkerEnd) {
        switch end.cause {
        case .exit(0): break
        case .exit(78) where worker.isUp:
            // What a candidate says is told when it is rejected.
            for problem in worker.problems where !worker.isCandidate { log(.error, worker.label + problem) }
        case .exit(let code) where end.report == nil:
            log(.error, worker.label + "ended with exit code \(code)")
        case .signal(9) where end.report == nil: log(.error, worker.label + "killed by SIGKILL")
        case .signal(let number):
            let unknown = CrashReport(message: "ended by signal \(number)", lines: [], running: [], inFlight: [])
            reportCrash(worker, end.report ?? unknown)
        case .exit: if let report = end.report { reportCrash(worker, report) }
        }
    }

    private mutating func reportCrash(_ worker: Worker, _ report: CrashReport) {
        log(.alert, worker.label + "uncaught exception => \(report.message)")
        for line in report.lines { log(.alert, worker.label + "   " + line) }
        if !report.inFlight.isEmpty {
            let running = report.running.isEmpty ? "" : "; executing: \(report.running.joined(separator: ", "))"
            log(.alert, worker.label + "actions in flight: \(report.inFlight.joined(separator: ", "))\(running)")
        }
        guard worker.phase == .serving || worker.phase == .stopping else { return }
        let suspects = report.running.isEmpty ? report.inFlight : report.running
        let added = quarantine.record(suspects, now: now, settings.quarantine)
        guard !added.isEmpty else { return }
        for name in added {
            log(
                .alert,
                "the action \(name) has crashed \(settings.quarantine.crashes) workers and answers 503 until the next "
                    + "deploy, or `hero cluster release \(name)`")
        }
        shareQuarantine()
    }

    mutating func shareQuarantine() {
        for worker in serving {
            actions.append(.send(serial: worker.serial, .quarantine(quarantine.names.sorted())))
        }
    }

    /// Why a worker did not do what it was started for.
    private func whyNot(_ worker: Worker, _ end: WorkerEnd) -> [String] {
        if !worker.problems.isEmpty { return worker.problems }
        let during = worker.progress.isEmpty ? "" : " while \(worker.progress)"
        if worker.isUp, let deadline = worker.deadline, now >= deadline {
            return ["was not ready within \(settings.readyTimeout) ms\(during) (HB305)"]
        }
        var lines: [String]
        switch end.cause {
        case .exit(let code): lines = ["ended with exit code \(code)\(during)"]
        case .signal(let number): lines = ["ended by signal \(number)\(during)"]
        }
        if let report = end.report { return ["crashed\(during): \(report.message) (HB306)"] + report.lines }
        lines += end.lastLines
        return lines
    }

    // MARK: Replacement

    /// A worker that had served is replaced at once, one that keeps crashing after a while.
    private mutating func replaceCrashed(_ worker: Worker, _ end: WorkerEnd, _ reason: String) {
        let lived = now - (worker.servedAt ?? now)
        if case .exit(0) = end.cause { return }
        var failures = lived >= ClusterTiming.healthyAfter ? 0 : worker.failures
        // Somebody, or a kernel out of memory, took it away: that is not its own doing.
        if end.cause == .signal(9), end.report == nil, lived >= ClusterTiming.shortLife { failures = -1 }
        vacancies.append(Vacancy(retryAt: now + backoff(failures), failures: failures + 1))
        countCrash()
        noteProbationCrash(worker, reason)
    }

    /// A worker that never got to serve: a roll goes back, everything else tries again later.
    private mutating func replaceUnready(_ worker: Worker, _ reason: String) {
        let failures = max(worker.failures, 1)
        vacancies.append(Vacancy(retryAt: now + backoff(failures), failures: failures + 1))
        countCrash()
        guard case .rolling(let roll) = deploy, roll.purpose == .deploy, roll.target == worker.generation else {
            return
        }
        rollBack(because: ["a new worker did not become ready: \(reason)"])
    }

    /// Nothing for the first, then 1, 2, 4 … 30 seconds, up to a quarter of it more, so that workers that crashed
    /// together do not start together.
    private func backoff(_ failures: Int) -> Int {
        guard failures > 0 else { return 0 }
        let delay = min(1000 << min(failures - 1, 5), ClusterTiming.longestBackoff)
        return delay + (nextSerial &* 7919 + failures &* 104_729) % (delay / 4)
    }

    private mutating func countCrash() {
        crashTimes = crashTimes.filter { $0 > now - ClusterTiming.flapWindow } + [now]
        let limit = 2 * max(expected, 1)
        if crashTimes.count > limit, !isFlapping {
            isFlapping = true
            log(.emerg, "CLUSTER IS FLAPPING (\(crashTimes.count) crashes in \(ClusterTiming.flapWindow)ms)")
        }
        if crashTimes.count <= limit { isFlapping = false }
    }

    // MARK: Time

    mutating func tick(_ counters: [Int: WorkerCounters]) {
        for worker in workers { checkDeadline(worker) }
        for worker in serving where worker.failures > 0 && now - (worker.servedAt ?? now) > ClusterTiming.healthyAfter {
            change(worker.serial) { $0.failures = 0 }
        }
        if now >= nextPing {
            nextPing = now + settings.heartbeat.interval
            for worker in serving { actions.append(.send(serial: worker.serial, .ping)) }
        }
        if settings.workerMemoryLimit > 0 { checkMemory(counters) }
        checkProbation(counters)
    }

    private mutating func checkDeadline(_ worker: Worker) {
        if worker.phase == .serving, settings.heartbeat.timeout > 0, !worker.isAborted,
            now - worker.lastPong > settings.heartbeat.timeout
        {
            log(
                .alert,
                worker.label + "has not answered for \(now - worker.lastPong) ms: something blocks its event loop; "
                    + "it is asked for a backtrace and replaced")
            change(worker.serial) { [now] in
                $0.isAborted = true
                $0.deadline = now + ClusterTiming.abortGrace
            }
            actions.append(.abort(serial: worker.serial))
            return
        }
        guard let deadline = worker.deadline, now >= deadline else { return }
        // The end of the process is the next event; the deadline stays, so that the reason can be told.
        change(worker.serial) { [now] in $0.deadline = worker.isUp ? now : nil }
        if worker.phase == .stopping { log(.warning, worker.label + "did not stop in time and is killed") }
        actions.append(.kill(serial: worker.serial))
    }

    private mutating func checkMemory(_ counters: [Int: WorkerCounters]) {
        for worker in serving where !worker.isOutgrown {
            let size = counters[worker.serial]?.residentMegabytes ?? 0
            guard size > settings.workerMemoryLimit else { continue }
            log(
                .warning,
                worker.label + "uses \(size) MB, more than its \(settings.workerMemoryLimit) MB; it is replaced")
            change(worker.serial) { $0.isOutgrown = true }
        }
    }
}
