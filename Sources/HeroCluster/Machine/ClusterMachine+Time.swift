// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What the passing of time brings.
extension ClusterMachine {
    mutating func tick(_ counters: [Int: WorkerCounters]) {
        if now - lastTick > ClusterTiming.standstill { excuseSilence() }
        lastTick = now
        // One of them may bring the way back, which changes the others.
        for serial in workers.map(\.serial) {
            if let worker = worker(serial) { checkDeadline(worker) }
        }
        endLateChecks()
        for worker in serving where worker.failures > 0 && now - (worker.servedAt ?? now) > ClusterTiming.healthyAfter {
            change(worker.serial) { $0.failures = 0 }
        }
        crashTimes.removeAll { $0 <= now - ClusterTiming.flapWindow }
        if crashTimes.isEmpty { isFlapping = false }
        if now >= nextPing {
            nextPing = now + max(settings.heartbeat.interval, 1)
            // Without a limit for the answer there is nothing to ask for.
            for worker in serving where settings.heartbeat.timeout > 0 {
                actions.append(.send(serial: worker.serial, .ping))
            }
        }
        if settings.workerMemoryLimit > 0 { checkMemory(counters) }
        checkProbation(counters)
    }

    /// The whole container was frozen, or this process was: nobody could have answered.
    private mutating func excuseSilence() {
        for worker in workers {
            change(worker.serial) { [now] in $0.lastPong = now }
        }
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
            blame(worker.serial, worker.label + "something blocks its event loop")
            return
        }
        guard let deadline = worker.deadline, now >= deadline else { return }
        if worker.isKilled {
            abandon(worker)
            return
        }
        if worker.phase == .stopping { log(.warning, worker.label + "did not stop in time and is killed") }
        // The end of the process is the next event, and tells the reason.
        change(worker.serial) { $0.isLate = worker.isYetToServe && !worker.isAborted }
        kill(worker.serial)
    }

    /// Not even a kill ends a process that waits for a device or a file system which does not answer.
    private mutating func abandon(_ worker: Worker) {
        log(
            .alert,
            worker.label
                + "has not ended \(Self.text(milliseconds: ClusterTiming.lastGrace)) after it was killed, and is "
                + "not waited for any more; look for a device or a file system that does not answer")
        actions.append(.abandon(serial: worker.serial))
        workerEnded(worker.serial, WorkerEnd(cause: .signal(9)))
    }

    private mutating func checkMemory(_ counters: [Int: WorkerCounters]) {
        for serial in serving.map(\.serial) {
            guard let worker = worker(serial), worker.phase == .serving, !worker.isOutgrown else { continue }
            let size = counters[worker.serial]?.residentMegabytes ?? 0
            guard size > settings.workerMemoryLimit else { continue }
            let reason = worker.label + "uses \(size) MB, more than its \(settings.workerMemoryLimit) MB"
            log(.warning, reason + "; it is replaced")
            change(worker.serial) { $0.isOutgrown = true }
            blame(worker.serial, reason)
        }
    }
}
