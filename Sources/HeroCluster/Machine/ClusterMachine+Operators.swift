// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What operators ask for, by signals and by commands.
extension ClusterMachine {
    mutating func receive(_ signal: ClusterSignal) {
        if stop != nil, signal == .terminate || signal == .interrupt || signal == .quit {
            log(.info, "Signal: \(signal.rawValue)")
            killAll()
            return
        }
        log(.info, "Signal: \(signal.rawValue)")
        switch signal {
        case .terminate, .interrupt, .quit: beginStop()
        case .user2:
            log(.info, "swap out new workers one-by-one")
            requestDeploy(DeployRequest(cause: signal.rawValue))
        case .hangUp:
            log(.info, "reload all workers now")
            requestDeploy(DeployRequest(isAllAtOnce: true, cause: signal.rawValue))
        case .user1:
            actions.append(.reopenLogs)
            for worker in workers where worker.phase != .spawned {
                actions.append(.send(serial: worker.serial, .reopenLogs))
            }
        case .increase:
            log(.info, "add a worker")
            scale(to: expected + 1)
        case .decrease:
            log(.info, "remove a worker")
            scale(to: max(expected - 1, 0))
        case .windowChange: pause()
        case .upgrade: requestUpgrade(client: nil)
        }
    }

    private mutating func scale(to count: Int) {
        expectedBeforePause = nil
        expected = count
        hasChanged = true
    }

    /// Drains all workers; the sockets stay open, so clients wait instead of being refused.
    private mutating func pause() {
        guard expectedBeforePause == nil else { return }
        expectedBeforePause = expected
        expected = 0
        hasChanged = true
        vacancies = []
        for worker in active {
            log(.info, "signaling worker #\(worker.id) to stop")
            tellToStop(worker.serial)
        }
    }

    // MARK: Stop

    private mutating func beginStop() {
        guard stop == nil else { return }
        stop = Stop(deadline: now + stopTimeout, nextLine: now)
        expected = 0
        vacancies = []
        actions.append(.notify(.stopping))
        reply(queued?.waiters ?? [], false, ["the cluster is stopping"])
        switch deploy {
        case .checking(let request)?, .candidate(let request, _, _)?:
            reply(request.waiters, false, ["the cluster is stopping"])
        case .rolling(let roll)?: reply(roll.request.waiters, false, ["the cluster is stopping"])
        case nil: break
        }
        reply(probation?.waiters ?? [], false, ["the cluster is stopping"])
        probation = nil
        queued = nil
        deploy = nil
        for worker in active where worker.isUp {
            actions.append(.kill(serial: worker.serial))
            change(worker.serial) { $0.phase = .stopping }
        }
    }

    private mutating func killAll() {
        for worker in workers { actions.append(.kill(serial: worker.serial)) }
    }

    /// Tells one worker after the other, the highest id first, without waiting long for any of them.
    mutating func workStopping() {
        guard var stop else { return }
        defer { if self.stop != nil { self.stop = stop } }
        if workers.isEmpty {
            log(.notice, "all workers stopped")
            reply(waiters, true, ["all workers stopped"])
            actions.append(.exit(0))
            return
        }
        let hasPatience = stop.leaving.map { serial in worker(serial) != nil && now < stop.leavingUntil } ?? false
        if !hasPatience, let next = active.max(by: { $0.id < $1.id }) {
            log(.info, "signaling worker #\(next.id) to stop")
            tellToStop(next.serial)
            stop.leaving = next.serial
            stop.leavingUntil = now + ClusterTiming.patience
        }
        if now >= stop.nextLine {
            log(.info, "\(workers.count) workers running, waiting on stop")
            stop.nextLine = now + ClusterTiming.patience
        }
    }

    // MARK: Commands

    mutating func receive(_ command: ControlCommand, from client: Int) {
        switch command {
        case .status:
            actions.append(.reply(client: client, ControlReply(isSuccess: true, lines: [], isStatus: true)))
        case .reload(let wait, let force):
            log(.info, "reload asked for by command")
            if !wait { reply([client], true, ["reload has begun"]) }
            requestDeploy(DeployRequest(isForced: force, waiters: wait ? [client] : [], cause: "reload"))
        case .rollback: rollBackByHand(client)
        case .scale(let count):
            log(.info, "scale to \(count) workers asked for by command")
            scale(to: count)
            reply([client], true, ["\(count) workers are wanted"])
        case .stop:
            log(.info, "stop asked for by command")
            waiters.append(client)
            beginStop()
        case .release(let name):
            guard quarantine.release(name) else {
                reply([client], false, ["no action of that name is in quarantine: \(name)"])
                return
            }
            log(.notice, "the action \(name) is released from quarantine")
            shareQuarantine()
            reply([client], true, ["\(name) is served again"])
        case .upgrade: requestUpgrade(client: client)
        case .wait:
            waiters.append(client)
            if deploy == nil, probation == nil, !isCheckingUpgrade {
                reply(waiters, lastRejection.isEmpty, lastRejection)
                waiters = []
            }
        }
    }

    private mutating func rollBackByHand(_ client: Int) {
        guard deploy == nil, !isCheckingUpgrade else {
            reply([client], false, ["a deploy is under way; wait until it is over"])
            return
        }
        guard history.count > 1, let bad = current else {
            reply([client], false, ["there is no earlier generation to go back to"])
            return
        }
        let good = history[history.count - 2]
        log(.notice, "\(bad) is rolled back to \(good), asked for by command")
        reply(probation?.waiters ?? [], false, ["rolled back by command"])
        rolledBack[bad] = "rolled back by command"
        startRollback(DeployRequest(waiters: [client], cause: "rollback"))
    }

    mutating func forget(_ client: Int) {
        waiters.removeAll { $0 == client }
        upgradeClients.removeAll { $0 == client }
    }

    // MARK: A new executable

    private mutating func requestUpgrade(client: Int?) {
        guard deploy == nil, !isCheckingUpgrade else {
            if let client { reply([client], false, ["a deploy is under way; wait until it is over"]) }
            log(.warning, "no upgrade while a deploy is under way")
            return
        }
        isCheckingUpgrade = true
        if let client { upgradeClients.append(client) }
        log(.notice, "asking the new executable whether it can take over")
        actions.append(.checkUpgrade)
    }

    mutating func finishUpgradeCheck(_ problems: [String]) {
        guard isCheckingUpgrade else { return }
        isCheckingUpgrade = false
        guard problems.isEmpty else {
            for problem in problems { log(.error, problem) }
            log(.alert, "the new executable was refused; this one carries on")
            reply(upgradeClients, false, ["upgrade refused: " + problems.joined(separator: "\n")])
            upgradeClients = []
            return
        }
        log(.notice, "handing over to the new executable")
        reply(upgradeClients, true, ["the new executable takes over"])
        upgradeClients = []
        actions.append(.handOver)
    }

    /// The new executable's first event.
    mutating func resume() {
        // Clients of the old executable are gone.
        waiters = []
        log(.notice, "the new executable has taken over")
        for worker in workers {
            change(worker.serial) { [now] in $0.lastPong = now }
        }
        beginDeploy(DeployRequest(cause: "upgrade"))
    }

    // MARK: Status

    /// One line that a person can read.
    var summary: String {
        let generation = current.map { "\($0)" } ?? "no generation"
        var text = "\(serving.count) of \(expected) workers serve \(generation)"
        if expectedBeforePause != nil { text = "paused: no worker serves, connections wait" }
        if let next = vacancies.map(\.retryAt).min(), next > now {
            text += "; \(vacancies.count) crashed, next try in \((next - now + 999) / 1000) s"
        }
        if !lastRejection.isEmpty { text += "; last deploy rejected" }
        if !quarantine.names.isEmpty { text += "; in quarantine: \(quarantine.names.sorted().joined(separator: ", "))" }
        return text
    }
}
