// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import CHero
import Dispatch
import Glibc
import HeroBundles
import HeroCluster
import HeroConfiguration
import HeroLog
import HeroRuntime
import HeroServers
import HeroShared
import HeroSystem

/// A process that a master has started: it serves, or checks what is on disk.
struct ClusterWorker {
    private let setup: ProcessSetup
    private let orders: WorkerOrders
    private let channel: WorkerChannel

    init(_ setup: ProcessSetup, _ orders: WorkerOrders) throws {
        var setup = setup
        self.orders = orders
        channel = try WorkerChannel(orders.channel)
        if orders.role == .worker {
            let board = try WorkerBoard(inherited: orders.board)
            guard board.has(slot: orders.slot) else {
                throw CommandFailure("\(WorkerOrders.variable) names a place that the board does not have")
            }
            setup.board = (board, orders.slot)
        }
        self.setup = setup
        unsetenv(WorkerOrders.variable)
        // Before any code of the application: what it starts gets neither the lifeline of the embedded server nor the port.
        for descriptor in (orders.held ?? []) + orders.listen.values { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// Ignores what is meant for the master and may be sent to all processes of that name.
    ///
    /// To be called on the first thread before there are others: the master has blocked these signals for it, so that none
    /// of them ends a worker that has only just been started.
    static func ignoreSignalsForTheMaster() {
        // One that was executed by way of a descriptor would be called like that.
        if let path = CommandLine.unsafeArgv[0] { hero_name_process(path) }
        guard getenv(WorkerOrders.variable) != nil else { return }
        for number in WorkerOrders.signalsForTheMaster { signal(number, SIG_IGN) }
        hero_unblock_signals()
    }

    /// - Returns: The exit code.
    func run() async -> Int32 {
        Terminal.serves()
        do {
            switch orders.role {
            case .worker: return try await serve()
            case .check: channel.send(.plan(try JSON(try check())))
            case .upgradeCheck: try checkUpgrade()
            }
            return 0
        } catch {
            channel.send(.refused(Self.lines(of: error)))
            let isRefused = error is BundlesRefused || error is ConfigurationRefused || error is UntrustedProject
            return isRefused ? SingleProcess.refusedExitCode : 1
        }
    }

    private static func lines(of error: any Error) -> [String] {
        switch error {
        case let error as BundlesRefused: error.problems.map(\.description)
        case let error as ConfigurationRefused: error.problems.map(\.description)
        default: "\(error)".split(separator: "\n").map(String.init)
        }
    }

    // MARK: Serving

    private func serve() async throws -> Int32 {
        let signals = try SignalStream.catching([SIGTERM, SIGINT, SIGUSR1])
        signal(SIGPIPE, SIG_IGN)
        DescriptorLimit.raise()
        if let (board, slot) = setup.board { board.slot(slot).noteOwnSignals() }
        channel.send(.starting)
        var setup = setup
        setup.logMode = .worker
        let application = try setup.makeApplication()
        application.id.withCString { hero_set_title(CommandLine.argc, CommandLine.unsafeArgv, $0) }
        // Until it serves: a new generation must not take the memory of the one that does.
        ProcessLimits.limitMemory(application.core.general.bundles.candidateMemory ?? ProcessLimits.halfOfTheMachine)
        // Commands that actions start must not think that they are workers.
        unsetenv(ProcessRedis.variable)
        let hosted = try await HostedProcess(application, kind)
        let process = hosted.process
        do {
            try await process.initialize()
            try await process.prepare()
        } catch {
            application.log.write(level: .emerg, message: "\(error)", data: [])
            await process.stop(StopPlan(keepsSockets: true))
            throw error
        }
        channel.beginService()
        channel.send(
            .started(
                WorkerDescription(
                    loopThread: await process.loopThread, actions: process.processor.actions.all.map(\.label),
                    tasks: process.tasks.registry.all.map(\.label))))
        let end = await obey(process, application, signals)
        await stop(process, application, end)
        withExtendedLifetime(hosted) {}
        return 0
    }

    private var kind: HostedProcess.Kind {
        let store = GenerationStore(projectRoot: Project.root)
        let companions = CompanionFiles(
            projectRoot: Project.root, frozenIn: store.companionDirectory(orders.generation))
        let (channel, generation, socket) = (channel, orders.generation, setup.environment[ProcessRedis.variable])
        return HostedProcess.Kind(
            servers: .serve(inherited: orders.listen),
            redis: { try ProcessRedis(using: $0, socket: socket, files: companions) },
            bundles: { _ in
                let held = try store.open(generation)
                channel.send(.progress("loading bundles"))
                var loader = BundleLoader(held)
                let bundles = try loader.load { _ in true }
                MainThread.bundlesAreLoaded()
                return (bundles, held)
            },
            files: companions,
            onStep: { step, initializer in
                channel.send(.progress("initializer `\(initializer)` has not returned from \(step)"))
            }, stopLimit: ShutdownLimit.milliseconds(setup.environment))
    }

    /// How a worker's service ends.
    private enum End {
        case asked(deadline: Int, idle: Int)
        case signal(Int32)
        case masterGone
    }

    private enum Happening: Hashable {
        case message(MasterMessage)
        case signal(Int32)
        case masterGone

        var isRepeatable: Bool {
            switch self {
            case .message(let message): message.isRepeatable
            case .signal, .masterGone: true
            }
        }
    }

    /// Does what the master says until it says stop, or somebody else does, or the master is gone.
    private func obey(
        _ process: HeroProcess, _ application: HeroApplication, _ signals: AsyncStream<Int32>
    ) async -> End {
        let happenings = Mailbox<Happening> { $0.isRepeatable }
        let messages = channel.messages
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await message in messages { happenings.add(.message(message)) }
                happenings.add(.masterGone)
            }
            group.addTask { for await number in signals { happenings.add(.signal(number)) } }
            group.addTask { await process.watchLoop() }
            defer { group.cancelAll() }
            for await happening in happenings.elements {
                switch happening {
                case .message(let message):
                    if let end = await receive(message, process, application) { return end }
                case .signal(SIGUSR1): application.log.reopen()
                case .signal(let number):
                    application.log.write(
                        level: .notice, message: "[ SIGNAL ] - \(SignalStream.name(number))", data: [])
                    return .signal(number)
                case .masterGone: return .masterGone
                }
            }
            return .masterGone
        }
    }

    private func receive(_ message: MasterMessage, _ process: HeroProcess, _ application: HeroApplication) async -> End?
    {
        switch message {
        case .serve(let quarantined):
            ProcessLimits.freeMemory()
            process.processor.quarantine(quarantined)
            process.tasks.quarantine(quarantined)
            do {
                try await process.accept()
            } catch {
                application.log.write(level: .emerg, message: "\(error)", data: [])
                return .signal(0)
            }
        case .stop(let deadline, let idle): return .asked(deadline: deadline, idle: idle)
        case .reopenLogs: application.log.reopen()
        case .ping:
            // Answered when the loop comes by; not waited for here, so that a blocked one can still be told to stop.
            let channel = channel
            Task.detached {
                await process.ping()
                channel.send(.pong)
            }
        case .quarantine(let names):
            process.processor.quarantine(names)
            process.tasks.quarantine(names)
        case .died(let pid, let job): process.work?.died(pid: pid, job: job)
        case .crashes(let notices):
            for notice in notices {
                application.errorReporters.reportCrash(
                    name: notice.worker, message: notice.message, backtrace: notice.lines, executing: notice.running,
                    inFlight: notice.inFlight)
            }
        }
        return nil
    }

    // MARK: Stopping

    private func stop(_ process: HeroProcess, _ application: HeroApplication, _ end: End) async {
        let own = ShutdownLimit.milliseconds(setup.environment)
        let (deadline, idle) =
            switch end {
            case .asked(let deadline, let idle): (deadline, idle)
            // Another worker, or the next master's, goes on with the connections' next requests.
            case .signal, .masterGone: (own, min(own, 2000) / 2)
            }
        if case .masterGone = end {
            application.log.write(level: .alert, message: "the master is gone; stopping", data: [])
        }
        channel.send(.stopping)
        // The servers only use copies of these. As long as any process has one the port is taken, and the next master
        // is to have it at once.
        for descriptor in orders.listen.values { close(descriptor) }
        ShutdownLimit.arm(milliseconds: deadline, for: process, exitCode: 0)
        let channel = channel
        let watching = Task.detached {
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                channel.send(.draining(await process.connectionCount))
            }
        }
        await process.stop(
            StopPlan(
                keepsSockets: true, limits: DrainLimits(idleMilliseconds: idle, totalMilliseconds: deadline)))
        watching.cancel()
        channel.send(.stopped)
    }
}

// Checking.
extension ClusterWorker {
    /// Freezes what is on disk and says what has come of it.
    private func check() throws -> ClusterPlan {
        let channel = channel
        let limits = ProcessLimits.begin { reason in
            channel.send(.refused([reason]))
            _exit(1)
        }
        var setup = setup
        setup.logMode = .command
        channel.send(.progress("reading the configuration"))
        let application = try setup.makeApplication()
        let companions = CompanionFiles(projectRoot: Project.root)
        let servers = try ServerPlans(application, files: companions)
        servers.announce(application.log)
        let redis = try RedisPlan.read(application, files: companions)
        _ = try KnownToken.check(application, redis)
        if redis?.embedded != nil, setup.environment[ProcessRedis.variable] == nil {
            throw application.configuration.refusal(
                of: "redis.mode", "became embedded, and this master runs no redis-server: stop and start the cluster")
        }
        let copies = try ConfigurationCopies.make(of: application, setup)
        let bundles = application.core.general.bundles
        // The master ends it when the time is over, and knows what it was doing.
        limits.set(memoryBytes: bundles.checkMemory, milliseconds: bundles.checkTimeout + Self.checkGrace)
        channel.send(.progress("looking for bundles"))
        let candidates = try ProjectBundles.collect(in: Project.root)
        channel.send(.progress("checking and copying \(candidates.count) bundles"))
        let (held, warnings) = try GenerationStore(
            projectRoot: Project.root, maximumSize: bundles.maximumSize
        ).freeze(
            candidates,
            configuration: companions.fingerprint(with: application.configuration.fingerprint),
            host: HostInterface.current(), configurationFiles: copies, companions: companions.copies)
        let unbuilt = application.unbuilt(held.generation.files)
        try application.requireBuilt(unbuilt)
        let directories = SharedDirectories(application, redis)
        let unshared = orders.projectLink.flatMap { directories.warning(link: $0) }.map { [$0] } ?? []
        var result = ClusterPlan(
            generation: held.generation.number, content: held.generation.fingerprint,
            listeners: servers.listeners.map { ClusterPlan.Listener(name: $0.name, $0.address, access: $0.access) },
            settings: try ClusterSettings(of: application),
            keepGenerations: application.core.general.keepGenerations,
            warnings: warnings + unbuilt + unshared + MisspeltDirectories.warnings(in: Project.root))
        result.pidDirectory = ProjectPath.absolute(application.core.general.paths.pid, in: Project.root)
        result.configurationFiles = copies.reduce(0) { $0 + $1.count }
        return result
    }

    /// Milliseconds for a master that is late.
    private static let checkGrace = 10_000

    /// Says whether this executable could take over from the one that asks.
    private func checkUpgrade() throws {
        let running = try UpgradeCheck.run(orders)
        do {
            let plan = try check()
            if let refusal = running.refusal(of: plan.content) { throw CommandFailure(refusal) }
        } catch {
            // What is on disk need not be good, as long as what serves can go on.
            guard let generation = running.generation else { throw error }
            channel.send(.progress("checking \(generation)"))
            let problems = ServingGeneration(generation, setup).problems
            guard problems.isEmpty else {
                throw CommandFailure((Self.lines(of: error) + problems).joined(separator: "\n"))
            }
        }
        channel.send(.plan(UpgradeCheck.accepted))
    }
}
