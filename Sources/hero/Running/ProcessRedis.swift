// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles
import HeroCluster
import HeroLog
import HeroRedis
import HeroRuntime
import HeroServers
import HeroShared
import HeroTasks

/// The event loop of a process, and Redis as the process uses it.
final class ProcessRedis: Sendable {
    /// Tells the workers of a cluster where the embedded server is.
    static let variable = "HERO_REDIS_SOCKET"

    let loop: ProcessLoop
    private let embedded: EmbeddedServer?
    /// The embedded server of a command, which starts it when it is needed.
    private let onDemand: EmbeddedOnDemand?
    private let connections: RedisConnections?
    private let plan: RedisPlan?
    /// What processes share over it; `nil` without Redis.
    let services: SharedServices?

    /// For a process that runs the embedded server itself.
    ///
    /// - Parameters:
    ///   - application: Gets the services over Redis.
    ///   - environment: Of the process.
    ///   - files: Certificates and keys.
    /// - Throws: `ConfigurationRefused`, `EmbeddedFailure`, `UntrustedProject`.
    convenience init(
        running application: HeroApplication, environment: [String: String], files: CompanionFiles? = nil
    ) throws {
        let plan = try RedisPlan.read(application, files: files)
        if let warning = try KnownToken.check(application, plan) {
            application.log.write(level: .warning, message: warning, data: [])
        }
        let embedded = try Self.server(plan, application, environment)
        embedded?.start()
        self.init(plan, application, embedded: embedded, socket: embedded?.socket)
    }

    /// For a process beside one that runs the embedded server.
    ///
    /// - Parameters:
    ///   - application: Gets the services over Redis.
    ///   - socket: Of the embedded server; the project's when it is `nil`.
    ///   - files: Certificates and keys.
    /// - Throws: `ConfigurationRefused`.
    convenience init(using application: HeroApplication, socket: String?, files: CompanionFiles? = nil) throws {
        let plan = try RedisPlan.read(application, files: files)
        // Whoever runs the server has said it.
        _ = try KnownToken.check(application, plan)
        try Self.checkOwners(plan, application)
        self.init(plan, application, embedded: nil, socket: socket)
    }

    /// The embedded server's directory holds what is started, connected to and ended.
    private static func checkOwners(_ plan: RedisPlan?, _ application: HeroApplication) throws {
        guard let settings = plan?.embedded else { return }
        // A name without a slash is looked for in PATH, which is the caller's own.
        let program = settings.executable.contains("/") ? [absolute(settings.executable)] : []
        var trust = ProjectTrust(root: application.projectRoot)
        try trust.check([settings.socket] + program)
    }

    /// As the system finds it.
    private static func absolute(_ program: String) -> String {
        program.hasPrefix("/") ? program : "\(Project.workingDirectory)/\(program)"
    }

    /// For a command: it uses the server that runs in the project, or runs one itself from when it needs it to its end.
    ///
    /// - Throws: `ConfigurationRefused`.
    convenience init(command application: HeroApplication) throws {
        let plan = try RedisPlan.read(application)
        try Self.checkOwners(plan, application)
        let log = application.log
        let onDemand = plan?.embedded.map { settings in
            EmbeddedOnDemand(settings) { level, text in log.write(level: level, message: text, data: []) }
        }
        self.init(plan, application, embedded: nil, socket: nil, onDemand: onDemand)
    }

    private init(
        _ plan: RedisPlan?, _ application: HeroApplication, embedded: EmbeddedServer?, socket: String?,
        onDemand: EmbeddedOnDemand? = nil
    ) {
        let loop = ProcessLoop(application)
        self.loop = loop
        self.embedded = embedded
        self.onDemand = onDemand
        self.plan = plan
        let connections = plan.map {
            RedisConnections($0, application, socket: socket, onDemand: onDemand, on: loop.eventLoop)
        }
        self.connections = connections
        services = connections.map { application.install($0.clients) }
    }

    /// `nil` without Redis.
    var clients: RedisClients? { connections?.clients }

    /// The background jobs of the process: any can enqueue, and one that serves runs them.
    ///
    /// - Parameters:
    ///   - application: The process; from now on it enqueues by this.
    ///   - tasks: Its tasks.
    ///   - stopLimit: Milliseconds that its stop may take; `nil` for a process that does not serve.
    /// - Returns: What runs jobs; `nil` when nothing does.
    /// - Throws: `ConfigurationRefused`.
    func makeJobs(
        _ application: HeroApplication, _ tasks: TaskProcessor, stopLimit: Int?
    ) throws -> ProcessJobs? {
        try RecurrentTasks.check(tasks.registry)
        guard let clients, let plan else {
            ProcessJobs.refuse(in: application, tasks)
            return nil
        }
        let site = ProcessJobs.Site(
            client: clients.tasks, isCluster: plan.tasks.isCluster, sharesServer: plan.tasks == plan.client,
            loop: loop.eventLoop, stopLimit: stopLimit ?? 0)
        let jobs: ProcessJobs
        do { jobs = try ProcessJobs(application, tasks, site) } catch {
            guard !ProcessJobs.areUsed(by: application, tasks) else { throw error }
            ProcessJobs.refuse(in: application, tasks, error)
            return nil
        }
        return stopLimit == nil ? nil : jobs
    }

    /// Begins to connect, which takes as long as loading bundles does.
    func connect() { connections?.connect() }

    /// What a process stands on: it has started before there is a process, and stops after everything else.
    var steps: [LifeStep] {
        [
            LifeStep(
                "redis-server",
                stop: { plan in
                    guard !plan.becomesAnotherProgram else { return self.handOver() }
                    self.embedded?.stop()
                    self.onDemand?.stop()
                }),
            LifeStep("event loop", stop: { _ in await self.loop.shutDown() }),
            LifeStep("Redis", stop: { _ in await self.connections?.close() }),
        ]
    }

    /// For those without a process: stops all of them.
    func close() async { await LifeCycle(steps).stop(StopPlan()) }

    /// Leaves the embedded server to the program that this process executes next.
    func handOver() {
        embedded?.handOver()
        onDemand?.stop()
    }

    /// Takes the embedded server back and stops it: the process could not become another program.
    func stopAfterExecution() {
        embedded?.resume()
        embedded?.stop()
    }

    /// - Returns: `nil` when no role uses the embedded server.
    static func server(
        _ plan: RedisPlan?, _ application: HeroApplication, _ environment: [String: String]
    ) throws -> EmbeddedServer? {
        guard let settings = plan?.embedded else {
            EmbeddedServer.endInherited(environment)
            return nil
        }
        try checkOwners(plan, application)
        let log = application.log
        return try EmbeddedServer(settings, environment: environment) { level, text in
            log.write(level: level, message: text, data: [])
        }
    }
}

extension EmbeddedServer: MasterService {
    package var workerEnvironment: [String: String] { [ProcessRedis.variable: socket] }
}
