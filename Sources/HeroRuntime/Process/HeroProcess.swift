// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
package import HeroBundles
internal import HeroConfiguration
internal import HeroLog
internal import HeroSystem

/// A process with its application loaded: it initializes, starts, stops.
package final class HeroProcess: Sendable {
    /// Finds what keeps actions from being served, such as two with the same route.
    package typealias ActionCheck = (HeroApplication, ActionRegistry) throws -> [BundleProblem]
    /// Makes the servers that the configuration asks for, bound but not yet accepting.
    package typealias ServerFactory = @Sendable (HeroApplication, ActionProcessor) async throws -> [any HeroServer]
    /// Makes who takes jobs and runs them.
    package typealias WorkFactory = (HeroApplication, TaskProcessor) throws -> (any BackgroundWork)?

    package let application: HeroApplication
    package let processor: ActionProcessor
    /// Prepares and runs jobs.
    package let tasks: TaskProcessor
    package let commands: [CommandRecord]
    /// What runs beside actions; `nil` for none.
    package let work: (any BackgroundWork)?
    private let chain: InitializerChain
    private let pidFile: PidFile
    private let servers: ServerGroup
    private let life: LifeCycle
    private let loop: (any ActionLoop)?

    /// Registers what the bundles brought.
    ///
    /// - Parameters:
    ///   - application: The first stage.
    ///   - bundles: In the order in which they were loaded.
    ///   - files: Those of the bundles, and the libraries that they use; only those of the bundles when it is `nil`.
    ///   - check: Of the servers that the process has or would have.
    ///   - loop: Carries the servers' connections.
    ///   - foundation: What starts before everything else and stops after it: the event loop, Redis.
    ///   - makeServers: Called when the servers' turn to start has come.
    ///   - makeWork: Called when all tasks are known.
    ///   - onStep: Called before each step of each initializer, which is then to blame for a hang.
    /// - Throws: `BundlesRefused` with every conflict and invalid definition; what the check throws.
    package init(
        _ application: HeroApplication, bundles: [LoadedBundle], files: [Generation.File]? = nil,
        checking check: ActionCheck, on loop: (any ActionLoop)? = nil, foundation: [LifeStep] = [],
        makeServers: @escaping ServerFactory = { _, _ in [] }, makeWork: WorkFactory = { _, _ in nil },
        onStep: @escaping @Sendable (_ step: String, _ initializer: String) -> Void = { _, _ in }
    ) throws {
        self.application = application
        self.loop = loop
        let log = application.log
        let registration = try Registration(bundles, application, check)
        let processor = ActionProcessor(
            application: application, actions: registration.actions,
            connectionMiddleware: registration.connectionMiddleware,
            buildHint: BuildHint(application, files ?? bundles.map(\.file)))
        let errors = application.errorReporters
        let servers = ServerGroup(
            log, onFailure: { errors.report($1, kind: .server, name: $0, severity: .alert, parameters: [:]) },
            make: { try await makeServers(application, processor) })
        let chain = try InitializerChain(
            framework: [servers.place], types: registration.initializers, log: log, onStep: onStep,
            onFailure: { failure in
                let name = "\(failure.initializer) \(failure.step)"
                errors.report(failure.cause, kind: .initializer, name: name, severity: .alert, parameters: [:])
            })
        (self.processor, commands, self.servers, self.chain) = (processor, registration.commands, servers, chain)
        let tasks = TaskProcessor(
            registration.tasks, missingValues: application.core.general.missingParamChecks,
            application: application.facade, threadPool: processor.threadPool, boardSlot: application.boardSlot,
            firstNumber: registration.actions.all.count)
        self.tasks = tasks
        let directory = ProjectPath.absolute(application.core.general.paths.pid, in: application.projectRoot)
        let isWorker = application.boardSlot != nil
        pidFile = PidFile(
            directory: directory, in: application.projectRoot, id: application.id, isWorker: isWorker)
        let farewell = LifeStep(
            "application",
            stop: { _ in
                let name = application.core.general.serverName
                log.write(level: .notice, message: "*** \(name) Stopped ***", data: [])
            })
        let work = try makeWork(application, tasks)
        self.work = work
        life = LifeCycle(
            Self.steps(
                foundation: foundation + [farewell], pidFile.step(log, isNeeded: !isWorker), application,
                Self.step(chain, application, processor), servers, processor, errors,
                work))
        application.install(processor)
        for action in registration.actions.all {
            log.write(
                level: .debug, message: "action loaded: \(action.name) @ v\(action.version), \(action.file)", data: [])
        }
        for task in registration.tasks.all where !task.isBuiltIn {
            log.write(level: .debug, message: "task loaded: \(task.name), \(task.file)", data: [])
        }
    }

    private static func step(
        _ chain: InitializerChain, _ application: HeroApplication, _ processor: ActionProcessor
    ) -> LifeStep {
        LifeStep(
            "initializers", start: { try await chain.start(application.facade) },
            stop: { _ in
                await chain.stop(application.facade)
                // The initializers' own last ones were still welcome.
                processor.stopAccepting()
                await processor.drain()
            })
    }

    /// Runs the `initialize` step of all initializers.
    ///
    /// - Throws: ``InitializerFailure``.
    package func initialize() async throws { try await chain.initialize(application.facade) }

    /// Starts everything; connections are accepted when this returns.
    ///
    /// - Parameter isRestart: Whether the process has just replaced itself.
    /// - Throws: ``InitializerFailure``, `FileError` for the pidfile.
    package func start(isRestart: Bool = false) async throws {
        servers.openEarly()
        try await prepare()
        try await accept(isRestart: isRestart)
    }

    /// Starts everything without accepting connections.
    ///
    /// - Throws: ``InitializerFailure``, `FileError` for the pidfile of a process without a master.
    package func prepare() async throws {
        let log = application.log
        log.write(level: .notice, message: "pid: \(getpid())", data: [])
        log.write(level: .notice, message: "environment: \(application.configuration.environment)", data: [])
        for line in application.configuration.absentFeatures { log.write(level: .warning, message: line, data: []) }
        log.write(level: .info, message: "*** Starting \(serverName) ***", data: [])
        try await life.start(before: Self.intake)
    }

    /// Accepts connections.
    ///
    /// - Parameter isRestart: Whether the process has just replaced itself.
    /// - Throws: When a server cannot use its socket.
    package func accept(isRestart: Bool = false) async throws {
        let log = application.log
        try await life.start()
        if !isRestart { log.write(level: .notice, message: "server ID: \(application.id)", data: []) }
        log.write(level: .notice, message: "*** \(serverName) \(isRestart ? "Restarted" : "Started") ***", data: [])
    }

    /// Starts the initializers only, which is what a candidate and the tests of an application do.
    package func startInitializers() async throws { try await chain.start(application.facade) }

    /// The counterpart of ``startInitializers()``, for when no action runs any more.
    package func stopInitializers() async {
        await processor.drain()
        await chain.stop(application.facade)
        await application.errorReporters.drain()
        application.log.flush()
    }

    /// Stops everything in the opposite order of starting.
    ///
    /// - Parameter plan: What outlives the process, and how long to wait for connections.
    package func stop(_ plan: StopPlan = StopPlan()) async {
        let log = application.log
        log.write(level: .notice, message: "stopping process...", data: [])
        await life.stop(plan)
        log.flush()
    }

    /// For an end in which nothing else can be put in order.
    package func removePidFile() { _ = pidFile.remove() }

    /// Connections that have not ended.
    package var connectionCount: Int {
        get async {
            var count = 0
            for server in servers.all { count += await server.connectionCount }
            return count
        }
    }

    /// Returns when the event loop has shown that it is not blocked.
    package func ping() async { await loop?.ping() }

    /// The thread whose backtrace explains a hang; 0 when there is none.
    package var loopThread: Int32 {
        get async { await loop?.thread ?? 0 }
    }

    /// Reports what blocks the event loop, until the task is cancelled.
    package func watchLoop() async {
        guard let loop else { return }
        var watchdog = LoopWatchdog(
            loop.activity, thresholdNanoseconds: processor.blockedAfterNanoseconds, log: application.log)
        await watchdog.run(loop)
    }

    /// Sockets that a new program can take over, by name.
    package var listeningDescriptors: [(name: String, descriptor: Int32)] {
        servers.all.flatMap(\.listeningDescriptors)
    }

    private var serverName: String { application.core.general.serverName }
}

// A stop that takes too long.
extension HeroProcess {
    /// Parts that have not stopped, in the order in which they are going to; empty unless the process stops.
    package var unstopped: [String] { life.left }

    /// Says in the log what ends with the process, which has no more time to stop.
    ///
    /// - Parameter limitMilliseconds: How long it had.
    package func logCutOff(afterMilliseconds limitMilliseconds: Int) {
        let running = processor.unfinished + (work?.unfinished ?? [])
        application.log.write(
            level: .alert, message: "stopping took too long: what still runs is cut off",
            data: [
                ("limitMilliseconds", .integer(limitMilliseconds)),
                ("running", .array(running.map { .string($0) })),
                ("notStopped", .array(unstopped.map { .string($0) })),
            ])
        application.log.flush()
    }

    /// Whether no action and no job runs any more while the process stops: the rest has nobody to wait for.
    package var isPastWork: Bool { !unstopped.isEmpty && !unstopped.contains(Self.lastOfWork) }
}
