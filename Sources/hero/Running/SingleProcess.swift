// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import CHero
import Glibc
import HeroBundles
import HeroCluster
import HeroConfiguration
import HeroLog
import HeroRedis
import HeroRuntime
import HeroServers
import HeroShared
import HeroSystem
import Synchronization

/// `hero start`: one process without a master.
struct SingleProcess {
    /// Refused configuration or bundles (EX_CONFIG): starting again without a change is pointless.
    static let refusedExitCode: Int32 = 78

    private let setup: ProcessSetup
    private let inherited: InheritedSockets
    /// Children that were there before.
    private let foreign: Set<Int32>

    /// The program that this process executes: the file that it was started from may have been replaced by anything.
    static let runningImage = "/proc/self/exe"

    /// What it is told by signals.
    static let signals = [SIGTERM, SIGINT, SIGUSR1, SIGUSR2]

    /// Those that have come since the process became this program: the earlier one has blocked them.
    private static let early: AsyncStream<Int32>? =
        InheritedSockets.areThere ? try? SignalStream.catching(signals) : nil

    /// To be called on the first thread before there are others, which would go on blocking them.
    static func listenEarly() { _ = early }

    init(_ setup: ProcessSetup) {
        self.setup = setup
        inherited = InheritedSockets(environment: setup.environment)
        foreign = inherited.foreign ?? Set(Descendants.children(of: getpid()))
    }

    /// Runs until a signal ends it.
    ///
    /// - Returns: What the process ends with.
    func run() async throws -> Int32 {
        let signals = try Self.early ?? SignalStream.catching(Self.signals)
        signal(SIGPIPE, SIG_IGN)
        Terminal.serves()
        DescriptorLimit.raise()
        let handedOver = HandedOverGeneration(inherited.generation, setup)
        let application = try Refusal.reported { try handedOver.setup.makeApplication() }
        if setup.title != nil || setup.environment["ACTIONHERO_TITLE"] != nil { Self.showTitle(application.id) }
        let hosted = try await boot(application, handedOver)
        let process = hosted.process
        let limit = shutdownLimitMilliseconds
        let deploy = SingleDeploy(hosted, setup, foreign: foreign, limit: limit)
        if inherited.isToDeploy { deploy.begin() }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await process.watchLoop() }
            defer { group.cancelAll() }
            for await number in signals {
                switch number {
                case SIGUSR1: application.log.reopen()
                case SIGUSR2:
                    announce(number, application)
                    deploy.begin()
                default:
                    UnaskedEnd.isExpected()
                    announce(number, application)
                    let foreign = foreign
                    ShutdownLimit.arm(milliseconds: limit, for: process) { Descendants.askToEnd(except: foreign) }
                    // Further signals only arm further limits, as the reference does.
                    async let _: Void = Self.watchFurther(signals, process, limit: limit)
                    let hasStopped = await deploy.callOff()
                    let isWhole = hasStopped ? true : await Self.stop(process, within: limit)
                    if hasStopped { await leave(hosted) }
                    endDescendants(application)
                    application.log.flush()
                    withExtendedLifetime(hosted) {}
                    return isWhole ? 0 : 1
                }
            }
            return 1
        }
    }

    /// Takes away what would have been the next program's.
    private func leave(_ hosted: HostedProcess) async {
        hosted.redis.stopAfterExecution()
        hosted.process.removePidFile()
        for (name, descriptor) in hosted.process.listeningDescriptors {
            guard let place = hosted.listeners.first(where: { $0.name.isSame(as: name) }) else { continue }
            ListeningSocket(inherited: descriptor, address: place.address).close()
        }
    }

    private func boot(
        _ application: HeroApplication, _ handedOver: HandedOverGeneration
    ) async throws -> HostedProcess {
        UnaskedEnd.watch { what in
            application.log.write(level: .alert, message: what, data: [])
            application.log.flush()
        }
        let hosted = try await load(application, handedOver)
        UnaskedEnd.watch { what in
            application.log.write(level: .alert, message: what, data: [])
            hosted.process.removePidFile()
            application.log.flush()
        }
        do {
            try await hosted.process.initialize()
            try await hosted.process.start(isRestart: inherited.isRestart)
        } catch {
            application.log.write(level: .emerg, message: "\(error)", data: [])
            await hosted.process.stop()
            endDescendants(application)
            application.log.flush()
            throw CommandFailure("\(error)")
        }
        try? hosted.held.store.prune(keeping: application.core.general.keepGenerations)
        return hosted
    }

    private func load(
        _ application: HeroApplication, _ handedOver: HandedOverGeneration
    ) async throws -> HostedProcess {
        let environment = setup.environment
        let files = handedOver.files
        let kind = HostedProcess.Kind(
            servers: .serve(inherited: inherited.descriptors, at: inherited.places),
            redis: { try ProcessRedis(running: $0, environment: environment, files: files) },
            bundles: { try handedOver.bundles() ?? Project.loadBundles($0, isServing: true) }, files: files,
            stopLimit: shutdownLimitMilliseconds)
        do {
            if FileContents.isLink(Project.root) { try warnAboutRelease(application) }
            return try await Refusal.awaited(log: application.log) { try await HostedProcess(application, kind) }
        } catch {
            endDescendants(application)
            application.log.flush()
            throw error
        }
    }

    /// What bundles have started and left behind would keep what it has inherited, such as a port.
    private func endDescendants(_ application: HeroApplication) {
        let (ended, left) = Descendants.end(except: foreign)
        if !ended.isEmpty {
            let text = "ended what was left running: \(ended.joined(separator: ", "))"
            application.log.write(level: .notice, message: text, data: [])
        }
        if !left.isEmpty {
            let text = "cannot end \(left.joined(separator: ", "))"
            application.log.write(level: .alert, message: text, data: [])
        }
    }

    private func warnAboutRelease(_ application: HeroApplication) throws {
        let directories = SharedDirectories(application, try RedisPlan.read(application))
        guard let warning = directories.warning(link: Project.root) else { return }
        application.log.write(level: .warning, message: warning, data: [])
    }

    private func announce(_ number: Int32, _ application: HeroApplication) {
        application.log.write(level: .notice, message: "[ SIGNAL ] - \(SignalStream.name(number))", data: [])
    }

    /// - Returns: Whether no action was cut off together with its client; clients that only read slowly do not count.
    private static func stop(_ process: HeroProcess, within limit: Int) async -> Bool {
        let running = Mutex<[String]>([])
        await process.stop(
            StopPlan(
                limits: DrainLimits(totalMilliseconds: limit) { running.withLock { $0 = process.processor.executing } })
        )
        let lost = running.withLock { $0 }
        guard !lost.isEmpty else { return true }
        ShutdownLimit.say(limit)
        process.application.log.write(
            level: .alert, message: "stopping took too long: actions were cut off",
            data: [("limitMilliseconds", .integer(limit)), ("running", .array(lost.map { .string($0) }))])
        return false
    }

    private static func watchFurther(_ signals: AsyncStream<Int32>, _ process: HeroProcess, limit: Int) async {
        for await number in signals where number == SIGTERM || number == SIGINT {
            process.application.log.write(
                level: .notice, message: "[ SIGNAL ] - \(SignalStream.name(number))", data: [])
            ShutdownLimit.arm(milliseconds: limit, for: process)
        }
    }

    private var shutdownLimitMilliseconds: Int {
        ShutdownLimit.milliseconds(setup.environment)
    }

    private static func showTitle(_ title: String) {
        title.withCString { hero_set_title(CommandLine.argc, CommandLine.unsafeArgv, $0) }
    }
}
