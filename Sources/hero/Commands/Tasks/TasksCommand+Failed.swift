// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroSystem
import HeroTasks

extension TasksCommand {
    struct Failed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List failed jobs.", discussion: "The inputs are in --json only, and may be secret.")

        @OptionGroup var options: ProjectOptions

        @Flag(help: "Print a JSON array.")
        var json = false

        @Option(help: ArgumentHelp("How many to pass over.", valueName: "number"))
        var skip = 0

        @Option(help: ArgumentHelp("How many to list.", valueName: "number"))
        var count = 20

        mutating func validate() throws {
            guard skip >= 0 else { throw ValidationError("--skip must not be less than 0; it is \(skip)") }
            try TasksCommand.check(count: count)
        }

        func run() async throws {
            try await JobsAccess.use(options) { jobs in
                let total = try await jobs.api.failedCount()
                let entries = try await jobs.api.failed(skip, skip + count - 1).map { FailedEntry($0) }
                if json {
                    Terminal.print(.array(entries.map(Self.json)))
                    return
                }
                guard !entries.isEmpty else {
                    Terminal.print(total == 0 ? "no failed jobs" : "there are only \(total) failed jobs")
                    return
                }
                var table = TextTable("id", "task", "queue", "error", "failed at")
                for entry in entries {
                    table.add(
                        entry.id, entry.task ?? "no job", entry.queue ?? "", entry.message ?? "", entry.failedAt ?? "")
                }
                Terminal.print(table.text)
                let end = skip + entries.count
                if end < total {
                    Terminal.print("\(total - end) more: hero tasks failed --skip \(end)")
                }
            }
        }

        private static func json(_ entry: FailedEntry) -> JSON {
            func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
            return [
                "id": .string(entry.id), "task": text(entry.task), "queue": text(entry.queue),
                "worker": text(entry.worker), "exception": text(entry.exception), "error": text(entry.message),
                "failedAt": text(entry.failedAt), "args": .array(entry.arguments),
            ]
        }
    }

    /// More would be one reply of any size.
    private static let most = 1000

    static func check(count: Int) throws {
        guard (1...most).contains(count) else {
            throw ValidationError("--count must be from 1 to \(most); it is \(count)")
        }
    }
}
