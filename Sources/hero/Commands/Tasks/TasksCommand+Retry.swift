// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroSystem
import HeroTasks

extension TasksCommand {
    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put failed jobs back into their queues.",
            discussion: "A job that waits for its next attempt, as `hero tasks delayed` shows it, becomes due at once.")

        @OptionGroup var choice: FailedChoice
        @OptionGroup var options: ProjectOptions

        mutating func validate() throws {
            guard choice.ids(.delayed).isEmpty else {
                throw ValidationError("'\(choice.ids(.delayed)[0])' has not failed: it is delayed")
            }
        }

        func run() async throws {
            try await JobsAccess.use(options) { jobs in
                var outcome = ChoiceOutcome(choice, verb: "retried")
                try await outcome.sweep(.retry, jobs)
                for id in choice.ids(.claim) {
                    if try await jobs.api.revive(id) {
                        outcome.count += 1
                    } else if try await WaitingList(jobs.store).hasten(id) {
                        outcome.count += 1
                    } else {
                        outcome.missing(id)
                    }
                }
                try outcome.end()
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove failed, delayed or waiting jobs, for good.",
            discussion: """
                With --queue it is about jobs that wait in that queue: those of --task, or --all. A job that runs is not \
                touched.
                """)

        @OptionGroup var choice: FailedChoice

        @Option(help: ArgumentHelp("Not failed jobs, but those that wait in this queue.", valueName: "name"))
        var queue: String?

        @OptionGroup var options: ProjectOptions

        mutating func validate() throws {
            guard queue == nil || choice.ids.isEmpty else {
                throw ValidationError("jobs that wait in a queue have no ids: say --task or --all")
            }
        }

        func run() async throws {
            try await JobsAccess.use(options) { jobs in
                if let queue {
                    try await empty(queue, jobs)
                    return
                }
                var outcome = ChoiceOutcome(choice, verb: "removed")
                try await outcome.sweep(.remove, jobs)
                for id in choice.ids(.claim) {
                    let count = try await jobs.api.removeDead([id]) + jobs.api.removeRetries([id])
                    if count == 0 { outcome.missing(id) } else { outcome.count += count }
                }
                for id in choice.ids(.delayed) {
                    let count = try await WaitingList(jobs.store).removeDelayed(id) ?? 0
                    if count == 0 { outcome.missing(id) } else { outcome.count += count }
                }
                try outcome.end()
            }
        }

        private func empty(_ queue: String, _ jobs: JobsAccess) async throws {
            try await TasksCommand.requireQueue(queue, jobs)
            if let task = choice.task {
                let count = try await jobs.api.delByFunction(queue, task)
                Terminal.print("removed \(TasksCommand.jobs(count)) of \(PlainText.line(task))")
                return
            }
            let count = try await jobs.api.lengths().first { $0.queue.utf8.elementsEqual(queue.utf8) }?.length ?? 0
            try await jobs.api.delQueue(queue)
            Terminal.print("removed the queue \(PlainText.line(queue)) with \(TasksCommand.jobs(count))")
        }
    }

    static func jobs(_ count: Int) -> String { count == 1 ? "1 job" : "\(count) jobs" }
}

/// What a command has done to the jobs that were chosen.
struct ChoiceOutcome {
    private let choice: FailedChoice
    private let verb: String
    var count = 0
    private var problems: [String] = []

    init(_ choice: FailedChoice, verb: String) { (self.choice, self.verb) = (choice, verb) }

    mutating func missing(_ id: String) { problems.append("there is no job \(PlainText.line(id))") }

    /// Does it to entries of `failed`, if some were chosen.
    mutating func sweep(_ act: FailedSweep.Act, _ jobs: JobsAccess) async throws {
        let ids = choice.ids(.failed)
        guard !ids.isEmpty || choice.all || choice.task != nil else { return }
        let report = try await FailedSweep(jobs.store).run(act, where: choice.isWanted)
        count += report.done.count
        problems += report.problems.map { "\($0.id) stays: \(PlainText.line($0.reason))" }
        let known = report.done + report.problems.map(\.id)
        for id in ids where !known.contains(where: { $0.hasPrefix(id.prefix(FailedEntry.idLength)) }) { missing(id) }
        if let task = choice.task, known.isEmpty { problems.append("no job of \(PlainText.line(task)) has failed") }
    }

    /// - Throws: `ExitCode` when something was not as it was wished.
    func end() throws {
        for problem in problems { Terminal.error("Error: \(problem)") }
        if count > 0 || problems.isEmpty { Terminal.print("\(verb) \(TasksCommand.jobs(count))") }
        if !problems.isEmpty { throw ExitCode(1) }
    }
}
