// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroConfiguration
import HeroSystem
import HeroTasks

/// Queues that a command is about.
struct QueueChoice: ParsableArguments {
    @Argument(help: ArgumentHelp("Names of queues.", valueName: "queue"))
    var queues: [String] = []

    @Flag(help: "All queues, also those that there will be.")
    var all = false

    mutating func validate() throws {
        guard all == queues.isEmpty else {
            throw ValidationError(all ? "say either queues or --all" : "say which queues, or --all")
        }
        guard !queues.contains("*"), !queues.contains("") else {
            throw ValidationError("a queue is called by its name; all of them are --all")
        }
    }

    /// As Redis has them.
    var names: [String] { all ? ["*"] : queues }

    static func text(_ name: String) -> String { name == "*" ? "all queues" : PlainText.line(name) }
}

extension TasksCommand {
    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let no worker take jobs from queues, in all processes at once.",
            discussion: "Jobs that run go on; `hero tasks drain` waits for them.")

        @OptionGroup var choice: QueueChoice
        @OptionGroup var options: ProjectOptions

        func run() async throws {
            try await JobsAccess.use(options) { jobs in
                for name in choice.names {
                    try await jobs.api.pause(name)
                    Terminal.print("paused \(QueueChoice.text(name))")
                }
                try await TasksCommand.sayUnknown(choice, jobs)
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let workers take jobs from paused queues again.",
            discussion: "--all undoes `hero tasks pause --all`; queues that were paused by name stay paused.")

        @OptionGroup var choice: QueueChoice
        @OptionGroup var options: ProjectOptions

        func run() async throws {
            try await JobsAccess.use(options) { jobs in
                let paused = try await jobs.api.paused()
                var isComplete = true
                for name in choice.names {
                    guard paused.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
                        let others = paused.map { QueueChoice.text($0) }.joined(separator: ", ")
                        Terminal.error(
                            "Error: \(QueueChoice.text(name)) \(choice.all ? "are" : "is") not paused"
                                + (others.isEmpty ? "" : "; paused: \(others)"))
                        isComplete = false
                        continue
                    }
                    try await jobs.api.resume(name)
                    Terminal.print("resumed \(QueueChoice.text(name))")
                }
                if !isComplete { throw ExitCode(1) }
            }
        }
    }

    /// A queue may be paused before it has its first job, or its name is mistyped.
    static func sayUnknown(_ choice: QueueChoice, _ jobs: JobsAccess) async throws {
        let known = try await jobs.api.queues()
        for name in choice.queues where !known.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
            Terminal.error("there is no queue \(PlainText.line(name)) yet\(nearest(name, known))")
        }
    }

    static func requireQueue(_ name: String, _ jobs: JobsAccess) async throws {
        let known = try await jobs.api.queues()
        guard known.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
            throw CommandFailure("there is no queue \(PlainText.line(name))\(nearest(name, known))")
        }
    }

    private static func nearest(_ name: String, _ known: [String]) -> String {
        Spelling.nearest(to: name, among: known).map { " – did you mean \(PlainText.line($0))?" } ?? ""
    }
}
