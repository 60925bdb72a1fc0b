// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// As many workers as are wanted, one decision after another.
extension ClusterMachine {
    /// Brings what is closer to what is wanted; called after every event.
    mutating func work() {
        if stop != nil {
            workStopping()
            return
        }
        advanceDeploy()
        removeExcess()
        fillVacancies()
        shareCrashes()
        announce()
        retire()
    }

    /// Workers that count: not those that are only tried.
    private var regular: [Worker] { active.filter { !$0.isCandidate || $0.phase == .serving } }

    private var isRolling: Bool { if case .rolling = deploy { true } else { false } }

    /// Tells workers to stop that are more than wanted: those that do not serve yet, then the highest id first.
    private mutating func removeExcess() {
        // A roll stops what is too much.
        guard !isRolling, !workers.contains(where: { $0.phase == .stopping }) else { return }
        let regular = regular
        guard regular.count > expected else { return }
        let idle = regular.filter(\.isYetToServe)
        guard let worker = (idle.isEmpty ? regular : idle).max(by: { $0.id < $1.id }) else { return }
        log(.info, "signaling worker #\(worker.id) to stop")
        tellToStop(worker.serial)
    }

    /// Starts workers that are missing: new ones one after the other, replacements of crashed ones when their time has
    /// come, whatever the others do.
    private mutating func fillVacancies() {
        guard let current, !isRolling else { return }
        let regular = regular
        var missing = expected - regular.count
        vacancies = Array(vacancies.sorted { $0.retryAt < $1.retryAt }.prefix(max(missing, 0)))
        if regular.isEmpty { hurry() }
        for vacancy in vacancies where vacancy.retryAt <= now && (!vacancy.isRefused || regular.isEmpty) {
            guard missing > 0 else { break }
            missing -= 1
            remove(vacancy)
            spawn(current, failures: vacancy.failures)
        }
        guard missing > vacancies.count, !active.contains(where: { $0.isYetToServe && !$0.isCandidate }) else { return }
        spawn(current)
    }

    /// One place is tried again soon when nobody serves or is about to.
    private mutating func hurry() {
        let soon = now + ClusterTiming.shortestBackoff
        guard let first = vacancies.firstIndex(where: { !$0.isRefused }), vacancies[first].retryAt > soon else {
            return
        }
        vacancies[first].retryAt = soon
    }

    private mutating func remove(_ vacancy: Vacancy) {
        let position = vacancies.firstIndex { $0.retryAt == vacancy.retryAt && $0.failures == vacancy.failures }
        if let position { vacancies.remove(at: position) }
    }

    /// Makes use of a place whose time has come.
    ///
    /// - Returns: How often its workers have crashed in a row.
    mutating func takeVacancy() -> Int {
        guard let first = vacancies.filter({ $0.retryAt <= now }).min(by: { $0.retryAt < $1.retryAt }) else { return 0 }
        remove(first)
        return first.failures
    }

    /// - Returns: The serial of the new worker.
    @discardableResult
    mutating func spawn(_ generation: GenerationID, isCandidate: Bool = false, failures: Int = 0) -> Int {
        let taken = Set(workers.map(\.id))
        let id = (1...(taken.count + 1)).first { !taken.contains($0) } ?? taken.count + 1
        let serial = nextSerial
        nextSerial += 1
        var worker = Worker(
            serial: serial, id: id, generation: generation, isCandidate: isCandidate, spawnedAt: now,
            failures: failures)
        worker.deadline = now + settings.readyTimeout
        workers.append(worker)
        hasChanged = true
        log(.info, "starting worker #\(id)")
        actions.append(.spawn(serial: serial, id: id, generation))
        return serial
    }

    // MARK: Announcing

    /// Says once after each change that everything is as it should be, or what is not.
    private mutating func announce() {
        let count = serving.count
        if count >= expected {
            downSince = nil
            lastCrash = ""
        } else if count == 0, downSince == nil {
            downSince = now
        } else if count > 0 {
            downSince = nil
        }
        announceToSystemd(count)
        guard hasChanged, deploy == nil else { return }
        if workers.isEmpty, expected > 0, current != nil, !vacancies.isEmpty {
            hasChanged = false
            log(.warning, "0 workers in this cluster")
        }
        guard count == expected, workers.count == count else { return }
        hasChanged = false
        if count > 0 { log(.notice, "cluster equilibrium state reached with \(count) workers") }
    }

    private mutating func announceToSystemd(_ count: Int) {
        guard current != nil else { return }
        let status = "\(state): \(situation)"
        // The end of a deploy is told also while a crashed worker waits for its next try: the deploy is not to blame.
        if count == expected || isReloadAnnounced, deploy == nil, !isReadyAnnounced {
            isReadyAnnounced = true
            isReloadAnnounced = false
            announcedStatus = status
            actions.append(.notify(.ready(status)))
        } else if status != announcedStatus {
            announcedStatus = status
            actions.append(.notify(.status(status)))
        }
    }

    /// Tells the service manager that a deploy is under way.
    mutating func announceReload(_ text: String) {
        isReadyAnnounced = false
        isReloadAnnounced = true
        actions.append(.notify(.reloading(text)))
    }

    // MARK: Retiring

    /// Lets go of what neither a worker nor the way back needs.
    private mutating func retire() {
        guard isRetireDue, !isCheckRunning else { return }
        isRetireDue = false
        var used = Set(workers.map(\.generation))
        if case .rolling(let roll) = deploy, let origin = roll.origin { used.insert(origin.generation) }
        var listening = used
        if let current { listening.insert(current) }
        // The way back must find its sockets open.
        if probation != nil { listening.formUnion(history.suffix(2)) }
        func sorted(_ set: Set<GenerationID>) -> [GenerationID] {
            set.sorted { ($0.number, $0.root) < ($1.number, $1.root) }
        }
        actions.append(.retire(keeping: sorted(used.union(history)), listening: sorted(listening)))
    }
}
