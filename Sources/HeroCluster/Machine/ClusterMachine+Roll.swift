// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Workers of one generation take the places of others: start, wait until it serves, stop one old, the highest id first.
extension ClusterMachine {
    mutating func beginRoll(_ roll: Roll) {
        deploy = .rolling(roll)
        advance(roll)
    }

    mutating func advance(_ before: Roll) {
        var roll = before
        releaseOld(&roll)
        deploy = .rolling(roll)
        let old = active.filter { roll.replacing.contains($0.serial) }
        let new = active.filter { !roll.replacing.contains($0.serial) }
        let starting = new.filter(\.isYetToServe).count
        // The way back has not been gone while nobody serves there.
        let isThere = roll.purpose != .rollback || expected == 0 || !new.isEmpty
        if old.isEmpty, starting == 0, isThere {
            finish(roll)
            return
        }
        vacancies = Array(vacancies.sorted { $0.retryAt < $1.retryAt }.prefix(max(expected, 0)))
        // A new generation goes back when its workers do not start; everything else would go on trying.
        let isOnTrial = roll.purpose == .deploy && probation != nil
        if !isOnTrial, queued != nil, starting == 0, !vacancies.isEmpty {
            giveWay(roll)
            return
        }
        for _ in 0..<starts(roll, new: new.count, starting: starting) {
            spawn(roll.target, failures: takeVacancy())
        }
    }

    /// How many workers may be started now.
    private func starts(_ roll: Roll, new: Int, starting: Int) -> Int {
        let waiting = vacancies.filter { $0.retryAt > now }.count
        let missing = expected - new - waiting
        if roll.request.isAllAtOnce { return max(missing, 0) }
        let lacking = expected - serving.count
        if lacking <= 0 {
            // Nobody is missing, so there is time to see how the last step has gone.
            if waiting > 0 { return 0 }
            if let leaving = roll.leaving, now < leaving.until, worker(leaving.serial) != nil { return 0 }
        }
        // One at a time, unless crashes have made it fewer than there should be.
        return max(min(missing, max(lacking, 1) - starting), 0)
    }

    /// Stops old workers as far as new ones have taken their places.
    private mutating func releaseOld(_ roll: inout Roll) {
        let old = active.filter { roll.replacing.contains($0.serial) }
        // Those that do not serve yet are not needed any more.
        for worker in old where worker.isYetToServe { dismiss(worker.serial) }
        var surplus = serving.count - expected
        for worker in old.filter({ $0.phase == .serving }).sorted(by: { $0.id > $1.id }) where surplus > 0 {
            surplus -= 1
            tellToStop(worker.serial)
            roll.leaving = (worker.serial, now + ClusterTiming.patience)
        }
    }

    private mutating func finish(_ roll: Roll) {
        switch roll.purpose {
        case .deploy:
            if probation == nil {
                reply(roll.request.waiters, true, success(roll.target))
            } else {
                probation?.until = now + settings.probation.duration
                if settings.probation.duration == 0 { endProbation() }
            }
        case .rollback: reply(roll.request.waiters, true, ["\(roll.target) serves again"])
        case .renewal: break
        }
        endDeploy()
    }

    /// What serves now goes on serving, so that a deploy can come that may be the cure.
    private mutating func giveWay(_ roll: Roll) {
        log(.warning, "workers of \(roll.target) do not start; the next deploy goes first")
        reply(roll.request.waiters, false, ["workers of \(roll.target) do not start; the next deploy goes first"])
        endDeploy()
    }

    /// Operators who wait for a roll are told that its workers do not start, while the cluster goes on trying.
    mutating func tellWaiters(_ reason: String) {
        // A generation on probation goes back instead, and its waiters are told that.
        guard case .rolling(var roll) = deploy, probation == nil else { return }
        let told = Set(roll.request.waiters + waiters).sorted()
        reply(told, false, ["workers of \(roll.target) do not start, the cluster goes on trying: \(reason)"])
        roll.request.waiters = []
        waiters = []
        deploy = .rolling(roll)
    }

    /// Replaces workers that use too much memory.
    mutating func renewOutgrown() {
        let outgrown = serving.filter(\.isOutgrown).map(\.serial)
        guard let current, !outgrown.isEmpty else { return }
        beginRoll(Roll(.renewal, DeployRequest(cause: "memory"), target: current, replacing: Set(outgrown)))
    }
}
