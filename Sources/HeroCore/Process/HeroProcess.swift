// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
package import HeroBundles
internal import Synchronization

/// A process with its application loaded: it initializes, starts, stops.
package final class HeroProcess: Sendable {
    /// Makes the servers that the configuration asks for, bound but not yet accepting.
    package typealias ServerFactory = @Sendable (HeroApplication, ActionProcessor) async throws -> [any HeroServer]

    package let application: HeroApplication
    package let processor: ActionProcessor
    package let commands: [CommandRecord]
    private let chain: InitializerChain
    private let servers: ServerSlot
    private let pidFile: PidFile
    /// Still trying to take messages of other processes.
    private let sharing = Mutex<Task<Void, Never>?>(nil)

    /// The servers come into being while the initializers start, after the process exists.
    private final class ServerSlot: Sendable {
        private let list = Mutex<[any HeroServer]>([])
        var all: [any HeroServer] {
            get { list.withLock { $0 } }
            set { list.withLock { $0 = newValue } }
        }
        private let early = Atomic<Bool>(false)
        /// Whether whoever asks how the process is, hears that it is starting; otherwise connections wait in the queue.
        var isOpenEarly: Bool {
            get { early.load(ordering: .relaxed) }
            set { early.store(newValue, ordering: .relaxed) }
        }
        private let drainState = Mutex((keepsSockets: false, limits: DrainLimits()))
        /// Whether the sockets outlive the servers, because others go on with them, and how long to wait.
        var drain: (keepsSockets: Bool, limits: DrainLimits) {
            get { drainState.withLock { $0 } }
            set { drainState.withLock { $0 = newValue } }
        }
    }

    /// Registers what the bundles brought.
    ///
    /// - Parameters:
    ///   - application: The first stage.
    ///   - bundles: In the order in which they were loaded.
    ///   - makeServers: Called when the servers' turn to start has come.
    ///   - onStep: Called before each step of each initializer, which is then to blame for a hang.
    /// - Throws: `BundlesRefused` with every conflict and invalid definition.
    package init(
        _ application: HeroApplication, bundles: [LoadedBundle],
        makeServers: @escaping ServerFactory = { _, _ in [] },
        onStep: @escaping @Sendable (_ step: String, _ initializer: String) -> Void = { _, _ in }
    ) throws {
        self.application = application
        let registration = try Registration(
            bundles, application, RoutesConfiguration(application.configuration))
        processor = ActionProcessor(
            application: application, actions: registration.actions,
            connectionMiddleware: registration.connectionMiddleware, buildHint: BuildHint(application, bundles))
        commands = registration.commands
        let slot = ServerSlot()
        servers = slot
        let processor = processor
        let log = application.log
        let serverStep = InitializerChain.FrameworkStep(
            name: "servers", loadPriority: 599, startPriority: 900, stopPriority: 100,
            start: { _ in
                slot.all = try await makeServers(application, processor)
                for server in slot.all {
                    let place = server.address.map { " @ \($0)" } ?? ""
                    log.write(level: .notice, message: "Starting server: `\(server.name)`\(place)", data: [])
                    if slot.isOpenEarly { try await server.open() }
                }
            },
            stop: { _ in
                for server in slot.all {
                    log.write(level: .notice, message: "Stopping server: \(server.name)", data: [])
                }
                await Self.stop(slot.all, slot.drain)
                for server in slot.all {
                    log.write(level: .debug, message: "Server stopped: \(server.name)", data: [])
                }
            })
        chain = try InitializerChain(
            framework: [serverStep], types: registration.initializers, log: log, onStep: onStep)
        let directory = ProcessSetup.absolute(application.core.general.paths.pid, in: application.projectRoot)
        pidFile = PidFile(directory: directory, id: application.id, isWorker: application.boardSlot != nil)
        application.install(processor)
        for action in registration.actions.all {
            log.write(
                level: .debug, message: "action loaded: \(action.name) @ v\(action.version), \(action.file)", data: [])
        }
    }

    private static func stop(_ servers: [any HeroServer], _ drain: (keepsSockets: Bool, limits: DrainLimits)) async {
        await withTaskGroup(of: Void.self) { group in
            for server in servers {
                group.addTask { await server.stop(keepsSocket: drain.keepsSockets, drain.limits) }
            }
        }
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
        servers.isOpenEarly = true
        try await prepare()
        try await accept(isRestart: isRestart)
    }

    /// Starts everything without accepting connections.
    ///
    /// - Throws: ``InitializerFailure``, `FileError` for the pidfile.
    package func prepare() async throws {
        let log = application.log
        try pidFile.write()
        log.write(level: .notice, message: "pid: \(getpid())", data: [])
        log.write(level: .notice, message: "environment: \(application.configuration.environment)", data: [])
        for line in application.configuration.absentFeatures { log.write(level: .warning, message: line, data: []) }
        log.write(level: .info, message: "*** Starting \(serverName) ***", data: [])
        // What the initializers send waits for the connection; messages of others are to come before requests do.
        async let sharing: Void = startSharing()
        try await startInitializers()
        await sharing
    }

    /// Takes messages of other processes; without Redis the process starts nevertheless, and is not ready.
    private func startSharing() async {
        let shared = application.shared
        guard shared.clients != nil else { return }
        do {
            try await Self.within(Self.sharingLimit) { try await shared.start() }
        } catch {
            let log = application.log
            log.write(
                level: .alert,
                message: error is CancellationError
                    ? "no connection to Redis yet, the process goes on without messages of others" : "\(error)",
                data: [])
            // Cancelled and awaited by `stop()`.
            let task = Task {
                while !Task.isCancelled {
                    do {
                        return try await shared.start()
                    } catch {
                        guard !Task.isCancelled else { return }
                        log.write(level: .info, message: "\(error)", data: [])
                        try? await Task.sleep(for: .milliseconds(100))
                    }
                }
            }
            sharing.withLock { $0 = task }
        }
    }

    /// How long a process waits for Redis before it goes on without, however patient commands are: the limit of all
    /// commands may be minutes.
    private static let sharingLimit = Duration.seconds(6)

    /// - Throws: What the body throws; `CancellationError` when it was cancelled because it took too long.
    private static func within(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(operation: body)
            group.addTask {
                try await Task.sleep(for: limit)
                throw CancellationError()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Accepts connections.
    ///
    /// - Parameter isRestart: Whether the process has just replaced itself.
    /// - Throws: When a server cannot use its socket.
    package func accept(isRestart: Bool = false) async throws {
        let log = application.log
        for server in servers.all {
            try await server.accept()
            log.write(level: .debug, message: "Server started: \(server.name)", data: [])
        }
        if !isRestart { log.write(level: .notice, message: "server ID: \(application.id)", data: []) }
        log.write(level: .notice, message: "*** \(serverName) \(isRestart ? "Restarted" : "Started") ***", data: [])
    }

    /// Starts the initializers only, which is what a candidate and the tests of an application do.
    package func startInitializers() async throws { try await chain.start(application.facade) }

    /// The counterpart of ``startInitializers()``.
    package func stopInitializers() async {
        await chain.stop(application.facade)
        application.log.flush()
    }

    /// Ends connections and actions, stops the initializers, removes the pidfile.
    ///
    /// - Parameters:
    ///   - keepsSockets: Whether connections go on waiting for whoever accepts next.
    ///   - keepsPidFile: Whether the process goes on under another program.
    ///   - limits: How long to wait for connections.
    package func stop(
        keepsSockets: Bool = false, keepsPidFile: Bool = false, limits: DrainLimits = DrainLimits()
    ) async {
        let log = application.log
        log.write(level: .notice, message: "stopping process...", data: [])
        servers.drain = (keepsSockets, limits)
        await chain.stop(application.facade)
        processor.stopAccepting()
        await processor.drain()
        let task = sharing.withLock { $0 }
        task?.cancel()
        await task?.value
        if application.shared.clients != nil { await application.shared.stop() }
        for server in servers.all { await server.shutDown() }
        if !keepsPidFile, !pidFile.remove() { log.write(level: .error, message: "Unable to remove pidfile", data: []) }
        log.write(level: .notice, message: "*** \(serverName) Stopped ***", data: [])
        log.flush()
    }

    /// Connections that have not ended.
    package var connectionCount: Int {
        get async {
            var count = 0
            for server in servers.all { count += await server.connectionCount }
            return count
        }
    }

    /// Returns when every event loop has shown that it is not blocked.
    package func ping() async {
        for server in servers.all { await server.ping() }
    }

    /// The thread whose backtrace explains a hang; 0 when there is none.
    package var loopThread: Int32 {
        get async { await servers.all.first?.loopThread ?? 0 }
    }

    /// Reports actions that block an event loop, until the task is cancelled.
    package func watchLoops() async {
        var activities: [LoopActivity] = []
        for server in servers.all { activities += await server.activities }
        var watchdog = LoopWatchdog(
            loops: activities, thresholdNanoseconds: processor.blockedAfterNanoseconds, log: application.log)
        await watchdog.run()
    }

    /// Sockets that a new program can take over, by name.
    package var listeningDescriptors: [(name: String, descriptor: Int32)] {
        servers.all.flatMap(\.listeningDescriptors)
    }

    private var serverName: String { application.core.general.serverName }
}
