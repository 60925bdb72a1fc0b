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

    init(_ setup: ProcessSetup) {
        self.setup = setup
        inherited = InheritedSockets(environment: setup.environment)
        foreign = inherited.foreign ?? Set(Descendants.children(of: getpid()))
    }

    /// Runs until a signal ends it.
    ///
    /// - Returns: What the process ends with.
    func run() async throws -> Int32 {
        let signals = try SignalStream.catching([SIGTERM, SIGINT, SIGUSR1, SIGUSR2])
        signal(SIGPIPE, SIG_IGN)
        Terminal.serves()
        DescriptorLimit.raise()
        let application = try Refusal.reported { try setup.makeApplication() }
        if setup.title != nil || setup.environment["ACTIONHERO_TITLE"] != nil { Self.showTitle(application.id) }
        let hosted = try await boot(application)
        let process = hosted.process
        let limit = shutdownLimitMilliseconds
        let running = try? Candidate.Running(process)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await process.watchLoop() }
            defer { group.cancelAll() }
            for await number in signals {
                switch number {
                case SIGUSR1: application.log.reopen()
                case SIGUSR2:
                    announce(number, application)
                    await restart(hosted, running, application, limit: limit)
                default:
                    UnaskedEnd.isExpected()
                    announce(number, application)
                    let foreign = foreign
                    ShutdownLimit.arm(milliseconds: limit, for: process) { Descendants.askToEnd(except: foreign) }
                    // Further signals only arm further limits, as the reference does.
                    async let _: Void = Self.watchFurther(signals, process, limit: limit)
                    let isWhole = await Self.stop(process, within: limit)
                    endDescendants(application)
                    application.log.flush()
                    withExtendedLifetime(hosted) {}
                    return isWhole ? 0 : 1
                }
            }
            return 1
        }
    }

    private func boot(_ application: HeroApplication) async throws -> HostedProcess {
        UnaskedEnd.watch { what in
            application.log.write(level: .alert, message: what, data: [])
            application.log.flush()
        }
        let hosted = try await load(application)
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

    private func load(_ application: HeroApplication) async throws -> HostedProcess {
        let environment = setup.environment
        let kind = HostedProcess.Kind(
            servers: .serve(inherited: inherited.descriptors),
            redis: { try ProcessRedis(running: $0, environment: environment) },
            bundles: { try Project.loadBundles($0, isServing: true) }, stopLimit: shutdownLimitMilliseconds)
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

// Restart.
extension SingleProcess {
    /// Tries the new generation in a child; if it is good, stops and becomes it, whatever does not end in time.
    ///
    /// Connections wait in the socket's queue meanwhile.
    private func restart(
        _ hosted: HostedProcess, _ running: Candidate.Running?, _ application: HeroApplication, limit: Int
    ) async {
        let candidate = await Candidate.run(setup, beside: running)
        guard case .accepted = candidate else {
            for line in candidate.problems {
                application.log.write(level: line.level, message: line.message, data: line.data)
            }
            let line = DeployWords.refused(serving: "the running one")
            application.log.write(level: .alert, message: line, data: [])
            return
        }
        let process = hosted.process
        UnaskedEnd.isExpected()
        let next = NextProgram(hosted, foreign: foreign)
        // Connections are cut off when the time is over, and the others have a moment to stop then.
        ShutdownLimit.arm(milliseconds: limit, for: process) { next.execute() }
        await process.stop(
            StopPlan(
                keepsSockets: true, becomesAnotherProgram: true, limits: DrainLimits(totalMilliseconds: limit)))
        next.execute()
        // The limit was first, and is about to execute it.
        while true { try? await Task.sleep(for: .seconds(60)) }
    }
}
