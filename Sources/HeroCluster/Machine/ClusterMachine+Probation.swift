// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Watching a new generation, and the way back.
extension ClusterMachine {
    /// Counts what has made a worker of the new generation end, or be replaced, once for each worker.
    mutating func blame(_ serial: Int, _ reason: String) {
        guard let worker = worker(serial) else { return }
        change(serial) { $0.isBlamed = true }
        blame(worker, reason)
    }

    /// The worker is as it was; it may be gone.
    mutating func blame(_ worker: Worker, _ reason: String) {
        guard let watched = probation, watched.generation == worker.generation, worker.isBlamed != true else { return }
        probation?.crashes.append(reason)
        let crashes = watched.crashes + [reason]
        guard settings.probation.crashes > 0, crashes.count >= settings.probation.crashes else { return }
        let time = Self.text(milliseconds: now - watched.since)
        rollBack(because: "lost \(crashes.count) workers in \(time)", crashes)
    }

    /// Whether a worker of the new generation is missing or silent, which may be the next thing to count.
    private func isUnsettled(_ watched: Probation) -> Bool {
        let own = workers.filter { $0.generation == watched.generation && $0.isActive }
        let patience = max(3 * settings.heartbeat.interval, 5000)
        let isSilent = own.contains {
            $0.isAborted || settings.heartbeat.timeout > 0 && $0.phase == .serving && now - $0.lastPong > patience
        }
        return isSilent || serving.count < expected
    }

    mutating func checkProbation(_ counters: [Int: WorkerCounters]) {
        guard let watched = probation, let until = watched.until else { return }
        let own = workers.filter { $0.generation == watched.generation }.compactMap { counters[$0.serial] }
        let requests = own.reduce(0) { $0 + $1.requests }
        let errors = own.reduce(0) { $0 + $1.errors5xx }
        let limit = settings.probation.errorRate
        // Fewer requests than that say little.
        if limit > 0, requests >= 100, errors * 100 > requests * limit {
            let time = Self.text(milliseconds: now - watched.since)
            rollBack(because: "answered \(errors) of \(requests) requests with 5xx in \(time)", [])
        } else if now >= until, !isUnsettled(watched) || now >= until + settings.probation.duration {
            endProbation()
        }
    }

    mutating func endProbation() {
        guard let watched = probation else { return }
        settle(watched)
        isRetireDue = true
    }

    /// Ends a probation early: the generation did well so far, which is what counts.
    mutating func settle(_ watched: Probation) {
        probation = nil
        reply(watched.waiters, true, success(watched.generation))
    }

    // MARK: The way back

    /// Back to the generation before this one, because this one is bad.
    ///
    /// - Parameters:
    ///   - reason: What it did, as the end of a sentence that begins with its name.
    ///   - details: Lines.
    mutating func rollBack(because reason: String, _ details: [String]) {
        guard let bad = current, let good = earlier else { return }
        log(.alert, "\(bad) \(reason); back on \(good) (HB401)")
        for line in details { log(.alert, "   " + line) }
        lastRejection = ["\(bad) was rolled back (HB401): it \(reason)"] + details
        var told = probation?.waiters ?? []
        if case .rolling(let roll) = deploy { told += roll.request.waiters }
        reply(Array(Set(told)).sorted(), false, ["deploy rolled back: " + lastRejection.joined(separator: "\n")])
        startRollback(DeployRequest(cause: "rollback"), "it \(reason)")
    }

    /// - Parameters:
    ///   - request: Who wants it.
    ///   - reason: Why, for whoever deploys the same content again.
    ///   - isByHand: Whether an operator wants it.
    mutating func startRollback(_ request: DeployRequest, _ reason: String, isByHand: Bool = false) {
        guard history.count > 1, let bad = history.popLast(), let good = current else { return }
        let origin = RollbackOrigin(generation: bad, settings: settings, isByHand: isByHand)
        postponeDeploy()
        if probation != nil { restoreSettings() }
        rolledBack.removeAll { $0.generation.content == bad.content }
        rolledBack = (rolledBack + [RolledBack(generation: bad, reason: reason)]).suffix(RolledBack.limit)
        probation = nil
        vacancies = []
        quarantine.releaseAll()
        announceReload("rolling back to \(good)")
        for worker in active where worker.isYetToServe && worker.generation == bad { dismiss(worker.serial) }
        let replacing = Set(active.filter { $0.generation == bad }.map(\.serial))
        var roll = Roll(.rollback, request, target: good, replacing: replacing)
        roll.origin = origin
        deploy = .rolling(roll)
    }

    /// Whether the way back has come to nothing: none of its workers serves, and they do not start either.
    ///
    /// - Parameters:
    ///   - worker: The one that has not started; its deadline has passed, or it has ended with a reason.
    ///   - failures: How often in a row, with this one.
    ///   - isRefused: It would be refused again.
    /// - Returns: The roll, and where it comes from.
    func vainRollback(_ worker: Worker, failures: Int, isRefused: Bool) -> (Roll, RollbackOrigin)? {
        guard case .rolling(let roll) = deploy, let origin = roll.origin, roll.target == worker.generation,
            !serving.contains(where: { $0.generation == roll.target })
        else { return nil }
        // What is known to be bad is not gone back to because of one bad moment.
        return origin.isByHand || isRefused || failures >= ClusterTiming.patientTries ? (roll, origin) : nil
    }

    /// The generation that was to be left stays, as if nobody had wanted to leave it.
    mutating func abandonRollback(_ roll: Roll, _ origin: RollbackOrigin, _ reasons: [String]) {
        let stays = origin.generation
        let problem = "workers of \(roll.target) do not start; \(stays) stays in service"
        log(.alert, problem)
        for reason in reasons { log(.error, reason) }
        lastRejection = [problem] + reasons
        reply(roll.request.waiters, false, ["rollback failed: " + lastRejection.joined(separator: "\n")])
        history = Array((history + [stays]).suffix(historyLimit))
        rolledBack.removeAll { $0.generation.content == stays.content }
        settings = origin.settings
        vacancies = []
        for worker in active where worker.isYetToServe && worker.generation == roll.target { dismiss(worker.serial) }
        endDeploy()
    }

    /// A deploy that has not got as far as serving begins anew after the way back.
    private mutating func postponeDeploy() {
        switch deploy {
        case .checking(let request): enqueue(request)
        case .candidate(let request, _, let serial):
            enqueue(request)
            dismiss(serial)
        case .rolling, nil: break
        }
        deploy = nil
    }

    static func text(milliseconds: Int) -> String {
        let tenths = (milliseconds + 50) / 100
        return switch milliseconds {
        case ..<1000: "\(milliseconds) ms"
        case ..<10_000 where !tenths.isMultiple(of: 10): "\(tenths / 10).\(tenths % 10) s"
        default: "\((milliseconds + 500) / 1000) s"
        }
    }
}
