// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CHero
import Glibc
import HeroCluster
import HeroRuntime

struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Run the project's servers in one process.",
        discussion: """
            TERM and INT stop it after the requests under way have been answered, USR2 loads what is on disk now without \
            closing the listening sockets, USR1 reopens the log files.
            """,
        subcommands: [StartClusterCommand.self])

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        throw ExitCode(try await Self.start(options.setup(.configured)))
    }

    /// `hero start` without flags.
    ///
    /// - Returns: What the process ends with.
    static func withoutFlags() async throws -> Int32 {
        try await start(ProcessSetup(projectRoot: Project.root, environment: Project.environment))
    }

    private static func start(_ setup: ProcessSetup) async throws -> Int32 {
        // What bundles print is to be seen when they print it, also through a pipe.
        hero_write_by_line()
        if let orders = try WorkerOrders.from(setup.environment) {
            return try await ClusterWorker(setup, orders).run()
        }
        if let orders = setup.environment[Candidate.variable] {
            unsetenv(Candidate.variable)
            return try await Candidate.main(setup, orders)
        }
        try Project.require(exitCode: SingleProcess.refusedExitCode)
        return try await SingleProcess(setup).run()
    }
}
