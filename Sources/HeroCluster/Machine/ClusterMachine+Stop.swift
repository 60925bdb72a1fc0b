// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// The end of the cluster.
extension ClusterMachine {
    /// - Parameter client: To be told when it is over.
    mutating func beginStop(client: Int?) {
        if let client, stop != nil { stop?.clients.append(client) }
        guard stop == nil else { return }
        stop = Stop(clients: client.map { [$0] } ?? [], deadline: now + stopTimeout, nextLine: now)
        expected = 0
        expectedBeforePause = nil
        vacancies = []
        actions.append(.notify(.stopping))
        reply(takeClients(), false, ["the cluster is stopping"])
        probation = nil
        queued = nil
        deploy = nil
        isCheckingUpgrade = false
        (checkWait, upgradeWait) = (nil, nil)
        for worker in active where worker.isYetToServe { dismiss(worker.serial) }
    }

    mutating func killAll() {
        for worker in workers { kill(worker.serial) }
    }

    /// Ends a worker now, and does not wait for ever until it has ended.
    mutating func kill(_ serial: Int) {
        actions.append(.kill(serial: serial))
        change(serial) { [now] in
            $0.isKilled = true
            $0.deadline = now + ClusterTiming.lastGrace
        }
    }

    /// Tells one worker after the other, the highest id first, without waiting long for any of them.
    mutating func workStopping() {
        guard var stop else { return }
        if workers.isEmpty {
            log(.notice, "all workers stopped")
            reply(stop.clients, true, ["all workers stopped"])
            end(0)
            return
        }
        let hasPatience = stop.leaving.map { serial in worker(serial) != nil && now < stop.leavingUntil } ?? false
        if !hasPatience, let next = active.max(by: { $0.id < $1.id }) {
            log(.info, "signaling worker #\(next.id) to stop")
            tellToStop(next.serial)
            stop.leaving = next.serial
            // However many there are, the last one is told when half of the time is left.
            stop.leavingUntil = now + min(ClusterTiming.patience, stopTimeout / (2 * workers.count))
        }
        if now >= stop.nextLine {
            log(.info, "\(workers.count) workers running, waiting on stop")
            stop.nextLine = now + ClusterTiming.patience
        }
        self.stop = stop
    }

    /// Nothing is done after this.
    mutating func end(_ exitCode: Int32) {
        hasEnded = true
        actions.append(.exit(exitCode))
    }
}
