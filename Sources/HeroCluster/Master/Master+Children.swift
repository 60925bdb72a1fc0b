// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroBundles
internal import HeroLog
internal import HeroSystem

// Starting workers and the children that check.
extension Master {
    func spawnWorker(serial: Int, id: Int, _ generation: GenerationID) {
        guard let plan = plans[generation], let slot = freeSlot() else {
            let reason = plans[generation] == nil ? "\(generation) is gone" : "too many workers are alive"
            handle(.exited(serial: serial, WorkerEnd(cause: .exit(1), problems: [reason])))
            return
        }
        // Those of an earlier generation may have been closed meanwhile.
        let problems = listeners.open(plan.listeners)
        guard problems.isEmpty else {
            handle(.exited(serial: serial, WorkerEnd(cause: .exit(1), problems: problems)))
            return
        }
        var descriptors: [(child: Int32, own: Int32)] = [(4, board.descriptor)]
        var orders = WorkerOrders(role: .worker, channel: 3)
        orders.id = id
        orders.generation = generation.number
        orders.board = 4
        orders.slot = slot
        for (position, listener) in listeners.descriptors(for: plan.listeners).enumerated() {
            let number = Int32(5 + position)
            orders.listen[listener.name] = number
            descriptors.append((number, listener.descriptor))
        }
        let next = Int32(4 + descriptors.count)
        let lifelines = services.map(\.lifeline).enumerated().map { (child: next + Int32($0.offset), own: $0.element) }
        orders.held = lifelines.map(\.child)
        descriptors += lifelines
        var environment = childEnvironment(root: generation.root)
        let title = "\(options.workerTitlePrefix)\(id)"
        environment["title"] = title
        environment["ACTIONHERO_TITLE"] = title
        environment["ACTIONHERO_CONFIG"] = GenerationStore(projectRoot: generation.root)
            .configurationDirectories(generation.number).joined(separator: ",")
        board.slot(slot).clear()
        do throws(SpawnFailure) {
            let child = try start(.worker(serial: serial), orders, environment, descriptors, slot: slot)
            usedSlots.insert(slot)
            child.pidFile = plan.pidDirectory.map { "\($0)/\(ServerIdentity.sanitized(title))" }
            handle(.spawned(serial: serial, pid: child.pid))
        } catch {
            handle(.exited(serial: serial, WorkerEnd(cause: .exit(1), problems: ["\(error)"])))
        }
    }

    private func freeSlot() -> Int? {
        (0..<board.slotCount).first { !usedSlots.contains($0) }
    }

    func startCheck() {
        let root = realRoot
        var orders = WorkerOrders(role: .check, channel: 3)
        if root != options.projectRoot { orders.projectLink = options.projectRoot }
        do throws(SpawnFailure) {
            _ = try start(.check, orders, childEnvironment(root: root), [], slot: nil)
        } catch {
            handle(.checked(.refused(["\(error)"], exitCode: 1)))
        }
    }

    func finishCheck(_ child: Child, _ cause: WorkerEnd.Cause) {
        guard cause == .exit(0), let plan = try? child.plan?.decode(ClusterPlan.self) else {
            var problems = child.problems
            if problems.isEmpty { problems = child.lastLines }
            if problems.isEmpty { problems = ["what is on disk could not be checked: \(cause)"] }
            handle(.checked(.refused(problems, exitCode: cause == .exit(78) ? 78 : 1)))
            return
        }
        let problems = openListeners(plan.listeners)
        guard problems.isEmpty else {
            handle(.checked(.refused(problems, exitCode: 1)))
            return
        }
        warnAboutIdleSockets()
        let served = machine.current.flatMap { plans[$0]?.configurationFiles }
        // An older executable's check does not count them.
        let loss = plan.configurationFiles.flatMap {
            DeployWords.lostConfiguration(realRoot, offered: $0, served: served ?? 0)
        }
        let losses = loss.map { [$0] } ?? []
        let generation = GenerationID(number: plan.generation, root: realRoot, content: plan.content)
        plans[generation] = plan
        handle(
            .checked(
                .accepted(
                    generation, plan.settings, keeping: plan.keepGenerations, warnings: plan.warnings, losses: losses)))
    }

    /// Workers of a master that was killed close their sockets as soon as they notice, and that may be a moment later.
    private func openListeners(_ wanted: [ClusterPlan.Listener]) -> [String] {
        var problems = listeners.open(wanted)
        guard machine.current == nil else { return problems }
        for _ in 0..<40 where problems.contains(where: { $0.contains("EADDRINUSE") }) {
            usleep(50_000)
            problems = listeners.open(wanted)
        }
        return problems
    }

    private func closeUpgradeImage() {
        if upgradeImage >= 0 { close(upgradeImage) }
        upgradeImage = -1
    }

    func startUpgradeCheck() {
        closeUpgradeImage()
        upgradeImage = open(options.executable, O_RDONLY | O_CLOEXEC)
        guard upgradeImage >= 0 else {
            handle(.upgradeChecked(["cannot open \(options.executable): \(String(cString: strerror(errno)))"]))
            return
        }
        // It reads what it would be given, so that what it cannot read is found while this program still serves.
        guard let state = handOverState().write() else {
            handle(.upgradeChecked(["there is no memory for what is to be handed over"]))
            return
        }
        defer { close(state) }
        var orders = WorkerOrders(role: .upgradeCheck, channel: 3)
        (orders.held, orders.handOver, orders.board) = ([4, 5, 6], 5, 6)
        let descriptors: [(child: Int32, own: Int32)] = [(4, upgradeImage), (5, state), (6, board.descriptor)]
        do throws(SpawnFailure) {
            _ = try start(
                .upgradeCheck, orders, childEnvironment(root: realRoot), descriptors, slot: nil,
                image: "/proc/self/fd/4")
        } catch {
            handle(.upgradeChecked(["\(error)"]))
        }
    }

    func finishUpgradeCheck(_ child: Child, _ cause: WorkerEnd.Cause) {
        // What refused, or said nothing, does not take over.
        defer { if child.plan == nil { closeUpgradeImage() } }
        if cause == .exit(0), UpgradeCheck.isAccepted(child.plan) {
            handle(.upgradeChecked([]))
        } else if cause == .exit(0), child.plan != nil {
            handle(.upgradeChecked(["the new executable does not say that it can read the hand-over of this one"]))
        } else {
            let reasons = child.problems.isEmpty ? child.lastLines : child.problems
            handle(.upgradeChecked(["the new executable cannot take over: \(cause)"] + reasons))
        }
    }

    /// The project with its links resolved; a link that moves leads to another release the next time.
    var realRoot: String {
        guard let path = realpath(options.projectRoot, nil) else { return options.projectRoot }
        defer { free(path) }
        return String(cString: path)
    }

    private func start(
        _ role: Child.Role, _ orders: WorkerOrders, _ environment: [String: String],
        _ descriptors: [(child: Int32, own: Int32)], slot: Int?, image: String = runningImage
    ) throws(SpawnFailure) -> Child {
        var channel: [Int32] = [-1, -1]
        let isConnected = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &channel) == 0
        guard isConnected, let output = SystemPipe() else {
            let code = errno
            for descriptor in channel where descriptor >= 0 { close(descriptor) }
            throw SpawnFailure(options.executable, code)
        }
        guard let errors = SystemPipe() else {
            let code = errno
            for descriptor in channel { close(descriptor) }
            output.close()
            throw SpawnFailure(options.executable, code)
        }
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer {
            for descriptor in [channel[1], output.writer, errors.writer, null] where descriptor >= 0 {
                close(descriptor)
            }
        }
        var variables = environment
        variables[WorkerOrders.variable] = orders.text
        let all = [(0, null), (1, output.writer), (2, errors.writer), (3, channel[1])] + descriptors
        do throws(SpawnFailure) {
            let pid = try Spawner(
                executable: image, name: options.executable, arguments: ["start"] + options.forwardedArguments,
                environment: variables, descriptors: all, blockedSignals: WorkerOrders.signalsForTheMaster
            ).start()
            let child = Child(
                role: role, pid: pid, slot: slot, channel: channel[0], output: output.reader, errors: errors.reader)
            children[pid] = child
            return child
        } catch {
            close(channel[0])
            close(output.reader)
            close(errors.reader)
            throw error
        }
    }

    /// The program that this process executes: the file that it was started from may have been replaced by anything.
    ///
    /// The child that opens this is still a copy of this process.
    static let runningImage = "/proc/self/exe"

    /// What this process was started with, without what is the master's own.
    private func childEnvironment(root: String) -> [String: String] {
        var environment = options.environment
        for name in Systemd.variables + ["project_root", "projectRoot", HandOver.variable, DetachedProgram.variable] {
            environment[name] = nil
        }
        environment["PROJECT_ROOT"] = root
        for service in services { environment.merge(service.workerEnvironment) { $1 } }
        // glibc keeps an arena for each thread otherwise, and servers grow visibly.
        if environment["MALLOC_ARENA_MAX"] == nil { environment["MALLOC_ARENA_MAX"] = "2" }
        if environment["SWIFT_BACKTRACE"] == nil {
            environment["SWIFT_BACKTRACE"] =
                "enable=yes,interactive=no,color=no,threads=crashed,registers=none,images=none,"
                + "timeout=\(ClusterTiming.backtraceLimit / 1000)s,output-to=stderr"
        }
        return environment
    }

    /// After a deploy the project's link may lead to another release, where operators look for the master.
    private func followProject() {
        do {
            try control.follow(options.projectRoot)
            let path = try ReleasePath.resolve(options.pidFile, in: options.projectRoot)
            guard path != lock.path else { return }
            let next = try MasterLock(path: options.pidFile, in: options.projectRoot)
            lock.release()
            lock = next
            log.reopen()
        } catch {
            log.write(
                level: .warning, message: "the master stays reachable in the old release only: \(error)", data: [])
        }
    }

    /// Removes what no generation needs any more.
    func retire(keeping kept: [GenerationID], listening: [GenerationID]) {
        let current = machine.current.flatMap { plans[$0] }
        plans = plans.filter { kept.contains($0.key) }
        listeners.close(except: listening.compactMap { plans[$0] }.flatMap(\.listeners))
        followProject()
        guard let current, let root = machine.current?.root else { return }
        do {
            // Releases may share the directory.
            let store = GenerationStore(projectRoot: root)
            let needed = kept.filter { GenerationStore(projectRoot: $0.root).isSame(as: store) }.map(\.number)
            try store.prune(keeping: current.keepGenerations, and: Set(needed))
        } catch {
            log.write(level: .warning, message: "old generations cannot be removed: \(error)", data: [])
        }
    }
}
