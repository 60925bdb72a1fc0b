// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// A new executable takes over.
extension ClusterMachine {
    mutating func requestUpgrade(client: Int?) {
        guard deploy == nil, !isCheckingUpgrade else {
            if let client { reply([client], false, ["a deploy is under way; wait until it is over"]) }
            log(.warning, "no upgrade while a deploy is under way")
            return
        }
        isCheckingUpgrade = true
        upgradeWait = CheckWait(until: now + settings.checkLimit)
        if let client { upgradeClients.append(client) }
        log(.notice, "asking the new executable whether it can take over")
        actions.append(.checkUpgrade)
    }

    mutating func finishUpgradeCheck(_ problems: [String]) {
        guard isCheckingUpgrade else { return }
        isCheckingUpgrade = false
        upgradeWait = nil
        var problems = problems
        if problems.isEmpty, deploy != nil { problems = ["workers are being replaced; try again"] }
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
        // The new executable does not know them; who waits for a probation learns that much.
        reply(probation?.waiters ?? [], true, ["\(current.map { "\($0)" } ?? "nothing") serves; \(Self.takenOver)"])
        probation?.waiters = []
        reply(takeClients(), false, [Self.takenOver])
        actions.append(.handOver)
    }

    private static let takenOver = "a new executable takes over: ask again what comes of it"

    mutating func failHandOver(_ reason: String) {
        log(.alert, "cannot hand over: \(reason); this executable carries on")
        lastRejection = ["upgrade failed: \(reason)"]
        upgradeRemark = []
    }

    /// The new executable's first event.
    mutating func resume() {
        // Clients of the old executable, and its children that check, are gone.
        _ = takeClients()
        (queued, isCheckRunning, isCheckStale, isCheckingUpgrade) = (nil, false, false, false)
        (checkWait, upgradeWait) = (nil, nil)
        for worker in active where worker.isCandidate && worker.isYetToServe { dismiss(worker.serial) }
        log(.notice, "the new executable has taken over")
        lastTick = now
        for worker in workers {
            change(worker.serial) { [now] in $0.lastPong = now }
        }
        beginDeploy(DeployRequest(cause: DeployRequest.upgradeCause))
    }

    /// An upgrade is about the executable: where what is on disk cannot be deployed, what serves goes on under the new one.
    ///
    /// - Parameters:
    ///   - request: What is about to be rejected.
    ///   - problems: Why.
    /// - Returns: Whether something else is tried in its place.
    mutating func carriesOn(_ request: DeployRequest, _ problems: [String]) -> Bool {
        guard request.isUpgrade, request.rejection == nil, let current else { return false }
        for problem in problems { log(.error, problem) }
        let effect = "what is on disk is not deployed; \(current) goes on under the new executable"
        log(.alert, effect)
        var request = request
        request.rejection = problems
        upgradeRemark = [effect] + problems
        tryOut(current, settings, request)
        return true
    }
}
