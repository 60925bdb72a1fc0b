// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// From what is on disk to what serves, and back.
extension ClusterMachine {
    mutating func requestDeploy(_ request: DeployRequest) {
        if let paused = expectedBeforePause {
            expected = paused
            expectedBeforePause = nil
        }
        guard deploy == nil, !isCheckingUpgrade else {
            // One more, with what is on disk then.
            var next = queued ?? request
            if queued != nil {
                next.waiters += request.waiters
                next.isForced = next.isForced || request.isForced
            }
            queued = next
            return
        }
        beginDeploy(request)
    }

    mutating func beginDeploy(_ request: DeployRequest) {
        deploy = .checking(request)
        hasChanged = true
        if current != nil { announceReload("checking what is on disk") }
        actions.append(.check)
    }

    mutating func finishCheck(_ result: CheckResult) {
        guard case .checking(let request) = deploy else { return }
        switch result {
        case .refused(let problems, let exitCode):
            deploy = nil
            reject(request, problems, exitCode: exitCode)
        case .accepted(let generation, let settings, let warnings):
            for warning in warnings { log(.warning, warning) }
            if let reason = rolledBack[generation], !request.isForced {
                deploy = nil
                reject(
                    request,
                    [
                        "this content was rolled back before: \(reason) – change it, or use `hero cluster reload --force`"
                    ],
                    exitCode: 78)
                return
            }
            self.settings = settings
            let serial = spawn(generation, isCandidate: true)
            deploy = .candidate(request, generation, serial: serial)
        }
    }

    /// The new generation does not come into service; what serves goes on.
    mutating func reject(_ request: DeployRequest, _ problems: [String], exitCode: Int32) {
        let problems = problems.isEmpty ? ["no reason is known"] : problems
        for problem in problems { log(.error, problem) }
        lastRejection = problems
        reply(request.waiters, false, ["deploy rejected: " + problems.joined(separator: "\n")])
        guard current != nil else {
            // There is nothing that could go on.
            log(.emerg, "the first generation was refused; there is nothing to serve")
            finishWaiters(false)
            actions.append(.exit(exitCode))
            return
        }
        log(.alert, "the new generation was refused; the running one stays in service")
        endDeploy()
    }

    private mutating func endDeploy() {
        deploy = nil
        hasChanged = true
        actions.append(.retire(keeping: kept))
        if let next = queued {
            queued = nil
            beginDeploy(next)
        } else if probation == nil {
            finishWaiters(lastRejection.isEmpty)
        }
    }

    private mutating func finishWaiters(_ isSuccess: Bool) {
        let text = isSuccess ? [] : ["last deploy rejected: " + lastRejection.joined(separator: "\n")]
        reply(waiters, isSuccess, text)
        waiters = []
    }

    /// Generations that a worker or the way back needs.
    private var kept: [GenerationID] { Array(Set(history.suffix(2) + workers.map(\.generation))) }

    // MARK: Roll

    mutating func advanceDeploy() {
        switch deploy {
        case nil: renewOutgrown()
        case .checking: break
        case .candidate(let request, let generation, let serial):
            guard worker(serial)?.phase == .ready else { return }
            accept(request, generation, serial)
        case .rolling(let roll): advance(roll)
        }
    }

    private mutating func accept(_ request: DeployRequest, _ generation: GenerationID, _ serial: Int) {
        lastRejection = []
        quarantine.releaseAll()
        let previous = current
        if current != generation { history.append(generation) }
        history = Array(history.suffix(16))
        rolledBack[generation] = nil
        vacancies = []
        if let probation { finishProbation(probation) }
        if previous != nil { probation = Probation(generation: generation, waiters: request.waiters) }
        promote(serial)
        let replacing = Set(active.map(\.serial)).subtracting([serial])
        deploy = .rolling(Roll(.deploy, request, target: generation, replacing: replacing))
        advanceDeploy()
    }

    private mutating func advance(_ roll: Roll) {
        var roll = roll
        defer { if case .rolling = deploy { deploy = .rolling(roll) } }
        let old = active.filter { roll.replacing.contains($0.serial) }.sorted { $0.id > $1.id }
        let new = active.filter { !roll.replacing.contains($0.serial) }
        let newServing = new.filter { $0.phase == .serving }.count
        let newStarting = new.count - newServing
        var surplus = newServing + old.count - expected
        for worker in old where surplus > 0 {
            surplus -= 1
            tellToStop(worker.serial)
            roll.leaving = (worker.serial, now + ClusterTiming.patience)
        }
        let left = active.contains { roll.replacing.contains($0.serial) }
        if !left, newStarting == 0 {
            deploy = .rolling(roll)
            finish(roll)
            return
        }
        guard left, newServing + newStarting < expected else { return }
        if let first = vacancies.min(by: { $0.retryAt < $1.retryAt }), first.retryAt > now { return }
        let failures = vacancies.popLast()?.failures ?? 0
        if roll.request.isAllAtOnce {
            for _ in 0..<(expected - newServing - newStarting) { spawn(roll.target, failures: failures) }
            return
        }
        if let leaving = roll.leaving, now < leaving.until, worker(leaving.serial) != nil { return }
        guard newStarting == 0 else { return }
        spawn(roll.target, failures: failures)
    }

    private mutating func finish(_ roll: Roll) {
        switch roll.purpose {
        case .deploy:
            if var watched = probation {
                watched.until = now + settings.probation.duration
                probation = watched
                if settings.probation.duration == 0 { endProbation() }
            } else {
                reply(roll.request.waiters, true, ["\(roll.target) serves"])
            }
        case .rollback: reply(roll.request.waiters, true, ["\(roll.target) serves again"])
        case .renewal: break
        }
        endDeploy()
    }

    private mutating func renewOutgrown() {
        let outgrown = serving.filter(\.isOutgrown).map(\.serial)
        guard let current, !outgrown.isEmpty else { return }
        deploy = .rolling(
            Roll(.renewal, DeployRequest(cause: "memory"), target: current, replacing: Set(outgrown)))
        advanceDeploy()
    }

    // MARK: Probation

    mutating func noteProbationCrash(_ worker: Worker, _ reason: String) {
        guard var watched = probation, watched.generation == worker.generation else { return }
        watched.crashes.append(reason)
        probation = watched
        guard watched.crashes.count >= settings.probation.crashes, settings.probation.crashes > 0 else { return }
        rollBack(because: ["\(watched.crashes.count) crashes"] + watched.crashes)
    }

    mutating func checkProbation(_ counters: [Int: WorkerCounters]) {
        guard let watched = probation, let until = watched.until else { return }
        let own = workers.filter { $0.generation == watched.generation }.compactMap { counters[$0.serial] }
        let requests = own.reduce(0) { $0 + $1.requests }
        let errors = own.reduce(0) { $0 + $1.errors5xx }
        let limit = settings.probation.errorRate
        // Fewer requests than that say little.
        if limit > 0, requests >= 100, errors * 100 > requests * limit {
            rollBack(because: ["\(errors) of \(requests) responses had a status of 500 or above"])
        } else if now >= until {
            endProbation()
        }
    }

    private mutating func endProbation() {
        guard let watched = probation else { return }
        probation = nil
        reply(watched.waiters, true, ["\(watched.generation) serves"])
        if deploy == nil { finishWaiters(true) }
    }

    /// The next deploy comes before the time of the last one is over: it did well so far.
    private mutating func finishProbation(_ watched: Probation) {
        probation = nil
        reply(watched.waiters, true, ["\(watched.generation) serves"])
    }

    // MARK: Rollback

    /// Back to the generation before this one, because this one is bad.
    mutating func rollBack(because reasons: [String]) {
        guard let bad = current, history.count > 1 else { return }
        let good = history[history.count - 2]
        log(.alert, "\(bad) is rolled back to \(good) (HB401): " + (reasons.first ?? ""))
        for line in reasons.dropFirst() { log(.alert, "   " + line) }
        rolledBack[bad] = reasons.first ?? ""
        lastRejection = ["\(bad) was rolled back: " + reasons.joined(separator: "\n")]
        var told = probation?.waiters ?? []
        if case .rolling(let roll) = deploy { told += roll.request.waiters }
        reply(Array(Set(told)), false, ["deploy rolled back: " + reasons.joined(separator: "\n")])
        startRollback(DeployRequest(cause: "rollback"))
    }

    mutating func startRollback(_ request: DeployRequest) {
        guard history.count > 1, let bad = history.popLast(), let good = current else { return }
        probation = nil
        vacancies = []
        quarantine.releaseAll()
        announceReload("rolling back to \(good)")
        let replacing = Set(active.filter { $0.generation == bad }.map(\.serial))
        for worker in active where worker.isUp && worker.generation == bad {
            actions.append(.kill(serial: worker.serial))
            change(worker.serial) { $0.phase = .stopping }
        }
        var roll = Roll(.rollback, request, target: good, replacing: replacing)
        roll.replacing = Set(active.map(\.serial)).intersection(replacing)
        deploy = .rolling(roll)
    }
}
