// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import Glibc
package import HeroLog
internal import HeroSystem

/// The master process: owns the sockets, starts, watches and stops workers, and does what the machine decides.
///
/// One loop on one thread. It never loads a bundle, never reads a client's byte and never speaks to Redis.
package final class Master {
    package struct Options: Sendable {
        package var projectRoot: String
        package var environment: [String: String]
        /// The file that this program was started from, and that an upgrade is read from.
        ///
        /// Workers run the image of this process, whatever has become of the file.
        package var executable: String
        /// What workers are called, before their number.
        package var workerTitlePrefix: String
        package var workers: Int
        /// Flags that workers are given, too.
        package var forwardedArguments: [String]
        /// The arguments of this process, for a new executable.
        package var arguments: [String]
        /// Milliseconds.
        package var stopTimeout: Int
        /// Directory of pidfiles.
        package var pidDirectory: String
        /// The master's own.
        package var pidFileName: String
        package var settings: ClusterSettings

        package init(
            projectRoot: String, environment: [String: String], executable: String, workerTitlePrefix: String,
            workers: Int, forwardedArguments: [String], arguments: [String], stopTimeout: Int, pidDirectory: String,
            pidFileName: String, settings: ClusterSettings
        ) {
            self.projectRoot = projectRoot
            self.environment = environment
            self.executable = executable
            self.workerTitlePrefix = workerTitlePrefix
            self.workers = workers
            self.forwardedArguments = forwardedArguments
            self.arguments = arguments
            self.stopTimeout = stopTimeout
            self.pidDirectory = pidDirectory
            self.pidFileName = pidFileName
            self.settings = settings
        }

        var pidFile: String { "\(pidDirectory)/\(pidFileName)" }
    }

    let options: Options
    let services: [any MasterService]
    /// For the log, once.
    private let warnings: [String]
    let log: LogRouter
    let board: WorkerBoard
    let listeners: ListenerTable
    var machine: ClusterMachine
    var lock: MasterLock
    var project: ProjectLock
    /// Why socket or pidfile could not be made anew, as it was logged last.
    var ownFilesProblem = ""
    /// Those of which the log has said that no client reaches them.
    var unreachable: [ClusterPlan.Listener] = []
    var control: ControlServer
    /// Children by process number.
    var children: [Int32: Child] = [:]
    /// The plan of each generation that may still be needed.
    var plans: [GenerationID: ClusterPlan] = [:]
    private let systemd: Systemd
    private let signals: SignalPipe
    private var exitCode: Int32?
    /// Whether a generation has served since the master began.
    private var hasServed = false
    private var nextWatchdog = 0
    var usedSlots: Set<Int> = []
    private var knownIdle: Set<ActivatedSocket> = []
    /// Children that were there before, and are none of the cluster's.
    let foreign: Set<Int32>
    /// The file of an executable that is asked whether it can take over, so that what was asked is what does.
    var upgradeImage: Int32 = -1
    /// Who waits for the end of everything, and what they will be told.
    private var lastReplies: [(client: Int, reply: ControlReply)] = []
    /// How many processes the kernel had killed for want of memory at the last tick, and at the one before it: a kill that
    /// is noticed only after a tick has still just happened.
    private var outOfMemoryKills = (last: ProcessFacts.outOfMemoryKills, before: ProcessFacts.outOfMemoryKills)

    /// - Throws: ``MasterFailure`` when another master runs or the system refuses something, `FileError`.
    package init(_ options: Options, services: [any MasterService] = [], warnings: [String] = [], log: LogRouter) throws
    {
        self.options = options
        self.services = services
        self.warnings = warnings
        self.log = log
        systemd = Systemd(environment: options.environment)
        signals = try SignalPipe()
        // What workers' programs leave behind becomes this process's to end.
        _ = hero_adopt_orphans()
        if let handOver = try HandOver.received(options.environment) {
            foreign = Set(handOver.foreign ?? [])
            lock = MasterLock(inherited: handOver.lock, path: handOver.lockPath)
            // The earlier program's has ended with it. Whatever has come in between must not end the cluster.
            project = (try? ProjectLock(options.projectRoot)) ?? ProjectLock()
            control = ControlServer(inherited: handOver.control, path: handOver.controlPath)
            board = try WorkerBoard(inherited: handOver.board)
            board.rotateTickets()
            machine = handOver.machine
            listeners = ListenerTable()
            restore(handOver)
            return
        }
        foreign = Set(Descendants.children(of: getpid()))
        let lock = try MasterLock(path: options.pidFile, in: options.projectRoot)
        do {
            project = try ProjectLock(options.projectRoot)
            control = try ControlServer(projectRoot: options.projectRoot)
        } catch {
            lock.release()
            throw error
        }
        self.lock = lock
        guard let fresh = WorkerBoard() else { throw MasterFailure("cannot make memory to share with workers") }
        board = fresh
        fresh.rotateTickets()
        let memory = StoredMemory.read(projectRoot: options.projectRoot)
        machine = ClusterMachine(
            settings: options.settings, workers: options.workers, stopTimeout: options.stopTimeout,
            memory: memory?.forMachine ?? ClusterMemory())
        if let memory, let generation = memory.forMachine.serving, let plan = memory.plan { plans[generation] = plan }
        listeners = ListenerTable(activated: Systemd.activatedSockets(environment: options.environment))
        removeStalePidFiles()
    }

    /// Runs until the cluster has stopped.
    ///
    /// - Returns: The exit code.
    package func run() -> Int32 {
        let isResumed = HandOver.isReceived(options.environment)
        if !isResumed {
            log.write(level: .notice, message: " - STARTING CLUSTER -", data: [])
            log.write(level: .notice, message: "pid: \(getpid())", data: [])
            for warning in warnings { log.write(level: .warning, message: warning, data: []) }
        }
        for service in services { service.start() }
        // Children may have ended while nobody was listening.
        reap()
        handle(isResumed ? .resumed : .start)
        while exitCode == nil { turn() }
        leave()
        return exitCode ?? 1
    }

    /// Ends what the cluster has begun, the lock last: whoever gets it finds the sockets free.
    ///
    /// Clients that wait for the end are told after it, and may start the next cluster at once.
    private func leave() {
        control.close()
        for service in services { service.stop() }
        let left = endDescendants()
        listeners.closeAll()
        log.flush()
        project.release()
        lock.release()
        for (client, reply) in lastReplies {
            control.answer(
                client, ControlReply(isSuccess: reply.isSuccess && left.isEmpty, lines: reply.lines + left),
                status: .null)
        }
        control.closeClients()
    }

    // MARK: The loop

    /// Waits for something to happen and handles it.
    private func turn() {
        var wanted = [pollfd(fd: signals.reader, events: Int16(POLLIN), revents: 0)]
        for (descriptor, writes) in control.interests {
            wanted.append(pollfd(fd: descriptor, events: Int16(POLLIN) | (writes ? Int16(POLLOUT) : 0), revents: 0))
        }
        for child in children.values {
            let writes = child.wantsToWrite ? Int16(POLLOUT) : 0
            if child.channel >= 0 {
                wanted.append(pollfd(fd: child.channel, events: Int16(POLLIN) | writes, revents: 0))
            }
            for descriptor in [child.output, child.errors] where descriptor >= 0 {
                wanted.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            }
        }
        poll(&wanted, nfds_t(wanted.count), Int32(clamping: timeout))
        for number in signals.read() { receive(signal: number) }
        for child in Array(children.values) { serve(child) }
        let (commands, gone) = control.serve()
        for client in gone { handle(.clientGone(client)) }
        for (client, command) in commands {
            handle(.control(client: client, command, obstacle: command == .rollback ? obstacleToRollback : nil))
        }
        if MonotonicTime.milliseconds >= machine.nextDeadline {
            handle(.tick(counters()))
            outOfMemoryKills = (ProcessFacts.outOfMemoryKills, outOfMemoryKills.last)
            keepOwnFiles()
        }
        board.rotateTickets()
        keepAlive()
    }

    /// Milliseconds until something is due.
    private var timeout: Int {
        var due = machine.nextDeadline
        if systemd.watchdogInterval != nil { due = min(due, nextWatchdog) }
        return max(due - MonotonicTime.milliseconds, 0)
    }

    private func keepAlive() {
        guard let interval = systemd.watchdogInterval, MonotonicTime.milliseconds >= nextWatchdog else { return }
        nextWatchdog = MonotonicTime.milliseconds + interval
        systemd.keepAlive()
    }

    private func receive(signal number: Int32) {
        if number == SIGCHLD {
            reap()
        } else if number == SIGWINCH, isatty(STDIN_FILENO) == 1 || isatty(STDOUT_FILENO) == 1 {
            // Somebody has resized the window of the terminal.
        } else if let signal = SignalPipe.meaning(of: number) {
            handle(.signal(signal))
        }
    }

    func handle(_ event: ClusterEvent) {
        for action in machine.handle(event, now: MonotonicTime.milliseconds) { perform(action) }
        if !hasServed, machine.current != nil {
            hasServed = true
            DetachedProgram.sayUp()
        }
    }

    private func perform(_ action: ClusterAction) {
        switch action {
        case .log(let level, let text): log.write(level: level.logLevel, message: text, data: [])
        case .check: startCheck()
        case .spawn(let serial, let id, let generation): spawnWorker(serial: serial, id: id, generation)
        case .send(let serial, let message):
            guard let child = child(serial) else { return }
            // At once, however long the worker takes to read the message: whoever is told that a deploy is done must not
            // meet the old code any more.
            if case .stop = message, let slot = child.slot { board.slot(slot).isAccepting = false }
            if case .died = message { Failpoint.reach("report.before") }
            child.send(message)
            if case .died = message { Failpoint.reach("report.after") }
        case .kill(let serial): if let child = child(serial) { end(child) }
        case .abandon(let serial): child(serial)?.role = .abandoned
        case .endCheck: endChecks { if case .check = $0 { true } else { false } }
        case .endUpgradeCheck: endChecks { if case .upgradeCheck = $0 { true } else { false } }
        case .abort(let serial): abort(serial)
        case .reopenLogs: log.reopen()
        case .retire(let kept, let listening): retire(keeping: kept, listening: listening)
        case .reply(let client, let reply):
            if machine.stop != nil, machine.workers.isEmpty, !reply.isStatus {
                lastReplies.append((client, reply))
            } else {
                control.answer(client, reply, status: reply.isStatus ? machine.status(counters()) : .null)
            }
        case .notify(let state): systemd.notify(state)
        case .checkUpgrade: startUpgradeCheck()
        case .handOver: handOver()
        case .remember(let memory): write(memory)
        case .exit(let code): exitCode = code
        }
    }

    private func abort(_ serial: Int) {
        guard let child = child(serial) else { return }
        child.isAborted = true
        let thread = child.description?.loopThread ?? 0
        // Without a thread to ask, the process writes the backtrace of whichever gets the signal.
        if thread == 0 || hero_signal_thread(child.pid, thread, SIGABRT) != 0 { kill(child.pid, SIGABRT) }
    }

    // MARK: Children

    func child(_ serial: Int) -> Child? {
        children.values.first { if case .worker(serial) = $0.role { true } else { false } }
    }

    private func serve(_ child: Child) {
        child.flush()
        show(child, child.readOutput())
        for message in child.receive() { take(message, from: child) }
        if case .worker(let serial) = child.role, child.isCrashing, !child.isCrashKnown {
            child.isCrashKnown = true
            child.isAborted = true
            handle(.crashing(serial: serial))
        }
        // The runtime's handler returns to what the thread was doing, and when that was no fault of an instruction but a
        // signal from outside, the process would go on.
        if child.isReportComplete {
            child.isAborted = true
            kill(child.pid, SIGKILL)
        }
    }

    /// Says which of systemd's sockets no server listens on: clients that connect to them wait for ever.
    func warnAboutIdleSockets() {
        for socket in listeners.activated where !knownIdle.contains(socket) {
            knownIdle.insert(socket)
            let name = socket.name.isEmpty ? "descriptor \(socket.descriptor)" : "`\(socket.name)`"
            log.write(
                level: .warning, message: "no server uses the socket \(name) that was handed over by systemd", data: [])
        }
    }

    private func show(_ child: Child, _ lines: [String]) {
        guard case .worker(let serial) = child.role, let label = machine.label(serial) else { return }
        for line in lines where !line.isEmpty { log.write(level: .info, message: label + line, data: []) }
    }

    private func take(_ message: WorkerMessage, from child: Child) {
        switch (child.role, message) {
        case (.worker(let serial), _):
            if case .started(let description) = message { child.description = description }
            if case .stopping = message, let own = child.ownSignal(board) {
                handle(.signalledItself(serial: serial, signal: own.number, running: own.running))
            }
            handle(.worker(serial: serial, message))
        case (_, .plan(let plan)): child.plan = plan
        case (_, .refused(let problems)): child.problems = problems
        case (.check, .progress(let what)): handle(.checkProgress(isUpgrade: false, what))
        case (.upgradeCheck, .progress(let what)): handle(.checkProgress(isUpgrade: true, what))
        default: break
        }
    }

    /// Children that have ended, those that nobody else waits for included: in a container this is process 1.
    private func reap() {
        var isClean: Int32 = 0
        while case let pid = hero_ended_child(&isClean), pid > 0 {
            let child = children[pid]
            if let child {
                serve(child)
                // While nobody else can have its number. What it had started is of use to nobody, such as a backtracer; what
                // a worker leaves that was told to stop may have something to finish.
                if isClean == 0 || !isLeaving(child) { kill(-pid, SIGKILL) }
            }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid, let child else { continue }
            children[pid] = nil
            ended(child, status)
        }
    }

    /// Whether it was told to stop, or has said that it does.
    private func isLeaving(_ child: Child) -> Bool {
        guard case .worker(let serial) = child.role else { return false }
        return machine.worker(serial)?.phase == .stopping
    }

    private func ended(_ child: Child, _ status: Int32) {
        removePidFile(of: child)
        show(child, child.endOutput())
        if status == 0 { show(child, child.heldOutput()) }
        let signal = status & 0x7F
        let cause: WorkerEnd.Cause = signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
        let isCrash = signal != 0 && (signal != SIGKILL || child.isAborted) && signal != SIGTERM
        defer {
            child.closeAll()
            if let slot = child.slot {
                board.slot(slot).clear()
                usedSlots.remove(slot)
            }
        }
        switch child.role {
        case .worker(let serial):
            let report = isCrash || cause != .exit(0) ? child.crashReport(board, signal: isCrash ? signal : nil) : nil
            var end = WorkerEnd(cause: cause, report: report, lastLines: child.lastLines)
            (end.running, end.inFlight) = child.suspects(board)
            if let own = child.ownSignal(board), own.number == signal {
                end.isOwnSignal = true
                end.running = own.running
            }
            // Who was killed from outside says nothing about its jobs.
            if isCrash || end.isOwnSignal || signal == 0 { end.job = child.culprit(board) }
            end.isOutOfMemory = signal == SIGKILL && ProcessFacts.outOfMemoryKills > outOfMemoryKills.before
            handle(.exited(serial: serial, end))
        case .check: finishCheck(child, cause)
        case .upgradeCheck: finishUpgradeCheck(child, cause)
        case .abandoned: break
        }
    }

    func counters() -> [Int: WorkerCounters] {
        var all: [Int: WorkerCounters] = [:]
        for child in children.values {
            guard case .worker(let serial) = child.role, let slot = child.slot else { continue }
            let place = board.slot(slot)
            var counters = WorkerCounters()
            counters.connections = place.connections
            counters.requests = place.requests
            counters.errors5xx = place.errors
            counters.residentMegabytes = ProcessFacts.residentMegabytes(of: child.pid)
            all[serial] = counters
        }
        return all
    }
}

extension ClusterMachine {
    func label(_ serial: Int) -> String? { worker(serial)?.label }
}

extension ClusterLogLevel {
    var logLevel: LogLevel { LogLevel(name: rawValue) ?? .info }
}
