// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The master's decisions, without any of its doings: events go in, actions come out.
///
/// Time is given with each event, in milliseconds of a clock that never goes back.
package struct ClusterMachine: Codable, Sendable {
    var settings: ClusterSettings
    /// How many workers are wanted.
    var expected: Int
    /// How many were wanted before `WINCH`.
    var expectedBeforePause: Int?
    /// How long workers have for what they have begun, in milliseconds.
    let stopTimeout: Int
    var workers: [Worker] = []
    var vacancies: [Vacancy] = []
    var nextSerial = 1
    /// Generations that served, the oldest first; the last one serves.
    var history: [GenerationID] = []
    var deploy: Deploy?
    var queued: DeployRequest?
    var probation: Probation?
    var stop: Stop?
    /// Content that was rolled back, and why.
    var rolledBack: [GenerationID: String] = [:]
    var lastRejection: [String] = []
    var quarantine = Quarantine()
    /// Clients that wait for the end of whatever is under way.
    var waiters: [Int] = []
    var isCheckingUpgrade = false
    var upgradeClients: [Int] = []
    var nextPing = 0
    var crashTimes: [Int] = []
    var isFlapping = false
    /// Whether the line about the equilibrium is due when it is reached.
    var hasChanged = true
    var isReadyAnnounced = false
    /// Whether the service manager believes that a deploy is under way.
    var isReloadAnnounced = false
    /// What the service manager was last told.
    var lastSummary = ""
    /// The clock of the event that is being handled.
    var now = 0
    var actions: [ClusterAction] = []

    private enum CodingKeys: CodingKey {
        // Actions are taken after each event, so there are none to be kept.
        case settings, expected, expectedBeforePause, stopTimeout, workers, vacancies, nextSerial, history, deploy
        case queued, probation, stop, rolledBack, lastRejection, quarantine, waiters, isCheckingUpgrade, upgradeClients
        case nextPing, crashTimes, isFlapping, hasChanged, isReadyAnnounced, isReloadAnnounced
    }

    /// - Parameters:
    ///   - settings: `config/cluster.yml`.
    ///   - workers: How many workers are wanted.
    ///   - stopTimeout: How long workers have for what they have begun, in milliseconds.
    package init(settings: ClusterSettings, workers: Int, stopTimeout: Int) {
        self.settings = settings
        self.stopTimeout = stopTimeout
        expected = workers
    }

    /// - Parameters:
    ///   - event: What happened.
    ///   - now: Milliseconds.
    /// - Returns: What is to be done, in this order.
    package mutating func handle(_ event: ClusterEvent, now: Int) -> [ClusterAction] {
        self.now = now
        actions = []
        switch event {
        case .start: beginDeploy(DeployRequest(cause: "start"))
        case .resumed: resume()
        case .signal(let signal): receive(signal)
        case .checked(let result): finishCheck(result)
        case .worker(let serial, let message): receive(message, from: serial)
        case .spawned(let serial, let pid): change(serial) { $0.pid = pid }
        case .exited(let serial, let end): workerEnded(serial, end)
        case .control(let client, let command): receive(command, from: client)
        case .clientGone(let client): forget(client)
        case .upgradeChecked(let problems): finishUpgradeCheck(problems)
        case .tick(let counters): tick(counters)
        }
        work()
        defer { actions = [] }
        return actions
    }

    /// When ``ClusterEvent/tick(_:)`` is to come next, at the latest.
    package var nextDeadline: Int {
        var times = [nextPing]
        times += workers.compactMap(\.deadline)
        times += vacancies.map(\.retryAt)
        if let until = probation?.until { times.append(until) }
        if let stop { times += [stop.nextLine, stop.leaving == nil ? Int.max : stop.leavingUntil] }
        if case .rolling(let roll) = deploy, let leaving = roll.leaving { times.append(leaving.until) }
        return times.filter { $0 > now }.min() ?? now + 1000
    }

    // MARK: Views

    var current: GenerationID? { history.last }
    var active: [Worker] { workers.filter(\.isActive) }
    var serving: [Worker] { workers.filter { $0.phase == .serving } }

    func worker(_ serial: Int) -> Worker? { workers.first { $0.serial == serial } }

    mutating func change(_ serial: Int, _ body: (inout Worker) -> Void) {
        guard let position = workers.firstIndex(where: { $0.serial == serial }) else { return }
        body(&workers[position])
    }

    mutating func log(_ level: ClusterLogLevel, _ text: String) { actions.append(.log(level, text)) }

    mutating func reply(_ clients: [Int], _ isSuccess: Bool, _ lines: [String]) {
        for client in clients {
            actions.append(.reply(client: client, ControlReply(isSuccess: isSuccess, lines: lines)))
        }
    }

    // MARK: One decision after another

    /// Brings what is closer to what is wanted; called after every event.
    private mutating func work() {
        if stop != nil {
            workStopping()
            return
        }
        advanceDeploy()
        removeExcess()
        fillVacancies()
        announce()
    }

    /// Tells workers to stop that are more than wanted, the highest id first.
    private mutating func removeExcess() {
        guard deploy == nil else { return }
        let surplus = active.sorted { $0.id > $1.id }
        guard surplus.count > expected, !workers.contains(where: { $0.phase == .stopping }) else { return }
        guard let worker = surplus.first else { return }
        log(.info, "signaling worker #\(worker.id) to stop")
        tellToStop(worker.serial)
    }

    /// Starts workers that are missing: new ones one after the other, replacements of crashed ones when their time has
    /// come, whatever the others do.
    private mutating func fillVacancies() {
        guard let current else { return }
        switch deploy {
        case nil, .checking, .candidate: break
        // A roll starts what it needs.
        case .rolling: return
        }
        let regular = active.filter { !$0.isCandidate || $0.phase == .serving }
        var missing = expected - regular.count
        vacancies = Array(vacancies.sorted { $0.retryAt < $1.retryAt }.prefix(max(missing, 0)))
        while let first = vacancies.first, first.retryAt <= now, missing > 0 {
            vacancies.removeFirst()
            missing -= 1
            spawn(current, failures: first.failures)
        }
        guard missing > vacancies.count, !regular.contains(where: \.isUp) else { return }
        spawn(current)
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

    /// Tells the service manager that all workers serve, or that a deploy is over, and whatever is worth knowing since.
    private mutating func notifyReadiness() {
        guard deploy == nil, current != nil else { return }
        // The end of a deploy is told also while a crashed worker waits for its next try: the deploy is not to blame.
        if !isReadyAnnounced, isReloadAnnounced || serving.count == expected {
            isReadyAnnounced = true
            isReloadAnnounced = false
            actions.append(.notify(.ready(summary)))
        } else if isReadyAnnounced, summary != lastSummary {
            actions.append(.notify(.status(summary)))
        }
        lastSummary = summary
    }

    /// Tells the service manager that a deploy is under way.
    mutating func announceReload(_ text: String) {
        isReadyAnnounced = false
        isReloadAnnounced = true
        actions.append(.notify(.reloading(text)))
    }

    /// Reports that everything is as it should be, once after each change.
    private mutating func announce() {
        let count = serving.count
        notifyReadiness()
        guard hasChanged else { return }
        if workers.isEmpty, expected > 0, deploy == nil {
            hasChanged = false
            log(.warning, "0 workers in this cluster")
        }
        guard count == expected, workers.count == count, deploy == nil else { return }
        hasChanged = false
        if count > 0 { log(.notice, "cluster equilibrium state reached with \(count) workers") }
    }
}
