// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import HeroCluster
import HeroCore

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
        let setup = options.setup(.configured)
        if let orders = try WorkerOrders.from(setup.environment) {
            throw ExitCode(try await ClusterWorker(setup, orders).run())
        }
        if setup.environment[Candidate.variable] != nil {
            unsetenv(Candidate.variable)
            throw ExitCode(try await Candidate.main(setup))
        }
        throw ExitCode(try await SingleProcess(setup).run())
    }
}
