// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroSystem
import HeroTasks

extension TasksCommand {
    struct Drain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pause queues, and wait until none of their jobs runs.",
            discussion: """
                Jobs that wait stay where they are, until `hero tasks resume`. Status 1 when some still run at the end of \
                the time; the queues stay paused.
                """)

        @OptionGroup var choice: QueueChoice

        @Option(help: ArgumentHelp("How long to wait.", valueName: "seconds"))
        var timeout: Double = 60

        @OptionGroup var options: ProjectOptions

        mutating func validate() throws {
            guard timeout >= 0, timeout <= 86_400 else {
                throw ValidationError("--timeout must be from 0 to 86400 seconds; it is \(timeout)")
            }
        }

        func run() async throws {
            try await JobsAccess.use(options) { jobs in
                for name in choice.names {
                    try await jobs.api.pause(name)
                    Terminal.error("paused \(QueueChoice.text(name))")
                }
                try await TasksCommand.sayUnknown(choice, jobs)
                let end = ContinuousClock.now + .seconds(timeout)
                var said: String?
                while true {
                    let running = try await jobs.inspector.running()
                        .filter { job in choice.all || choice.queues.contains { job.queue.utf8.elementsEqual($0.utf8) }
                        }
                    guard !running.isEmpty else { break }
                    let text = Self.text(running)
                    guard ContinuousClock.now < end else { throw CommandFailure("still running: \(text)") }
                    if said != text { Terminal.error("running: \(text)") }
                    said = text
                    try await Task.sleep(for: .milliseconds(250))
                }
                Terminal.print("no job of \(choice.names.map(QueueChoice.text).joined(separator: ", ")) runs")
            }
        }

        private static func text(_ running: [QueueInspector.Running]) -> String {
            let names = running.prefix(5).map { PlainText.line("\($0.task ?? "no job") by \($0.by)") }
            let more = running.count > names.count ? " and \(running.count - names.count) more" : ""
            return names.joined(separator: ", ") + more
        }
    }
}
