// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What operators ask for, by signals and by commands.
extension ClusterMachine {
    mutating func receive(_ signal: ClusterSignal) {
        log(.info, "Signal: \(signal.rawValue)")
        switch signal {
        case .terminate, .interrupt, .quit:
            if stop == nil { beginStop(client: nil) } else { killAll() }
            return
        case .user1:
            reopenLogs()
            return
        default: break
        }
        guard stop == nil else { return }
        switch signal {
        case .user2:
            log(.info, "swap out new workers one-by-one")
            requestDeploy(DeployRequest(cause: signal.rawValue))
        case .hangUp:
            log(.info, "reload all workers now")
            requestDeploy(DeployRequest(isAllAtOnce: true, cause: signal.rawValue))
        case .increase:
            log(.info, "add a worker")
            scale(to: (expectedBeforePause ?? expected) + 1)
        case .decrease:
            log(.info, "remove a worker")
            scale(to: (expectedBeforePause ?? expected) - 1)
        case .windowChange: pause()
        case .upgrade: requestUpgrade(client: nil)
        case .terminate, .interrupt, .quit, .user1: break
        }
    }

    mutating func reopenLogs() {
        actions.append(.reopenLogs)
        for worker in workers where worker.phase != .spawned {
            actions.append(.send(serial: worker.serial, .reopenLogs))
        }
    }

    private mutating func scale(to count: Int) {
        expectedBeforePause = nil
        expected = min(max(count, 0), ClusterLimits.workers)
        hasChanged = true
    }

    /// Drains all workers; the sockets stay open, so clients wait instead of being refused.
    private mutating func pause() {
        guard expectedBeforePause == nil else { return }
        expectedBeforePause = expected
        expected = 0
        hasChanged = true
        vacancies = []
        // A candidate goes on: it says whether the next generation works.
        for worker in active.sorted(by: { $0.id > $1.id }) where !worker.isCandidate || worker.phase == .serving {
            log(.info, "signaling worker #\(worker.id) to stop")
            tellToStop(worker.serial)
        }
    }

    // MARK: Commands

    mutating func receive(_ command: ControlCommand, from client: Int, obstacle: String? = nil) {
        switch command {
        case .status:
            actions.append(.reply(client: client, ControlReply(isSuccess: true, lines: [], isStatus: true)))
            return
        case .stop:
            log(.info, "stop asked for by command")
            beginStop(client: client)
            return
        default: break
        }
        guard stop == nil else {
            reply([client], false, ["the cluster is stopping"])
            return
        }
        switch command {
        case .reload(let wait, let force):
            log(.info, "reload asked for by command")
            if !wait { reply([client], true, ["reload has begun"]) }
            requestDeploy(DeployRequest(isForced: force, waiters: wait ? [client] : [], cause: "reload"))
        case .rollback: rollBackByHand(client, obstacle)
        case .scale(let count):
            log(.info, "scale to \(count) workers asked for by command")
            scale(to: count)
            reply([client], true, ["\(expected) workers are wanted"])
        case .release(let name): release(name, client)
        case .upgrade: requestUpgrade(client: client)
        case .wait: waiters.append(client)
        case .status, .stop: break
        }
    }

    private mutating func release(_ name: String, _ client: Int) {
        guard quarantine.release(name) else {
            reply([client], false, ["no action of that name is in quarantine: \(name)"])
            return
        }
        log(.notice, "the action \(name) is released from quarantine")
        shareQuarantine()
        reply([client], true, ["\(name) is served again"])
    }

    private mutating func rollBackByHand(_ client: Int, _ obstacle: String?) {
        guard deploy == nil, !isCheckingUpgrade else {
            reply([client], false, ["a deploy is under way; wait until it is over"])
            return
        }
        guard let good = earlier, let bad = current else {
            reply([client], false, ["there is no earlier generation to go back to"])
            return
        }
        if let obstacle {
            log(.error, "\(bad) is not rolled back: \(obstacle)")
            reply([client], false, ["\(obstacle); \(bad) goes on. Deploy what is to serve instead"])
            return
        }
        log(.notice, "\(bad) is rolled back to \(good), asked for by command")
        reply(probation?.waiters ?? [], false, ["rolled back by command"])
        lastRejection = []
        startRollback(
            DeployRequest(waiters: [client], cause: "rollback"), "rolled back by command", isByHand: true)
    }

    mutating func forget(_ client: Int) {
        waiters.removeAll { $0 == client }
        upgradeClients.removeAll { $0 == client }
        queued?.waiters.removeAll { $0 == client }
        probation?.waiters.removeAll { $0 == client }
        stop?.clients.removeAll { $0 == client }
    }

    /// All clients that wait for something, which are then forgotten.
    mutating func takeClients() -> [Int] {
        let all = [queued?.waiters, deploy?.request.waiters, probation?.waiters, waiters, upgradeClients]
        queued?.waiters = []
        probation?.waiters = []
        (waiters, upgradeClients) = ([], [])
        return Set(all.compactMap(\.self).joined()).sorted()
    }
}
