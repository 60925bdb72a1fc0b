// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The master's decisions, without any of its doings: events go in, actions come out.
///
/// Time is given with each event, in milliseconds of a clock that never goes back.
package struct ClusterMachine: Codable, Sendable {
    var settings: ClusterSettings
    /// The settings of the generation that a rollback would bring back.
    var formerSettings: ClusterSettings?
    /// How many workers are wanted.
    var expected: Int
    /// How many were wanted before `WINCH`.
    var expectedBeforePause: Int?
    /// How long workers have for what they have begun, in milliseconds.
    let stopTimeout: Int
    var workers: [Worker] = []
    var vacancies: [Vacancy] = []
    var nextSerial = 1
    /// Generations that served and can serve again, the oldest first; the last one serves.
    var history: [GenerationID] = []
    /// How many of them there may be.
    var historyLimit = 2
    var deploy: Deploy?
    var queued: DeployRequest?
    /// A check is under way, whether or not its result is still wanted.
    var isCheckRunning = false
    /// What the check that is under way has read may be older than what is wanted.
    var isCheckStale = false
    /// How long the children that check are waited for.
    var checkWait: CheckWait?
    var upgradeWait: CheckWait?
    var probation: Probation?
    var stop: Stop?
    var rolledBack: [RolledBack] = []
    /// What had proved itself under an earlier master, until something serves.
    var proven: GenerationID?
    var provenSettings: ClusterSettings?
    /// What the next master knows already.
    var remembered: ClusterMemory?
    /// Actions of the generation that serves, or served last.
    var servedActions: [String]?
    var lastRejection: [String] = []
    /// What the check of the deploy under way warned of, for whoever waits for its end.
    var deployWarnings: [String] = []
    /// What whoever has asked for an upgrade is told, when it has not brought what is on disk.
    var upgradeRemark: [String] = []
    var quarantine = Quarantine()
    /// Clients that wait for the end of whatever is under way.
    var waiters: [Int] = []
    var isCheckingUpgrade = false
    var upgradeClients: [Int] = []
    var nextPing = 0
    var lastTick = 0
    var crashTimes: [Int] = []
    var isFlapping = false
    /// For the next worker that serves, whose error reporters are to hear of them.
    var unreported: [CrashNotice]?
    /// For the next worker that serves, since none did when they died.
    var untold: [DeathNotice]?
    /// The last crash, for as long as fewer workers serve than are wanted.
    var lastCrash = ""
    /// Since when no worker serves, although some are wanted.
    var downSince: Int?
    /// Whether the line about the equilibrium is due when it is reached.
    var hasChanged = true
    var isReadyAnnounced = false
    /// Whether the service manager believes that a deploy is under way.
    var isReloadAnnounced = false
    /// What systemd was told last.
    var announcedStatus = ""
    /// Whether something may be needed no more.
    var isRetireDue = false
    var hasEnded = false
    /// The clock of the event that is being handled.
    var now = 0
    var actions: [ClusterAction] = []

    private enum CodingKeys: CodingKey {
        // Actions are taken after each event, so there are none to be kept; nobody waits for a deploy across a hand-over.
        case settings, expected, expectedBeforePause, stopTimeout, workers, vacancies, nextSerial, history, historyLimit
        case deploy, queued, isCheckRunning, isCheckStale, probation, stop, rolledBack, lastRejection, quarantine
        case waiters, isCheckingUpgrade, upgradeClients, nextPing, lastTick, crashTimes, isFlapping, lastCrash,
            unreported, untold
        case formerSettings, checkWait, upgradeWait, proven, provenSettings, remembered, servedActions
        case downSince, hasChanged, isReadyAnnounced, isReloadAnnounced, announcedStatus, isRetireDue, hasEnded, now
    }

    /// - Parameters:
    ///   - settings: `config/cluster.yml`.
    ///   - workers: How many workers are wanted.
    ///   - stopTimeout: How long workers have for what they have begun, in milliseconds.
    ///   - memory: What an earlier master has left.
    package init(settings: ClusterSettings, workers: Int, stopTimeout: Int, memory: ClusterMemory = ClusterMemory()) {
        self.settings = settings
        self.stopTimeout = stopTimeout
        expected = workers
        rolledBack = memory.rolledBack.suffix(RolledBack.limit)
        proven = memory.serving
        provenSettings = memory.settings
        remembered = memory
    }

    /// - Parameters:
    ///   - event: What happened.
    ///   - now: Milliseconds.
    /// - Returns: What is to be done, in this order; nothing after ``ClusterAction/exit(_:)``.
    package mutating func handle(_ event: ClusterEvent, now: Int) -> [ClusterAction] {
        guard !hasEnded else { return [] }
        if self.now == 0 { lastTick = now }
        self.now = max(self.now, now)
        actions = []
        switch event {
        case .start: beginDeploy(DeployRequest(cause: "start"))
        case .resumed: resume()
        case .handOverFailed(let reason): failHandOver(reason)
        case .signal(let signal): receive(signal)
        case .filesLost: reopenLogs()
        case .checked(let result): finishCheck(result)
        case .worker(let serial, let message): receive(message, from: serial)
        case .spawned(let serial, let pid): change(serial) { $0.pid = pid }
        case .crashing(let serial): workerCrashing(serial)
        case .signalledItself(let serial, let signal, let running):
            workerSignalledItself(serial, signal, running: running)
        case .exited(let serial, let end): workerEnded(serial, end)
        case .control(let client, let command, let obstacle): receive(command, from: client, obstacle: obstacle)
        case .clientGone(let client): forget(client)
        case .upgradeChecked(let problems): finishUpgradeCheck(problems)
        case .checkProgress(let isUpgrade, let what): noteProgress(isUpgrade: isUpgrade, what)
        case .tick(let counters): tick(counters)
        }
        if !hasEnded { work() }
        if !hasEnded { remember() }
        defer { actions = [] }
        return actions
    }

    /// When ``ClusterEvent/tick(_:)`` is to come next, at the latest.
    ///
    /// What the last tick has seen is not waited for again; other events do not put off what is due.
    package var nextDeadline: Int {
        var times = [nextPing, lastTick + ClusterTiming.tick]
        times += workers.compactMap(\.deadline)
        times += vacancies.map(\.retryAt)
        if let until = probation?.until { times.append(until) }
        times += [checkWait, upgradeWait].compactMap { $0?.until }
        if let stop { times += [stop.nextLine, stop.leavingUntil] }
        if case .rolling(let roll) = deploy, let leaving = roll.leaving { times.append(leaving.until) }
        return times.filter { $0 > lastTick }.min() ?? lastTick + ClusterTiming.tick
    }

    // MARK: Views

    var current: GenerationID? { history.last }
    /// What a rollback goes back to.
    var earlier: GenerationID? { history.dropLast().last }
    var active: [Worker] { workers.filter(\.isActive) }
    var serving: [Worker] { workers.filter { $0.phase == .serving } }

    func worker(_ serial: Int) -> Worker? { workers.first { $0.serial == serial } }

    mutating func change(_ serial: Int, _ body: (inout Worker) -> Void) {
        guard let position = workers.firstIndex(where: { $0.serial == serial }) else { return }
        body(&workers[position])
    }

    mutating func log(_ level: ClusterLogLevel, _ text: String) { actions.append(.log(level, text)) }

    /// What a client is told whose deploy went well.
    func success(_ generation: GenerationID) -> [String] {
        deployWarnings.map { "warning: \($0)" } + ["\(generation) serves"]
    }

    mutating func reply(_ clients: [Int], _ isSuccess: Bool, _ lines: [String]) {
        for client in clients {
            actions.append(.reply(client: client, ControlReply(isSuccess: isSuccess, lines: lines)))
        }
    }
}
