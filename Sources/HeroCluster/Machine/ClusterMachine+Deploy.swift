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
        upgradeRemark = []
        hasChanged = true
        if current != nil { announceReload("checking what is on disk") }
        // A check that is still under way for a deploy that was put off has read what was there before.
        isCheckStale = isCheckRunning
        guard !isCheckRunning else { return }
        startCheck()
    }

    mutating func finishCheck(_ result: CheckResult) {
        guard isCheckRunning, stop == nil else { return }
        isCheckRunning = false
        checkWait = nil
        guard case .checking(let request) = deploy else {
            isRetireDue = true
            return
        }
        guard !isCheckStale else {
            isCheckStale = false
            startCheck()
            return
        }
        switch result {
        case .refused(let problems, let exitCode): reject(request, problems, exitCode: exitCode)
        case .accepted(let generation, let settings, let keeping, let warnings, let losses):
            for warning in warnings { log(.warning, warning) }
            deployWarnings = warnings
            historyLimit = max(keeping, 2)
            if !request.isForced {
                if let known = rolledBack.first(where: { $0.generation.content == generation.content }) {
                    refuseAgain(request, generation, known, settings)
                    return
                }
                guard losses.isEmpty || current == nil else {
                    reject(request, losses.map { $0 + Self.forceAdvice }, exitCode: 78)
                    return
                }
            }
            if generation == current {
                log(.info, "nothing has changed on disk; the workers are replaced all the same")
            }
            tryOut(generation, settings, request)
        }
    }

    mutating func tryOut(_ generation: GenerationID, _ settings: ClusterSettings, _ request: DeployRequest) {
        if generation != current { formerSettings = current == nil ? nil : self.settings }
        self.settings = settings
        deploy = .candidate(request, generation, serial: spawn(generation, isCandidate: true))
    }

    /// The new generation does not come into service; what serves goes on.
    mutating func reject(_ request: DeployRequest, _ problems: [String], exitCode: Int32) {
        let problems = problems.isEmpty ? ["no reason is known"] : problems
        if case .candidate(_, let generation, _) = deploy, generation != current { restoreSettings() }
        if carriesOn(request, problems) { return }
        deploy = nil
        upgradeRemark = []
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
        log(.alert, DeployWords.refused(serving: "\(current)"))
        endDeploy()
    }

    /// What was refused, or goes back, takes its settings with it.
    mutating func restoreSettings() {
        settings = formerSettings ?? settings
        formerSettings = nil
    }

    /// Nothing is under way any more, except for what is queued.
    mutating func endDeploy() {
        deploy = nil
        hasChanged = true
        isRetireDue = true
    }

    mutating func finishWaiters() {
        if upgradeRemark.isEmpty {
            let text = lastRejection.isEmpty ? [] : ["last deploy rejected: " + lastRejection.joined(separator: "\n")]
            reply(waiters, lastRejection.isEmpty, text)
        } else {
            reply(waiters, true, upgradeRemark)
        }
        waiters = []
    }

    /// Takes the next step of the deploy in progress, if it is due.
    mutating func advanceDeploy() {
        switch deploy {
        case nil, .checking: break
        case .candidate(let request, let generation, let serial):
            guard let candidate = worker(serial), candidate.phase == .ready else { break }
            if !request.isForced, let loss = loss(by: candidate) {
                tellToStop(serial)
                reject(request, [loss + Self.forceAdvice], exitCode: 78)
            } else {
                accept(request, generation, serial)
            }
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
        lastRejection = request.rejection ?? []
        quarantine.releaseAll()
        rolledBack.removeAll { $0.generation.content == generation.content }
        servedActions = Self.names(worker(serial)?.description?.actions ?? [])
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
