// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import CHero
import Glibc
import HeroCluster
import HeroConfiguration
import HeroLog
import HeroRuntime
import HeroShared
import HeroSystem

import class HeroRedis.EmbeddedServer

/// `hero start cluster`: reads what the master needs to know and becomes the master.
struct Cluster {
    struct Flags {
        var workers: Int?
        var workerTitlePrefix: String?
        var isSilent = false
        /// Flags for the workers.
        var forwarded: [String] = []
    }

    let setup: ProcessSetup
    let flags: Flags

    /// Runs until the cluster has stopped.
    ///
    /// - Returns: The exit code.
    func run() throws -> Int32 {
        Terminal.serves()
        var setup = setup
        let name = Self.name(setup)
        setup.logMode = .file("\(name).log", hasConsole: !flags.isSilent)
        let (application, redis) = try Refusal.reported { try Self.configuration(setup) }
        try Refusal.reported { try ServerIdentity.check(flags.workerTitlePrefix, of: "--workerTitlePrefix") }
        let settings = try HeroCluster.ClusterSettings(of: application)
        if setup.title != nil || setup.environment["ACTIONHERO_TITLE"] != nil {
            application.id.withCString { hero_set_title(CommandLine.argc, CommandLine.unsafeArgv, $0) }
        }
        let count = workers(settings)
        let tokenWarning = try Refusal.reported { try KnownToken.check(application, redis) }
        let server = try Refusal.reported { try ProcessRedis.server(redis, application, setup.environment) }
        var warnings = tokenWarning.map { [$0] } ?? []
        if redis == nil {
            warnings.append("redis.enabled is false: each worker has a cache of its own, and messages do not leave it")
        }
        setup.environment[EmbeddedServer.variable] = nil
        let options = Master.Options(
            projectRoot: Project.root, environment: setup.environment,
            executable: try InstallLayout.current().executable, workerTitlePrefix: prefix(name),
            workers: count, forwardedArguments: flags.forwarded,
            arguments: Array(CommandLine.arguments.dropFirst()),
            stopTimeout: ShutdownLimit.milliseconds(setup.environment),
            pidDirectory: ProjectPath.absolute(application.core.general.paths.pid, in: Project.root),
            pidFileName: "\(name)_pidfile", settings: settings)
        // What was printed comes before what the log writes past the buffer.
        fflush(nil)
        do {
            return try Master(
                options, services: server.map { [$0] } ?? [], warnings: warnings, log: application.log
            ).run()
        } catch {
            application.log.flush()
            throw error
        }
    }

    /// An executable that takes over goes by what serves: what is on disk may be unfit, and nobody is left to carry on.
    private static func configuration(
        _ setup: ProcessSetup
    ) throws -> (application: HeroApplication, redis: RedisPlan?) {
        if let serving = HandOver.serving(setup.environment),
            let frozen = try? ServingGeneration(serving, setup).configuration()
        {
            return frozen
        }
        let application = try setup.makeApplication()
        return (application, try RedisPlan.read(application))
    }

    /// What the master's log and pidfile are called: its title, where one is given.
    private static func name(_ setup: ProcessSetup) -> String {
        let title = ServerIdentity.sanitized(
            ServerIdentity.title(setup.title, environment: setup.environment) ?? untitled)
        return title.isEmpty || title.hasPrefix(".") ? untitled : title
    }

    private static let untitled = "cluster"

    private func workers(_ settings: HeroCluster.ClusterSettings) -> Int {
        if let count = flags.workers ?? settings.workers { return count }
        let cores = max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1)
        if !flags.isSilent { Terminal.print("using default value of `\(cores)` for `workers`") }
        return cores
    }

    /// - Parameter name: What the master's files are called.
    /// - Returns: What workers are called, before their number.
    private func prefix(_ name: String) -> String {
        switch flags.workerTitlePrefix {
        case nil, "":
            // Two clusters that share directories have different titles, and so different workers.
            let prefix = name == Self.untitled ? "actionhero-worker-" : "\(name)-worker-"
            if !flags.isSilent { Terminal.print("using default value of `\(prefix)` for `workerTitlePrefix`") }
            return prefix
        case "hostname":
            var name = [CChar](repeating: 0, count: 256)
            gethostname(&name, name.count - 1)
            return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) + "-"
        case let prefix?: return prefix
        }
    }
}

extension HeroCluster.ClusterSettings {
    /// - Throws: `ConfigurationRefused`.
    init(of application: HeroApplication) throws {
        self = try application.configuration.decode(Self.self, "cluster")
        checkTimeout = application.core.general.bundles.checkTimeout
    }
}
