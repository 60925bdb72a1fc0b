// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroBundles
package import HeroConfiguration
internal import HeroLog
package import HeroSystem

/// The first stage of a process: configuration is read, the log is open, the process has a name.
///
/// Nothing of the application has been loaded.
package struct ProcessSetup: Sendable {
    /// Where log lines go.
    package enum LogMode: Sendable {
        /// Where `config/logger.yml` says.
        case configured
        /// Warnings and worse to standard error: commands keep standard output for their results.
        case command
        /// The same as JSON, for the process that has started this one and tells it again.
        case passedOn
        /// As configured, with a console or without, in a file of that name.
        case file(String, hasConsole: Bool)
        /// As configured, but on the console only what `cluster.workerConsole` wants there.
        case worker
    }

    package var projectRoot: String
    /// Environment variables.
    package var environment: [String: String]
    package var flags: ConfigurationLoader.Flags
    package var title: String?
    package var logMode: LogMode
    /// Whether the process only shows what the configuration says, also that of somebody else's project.
    package var onlyLooks = false
    /// What the workers of a cluster share, and which place is this one's.
    package var board: (board: WorkerBoard, slot: Int)?

    package init(
        projectRoot: String, environment: [String: String], flags: ConfigurationLoader.Flags = .init(),
        title: String? = nil, logMode: LogMode = .configured
    ) {
        self.projectRoot = projectRoot
        self.environment = environment
        self.flags = flags
        self.title = title
        self.logMode = logMode
    }

    /// Reads the configuration and opens the log.
    ///
    /// - Parameter share: Makes what the process shares until something else is installed.
    /// - Returns: The first stage.
    /// - Throws: ``ConfigurationRefused``, `UntrustedProject`, or an error of the log's files.
    package func makeApplication(sharing share: (SharingSite) -> any ProcessSharing) throws -> HeroApplication {
        var loader = ConfigurationLoader(projectRoot: projectRoot, environment: environment, flags: flags)
        // Before it is read: it names programs to run, and what it quotes of itself may be another file.
        if !onlyLooks { try checkOwners(loader.sources()) }
        let configuration = try loader.load()
        let core = try CoreConfiguration(configuration)
        try checkWritten(core, configuration)
        try checkNames(core)
        let id = ServerIdentity.determine(title: title, environment: environment, configured: core.general.id)
        let log = try makeLog(core, configuration, id: id)
        // Of workers the master has said it.
        if board == nil {
            for warning in configuration.warnings { log.write(level: .warning, message: warning, data: []) }
            // Commands may end with an error before anything else waits for the log.
            if !configuration.warnings.isEmpty { log.flush() }
        }
        let site = SharingSite(
            id: id, projectRoot: projectRoot, core: core, log: log, connections: ConnectionDirectory())
        return HeroApplication(site, configuration: configuration, board: board, sharing: share(site))
    }

    private func checkOwners(_ paths: [String]) throws(UntrustedProject) {
        var trust = ProjectTrust(root: projectRoot)
        try trust.check(paths)
    }

    /// A process that serves writes into the project, before it loads anything.
    private func checkWritten(
        _ core: CoreConfiguration, _ configuration: EffectiveConfiguration
    ) throws(UntrustedProject) {
        switch logMode {
        case .command, .passedOn: return
        case .configured, .file, .worker: break
        }
        let paths = core.general.paths
        let uploads = configuration.value(at: "web.formOptions.uploadDir")?.stringValue
        let written = [paths.log, paths.pid, "tmp/generations"] + (uploads.map { [$0] } ?? [])
        try checkOwners(written.map { ProjectPath.absolute($0, in: projectRoot) })
    }

    /// Refuses names that the project must not have; a worker's was chosen by the master.
    private func checkNames(_ core: CoreConfiguration) throws(ConfigurationRefused) {
        if case .worker = logMode { return }
        let names = [
            ("--title", title), ("ACTIONHERO_TITLE", environment["ACTIONHERO_TITLE"]), ("general.id", core.general.id),
        ]
        for (place, name) in names { try ServerIdentity.check(name, of: place) }
    }

    private func makeLog(
        _ core: CoreConfiguration, _ configuration: EffectiveConfiguration, id: String
    ) throws -> LogRouter {
        let directory = ProjectPath.absolute(core.general.paths.log, in: projectRoot)
        switch logMode {
        case .configured, .worker:
            // The reference keeps colons and spaces of the id here, unlike in the name of the pidfile.
            let name = "\(String(id.map { $0 == "/" ? "-" : $0 }))-\(configuration.environment).log"
            guard case .worker = logMode else { return try openLog(core, "\(directory)/\(name)", hasConsole: true) }
            let hasConsole = configuration.value(at: "cluster.workerConsole")?.boolValue ?? false
            return try openWorkerLog(core, "\(directory)/\(name)", hasConsole: hasConsole)
        case .file(let name, let hasConsole):
            return try openLog(core, "\(directory)/\(name)", hasConsole: hasConsole)
        case .command: return Self.errorLog(core, .line(hasColor: isatty(STDERR_FILENO) == 1))
        case .passedOn: return Self.errorLog(core, .json)
        }
    }

    private static func errorLog(_ core: CoreConfiguration, _ style: LogFormat.Style) -> LogRouter {
        LogRouter(
            destinations: [
                LogDestination(
                    level: .warning, style: style, limitBytes: core.logger.bufferLimit,
                    output: LogOutput(descriptor: STDERR_FILENO))
            ], filter: filter(core))
    }

    private static func filter(_ core: CoreConfiguration) -> LogFilter {
        LogFilter(core.logger, names: core.general.filteredNames, paths: core.general.filteredParams)
    }

    private func openLog(_ core: CoreConfiguration, _ file: String, hasConsole: Bool) throws -> LogRouter {
        let root = projectRoot
        return try LogRouter(
            core.logger, file: file, in: root, hasConsole: hasConsole, filter: Self.filter(core)
        ) { path in
            var trust = ProjectTrust(root: root)
            try trust.check([path])
        }
    }

    /// A full disk must not keep a worker from serving.
    private func openWorkerLog(_ core: CoreConfiguration, _ file: String, hasConsole: Bool) throws -> LogRouter {
        do {
            return try openLog(core, file, hasConsole: hasConsole)
        } catch let error as UntrustedProject {
            throw error
        } catch {
            return LogRouter(core.logger, filter: Self.filter(core), without: error)
        }
    }
}
