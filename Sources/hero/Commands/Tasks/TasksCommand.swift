// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroSystem
import HeroTasks

struct TasksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks", abstract: "Look at background jobs, and operate on them.",
        discussion: "Uses the Redis of the configuration, whether or not a process of the project runs.",
        subcommands: [
            Show.self, Workers.self, Failed.self, Retry.self, Remove.self, Delayed.self, Locks.self, Pause.self,
            Resume.self, Drain.self,
        ], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show queues, workers, what has failed and what waits.")

        @OptionGroup var options: ProjectOptions

        @Flag(help: "Print a JSON object; with --watch one on each line.")
        var json = false

        @Flag(help: "Look again and again, until it is interrupted.")
        var watch = false

        @Option(help: ArgumentHelp("Seconds between two looks of --watch.", valueName: "seconds"))
        var interval: Double = 2

        mutating func validate() throws {
            guard interval >= 0.1, interval <= 3600 else {
                throw ValidationError("--interval must be from 0.1 to 3600 seconds; it is \(interval)")
            }
        }

        func run() async throws {
            try await JobsAccess.use(options) { jobs in
                let first = try await jobs.inspector.snapshot()
                guard watch else {
                    if json {
                        Terminal.print(SnapshotReport(first, since: first.earlier).json)
                    } else {
                        Terminal.print(SnapshotReport(first, since: first.earlier).text)
                    }
                    return
                }
                try await look(jobs, first)
            }
        }

        private func look(_ jobs: JobsAccess, _ first: QueueSnapshot) async throws {
            var (snapshot, earlier) = (first, first.earlier)
            let isTerminal = Terminal.isTerminal(1) && !json
            while !Terminal.hasFailed {
                let report = SnapshotReport(snapshot, since: earlier)
                if json {
                    Terminal.show(PlainText.json(report.json.text()) + "\n")
                } else {
                    // Home, the text, and nothing behind it.
                    Terminal.show((isTerminal ? "\u{1B}[H\u{1B}[2J" : "") + PlainText.lines(report.text) + "\n")
                    if !isTerminal { Terminal.show("\n") }
                }
                try await Task.sleep(for: .seconds(interval))
                earlier = snapshot.totals
                snapshot = try await jobs.inspector.snapshot()
            }
        }
    }
}
