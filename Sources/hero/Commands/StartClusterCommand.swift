// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import HeroCluster
import HeroRuntime

struct StartClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Run the project's servers in several processes that are watched and replaced.",
        discussion: """
            TERM, INT and QUIT stop the cluster after the requests under way have been answered, USR2 brings what is on \
            disk now into service, one worker after the other, HUP all of them at once. TTIN and TTOU add and remove a \
            worker, WINCH drains them all, USR1 reopens the log files, RTMIN replaces the executable. \
            `hero cluster` controls a running cluster.
            """)

    @OptionGroup var options: ProjectOptions

    @Option(help: "How many workers. (default: cluster.workers, or one per core)")
    var workers: Int?

    @Option(
        name: .customLong("workerTitlePrefix"),
        help:
            """
            What workers are called, before their number; 'hostname' for the machine's name. (default: TITLE-worker-, or \
            actionhero-worker- without a title)
            """
    )
    var workerTitlePrefix: String?

    @Flag(help: "Run in the background, apart from the terminal.")
    var daemon = false

    @Flag(help: "Print nothing; log/cluster.log has it all.")
    var silent = false

    // Tells a process in the background from the one that started it, in the list of processes.
    @Option(name: .customLong("isDaemon"), help: .hidden)
    var isDaemon: String?

    mutating func validate() throws {
        if let workers, !(0...128).contains(workers) {
            throw ValidationError("--workers wants a number from 0 to 128; it got \(workers)")
        }
    }

    func run() async throws {
        try Project.require(exitCode: SingleProcess.refusedExitCode)
        let setup = options.setup(.configured)
        if daemon {
            switch try Daemon.start() {
            case .up(let process): Terminal.print("spawned child process with pid \(process)")
            case .ended(let status, let output):
                for line in output.split(separator: "\n") { Terminal.error(String(line)) }
                Terminal.error("Error: the cluster did not start; its log has more")
                throw ExitCode(status == 0 ? 1 : status)
            }
            return
        }
        var flags = Cluster.Flags()
        flags.workers = workers
        flags.workerTitlePrefix = workerTitlePrefix
        flags.isSilent = silent
        flags.forwarded = options.values.flatMap { ["--set", $0] }
        if let environment = options.environment { flags.forwarded += ["--env", environment] }
        // The directories of the configuration are not among them: workers read their generation's copy, and the
        // process that checks reads what the environment names.
        var environment = setup
        if !options.config.isEmpty {
            environment.environment["ACTIONHERO_CONFIG"] = options.config.joined(separator: ",")
        }
        throw ExitCode(try Cluster(setup: environment, flags: flags).run())
    }
}

/// Starts the same command again, in a session of its own.
enum Daemon {
    /// - Returns: What has come of it: the first workers serve, or it has ended.
    static func start() throws -> DetachedProgram.Outcome {
        let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--daemon" } + ["--isDaemon=true"]
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { throw CommandFailure("cannot open /dev/null") }
        defer { close(null) }
        return try DetachedProgram.start(
            try InstallLayout.current().executable, Array(arguments), environment: Project.environment, null: null)
    }
}
