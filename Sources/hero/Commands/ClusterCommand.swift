// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroCluster

struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Control the cluster that runs in the project.",
        discussion: "`hero start cluster` starts one.",
        subcommands: [
            Status.self, Reload.self, Rollback.self, Scale.self, Stop.self, Generations.self, Upgrade.self,
            Release.self,
        ])

    /// Asks the master, prints its answer, fails when it says no.
    static func ask(_ command: ControlCommand, whileWaiting: () -> Void = {}) throws {
        let answer = try ControlClient.ask(command, projectRoot: Project.root, whileWaiting: whileWaiting)
        for line in answer.lines {
            if answer.isSuccess { Terminal.print(line) } else { Terminal.error(line) }
        }
        if !answer.isSuccess { throw ExitCode(1) }
    }

    static func status() throws -> JSON {
        let answer = try ControlClient.ask(.status, projectRoot: Project.root)
        guard answer.isSuccess else { throw CommandFailure(answer.lines.joined(separator: "\n")) }
        return answer.status
    }
}

extension ClusterCommand {
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show generation, state and workers.")

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let status = try ClusterCommand.status()
            if json {
                Terminal.print(status)
                return
            }
            Terminal.print(StatusTable(status).text)
        }
    }

    struct Reload: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring what is on disk into service, one worker after the other.",
            aliases: ["deploy"])

        @Flag(help: "Return when the probation is over; fail when the deploy is rejected or rolled back.")
        var wait = false

        @Flag(help: "Also what was rolled back before, or has none of the actions that are served now.")
        var force = false

        func run() throws { try ClusterCommand.ask(.reload(wait: wait, force: force)) }
    }

    struct Rollback: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Go back to the generation before this one.")

        func run() throws { try ClusterCommand.ask(.rollback) }
    }

    struct Scale: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change the number of workers.")

        @Argument(help: "How many, 0 to 128.")
        var workers: Int

        mutating func validate() throws {
            guard (0...128).contains(workers) else {
                throw ValidationError("the number of workers must be from 0 to 128; it is \(workers)")
            }
        }

        func run() throws { try ClusterCommand.ask(.scale(workers)) }
    }

    struct Stop: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop the cluster and wait until it has stopped.")

        func run() throws {
            var said: Set<String> = []
            try ClusterCommand.ask(.stop) {
                // What it does not say any more, because it is at the end, need not be known.
                guard let status = try? ClusterCommand.status() else { return }
                for (worker, line) in StopWait(status).lines where said.insert(worker).inserted {
                    Terminal.error(line)
                }
            }
        }
    }

    struct Generations: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the generations that have served, and those that were rolled back.")

        func run() throws {
            for line in GenerationList(try ClusterCommand.status()).lines { Terminal.print(line) }
        }
    }

    struct Upgrade: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace the running hero by the one that is installed now, and then the workers.")

        func run() throws {
            try ClusterCommand.ask(.upgrade)
            try ClusterCommand.ask(.wait)
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Serve an action again that was taken out of service.")

        @Argument(help: "The action, or action@version.")
        var name: String

        func run() throws { try ClusterCommand.ask(.release(name)) }
    }
}
