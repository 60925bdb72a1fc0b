// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// From what is on disk to a candidate that is ready, or the reasons why not.
extension ClusterMachine {
    mutating func requestDeploy(_ request: DeployRequest) {
        if let paused = expectedBeforePause {
            expected = paused
            expectedBeforePause = nil
        }
        if deploy == nil, !isCheckingUpgrade { beginDeploy(request) } else { enqueue(request) }
    }

    /// One more deploy, with what is on disk then.
    mutating func enqueue(_ request: DeployRequest) {
        if queued == nil { queued = request } else { queued?.merge(request) }
    }

    mutating func beginDeploy(_ request: DeployRequest) {
        deploy = .checking(request)
        hasChanged = true
        if current != nil { announceReload("checking what is on disk") }
        // A check that is still under way for a deploy that was put off has read what was there before.
        isCheckStale = isCheckRunning
        guard !isCheckRunning else { return }
        isCheckRunning = true
        actions.append(.check)
    }

    mutating func finishCheck(_ result: CheckResult) {
        guard isCheckRunning, stop == nil else { return }
        isCheckRunning = false
        guard case .checking(let request) = deploy else {
            isRetireDue = true
            return
        }
        guard !isCheckStale else {
            isCheckStale = false
            isCheckRunning = true
            actions.append(.check)
            return
        }
        switch result {
        case .refused(let problems, let exitCode): reject(request, problems, exitCode: exitCode)
        case .accepted(let generation, let settings, let keeping, let warnings):
            for warning in warnings { log(.warning, warning) }
            deployWarnings = warnings
            if let known = rolledBack.first(where: { $0.generation.content == generation.content }), !request.isForced {
                let problem =
                    "this content was rolled back before: \(known.reason) – change it, or use "
                    + "`hero cluster reload --force`"
                reject(request, [problem], exitCode: 78)
                return
            }
            if generation == current {
                log(.info, "nothing has changed on disk; the workers are replaced all the same")
            }
            self.settings = settings
            historyLimit = max(keeping, 2)
            deploy = .candidate(request, generation, serial: spawn(generation, isCandidate: true))
        }
    }

    /// The new generation does not come into service; what serves goes on.
    mutating func reject(_ request: DeployRequest, _ problems: [String], exitCode: Int32) {
        let problems = problems.isEmpty ? ["no reason is known"] : problems
        deploy = nil
        for problem in problems { log(.error, problem) }
        lastRejection = problems
        let answer = "deploy rejected: " + problems.joined(separator: "\n")
        reply(request.waiters, false, [answer])
        guard let current else {
            // There is nothing that could go on.
            log(.emerg, "the first generation was refused; there is nothing to serve")
            reply(takeClients(), false, [answer])
            end(exitCode)
            return
        }
        log(.alert, "the new generation was refused; \(current) stays in service")
        endDeploy()
    }

    /// Nothing is under way any more, except for what is queued.
    mutating func endDeploy() {
        deploy = nil
        hasChanged = true
        isRetireDue = true
    }

    mutating func finishWaiters() {
        let text = lastRejection.isEmpty ? [] : ["last deploy rejected: " + lastRejection.joined(separator: "\n")]
        reply(waiters, lastRejection.isEmpty, text)
        waiters = []
    }

    /// What is next, whatever that is.
    mutating func advanceDeploy() {
        switch deploy {
        case nil, .checking: break
        case .candidate(let request, let generation, let serial):
            if worker(serial)?.phase == .ready { accept(request, generation, serial) }
        case .rolling(let roll): advance(roll)
        }
        guard deploy == nil, !isCheckingUpgrade else { return }
        if let next = queued {
            queued = nil
            beginDeploy(next)
        } else {
            renewOutgrown()
            if deploy == nil, probation == nil, !waiters.isEmpty { finishWaiters() }
        }
    }

    /// The candidate is ready: it is the first of the new workers.
    private mutating func accept(_ request: DeployRequest, _ generation: GenerationID, _ serial: Int) {
        lastRejection = []
        quarantine.releaseAll()
        rolledBack.removeAll { $0.generation.content == generation.content }
        vacancies = []
        if generation != current {
            if let probation { settle(probation) }
            let isFirst = history.isEmpty
            history = Array((history + [generation]).suffix(historyLimit))
            if !isFirst { probation = Probation(generation: generation, since: now, waiters: request.waiters) }
        } else if var watched = probation {
            // The same content does not escape its probation by being deployed again.
            watched.waiters += request.waiters
            watched.until = nil
            probation = watched
        }
        promote(serial)
        let replacing = Set(active.map(\.serial)).subtracting([serial])
        beginRoll(Roll(.deploy, request, target: generation, replacing: replacing))
    }
}
