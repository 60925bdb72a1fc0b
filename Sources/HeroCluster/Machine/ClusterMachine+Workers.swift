// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What workers say, and what they are told.
extension ClusterMachine {
    mutating func receive(_ message: WorkerMessage, from serial: Int) {
        guard let worker = worker(serial) else { return }
        switch message {
        case .starting:
            guard worker.phase == .spawned else { return }
            change(serial) { $0.phase = .starting }
            log(.info, worker.label + "starting")
        case .progress(let what): change(serial) { $0.progress = String(what.prefix(ClusterLimits.progressLength)) }
        case .started(let description):
            guard worker.phase == .spawned || worker.phase == .starting else { return }
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
        case .refused(let problems): change(serial) { $0.problems = Array(problems.prefix(ClusterLimits.problems)) }
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
        shareDeaths(with: serial)
        actions.append(.send(serial: serial, .serve(quarantined: quarantine.names.sorted())))
        shareCrashes(with: serial)
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

    /// Ends a worker that has not begun anything for anybody.
    mutating func dismiss(_ serial: Int) {
        kill(serial)
        change(serial) { $0.phase = .stopping }
        hasChanged = true
    }

    mutating func expectEnd(_ serial: Int, within limit: Int? = nil) {
        change(serial) { [now, stopTimeout] in
            $0.phase = .stopping
            $0.deadline = now + (limit ?? stopTimeout) + ClusterTiming.killGrace
        }
        hasChanged = true
    }

    mutating func shareQuarantine() {
        for worker in serving {
            actions.append(.send(serial: worker.serial, .quarantine(quarantine.names.sorted())))
        }
    }
}
