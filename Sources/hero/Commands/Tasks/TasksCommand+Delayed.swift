// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroSystem
import HeroTasks

extension TasksCommand {
    struct Delayed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List jobs that wait for their time, or for their next attempt, the earliest first.",
            discussion: "The inputs are in --json only, and may be secret.")

        @OptionGroup var options: ProjectOptions

        @Flag(help: "Print a JSON array.")
        var json = false

        @Option(help: ArgumentHelp("How many to list of either kind.", valueName: "number"))
        var count = 20

        mutating func validate() throws { try TasksCommand.check(count: count) }

        func run() async throws {
            try await JobsAccess.use(options) { jobs in
                let list = WaitingList(jobs.store)
                let waiting = (try await list.delayed(count) + list.retries(count)).sorted { $0.due < $1.due }
                if json {
                    Terminal.print(.array(waiting.map(Self.json)))
                    return
                }
                guard !waiting.isEmpty else {
                    Terminal.print("no delayed jobs")
                    return
                }
                let now = try await jobs.store.time()
                var table = TextTable("id", "task", "queue", "due", "for")
                for job in waiting {
                    table.add(
                        job.id, job.task ?? "no job", job.queue ?? "", SpanText.until(job.due, now: now),
                        job.reason == .retry ? "next attempt" : "")
                }
                Terminal.print(table.text)
            }
        }

        private static func json(_ job: WaitingJob) -> JSON {
            func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
            let payload = try? JSON(parsing: job.payload)
            return [
                "id": .string(job.id), "reason": .string(job.reason.rawValue), "due": .integer(job.due),
                "task": text(job.task), "queue": text(job.queue), "args": payload?["args"] ?? .null,
            ]
        }
    }

    struct Locks: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the locks of tasks that must not wait or run twice.")

        @OptionGroup var options: ProjectOptions

        @Flag(help: "Print a JSON object of names and values.")
        var json = false

        @Option(help: ArgumentHelp("Remove this lock.", valueName: "name"))
        var remove: String?

        mutating func validate() throws {
            guard remove.map({ $0.hasPrefix("lock:") || $0.hasPrefix("workerslock:") }) ?? true else {
                throw ValidationError("names of locks begin with lock: or workerslock:")
            }
        }

        func run() async throws {
            try await JobsAccess.use(options) { jobs in
                if let remove {
                    guard try await jobs.api.delLock(remove) > 0 else {
                        throw CommandFailure(
                            "there is no lock \(PlainText.line(remove)): hero tasks locks lists them")
                    }
                    Terminal.print("removed \(PlainText.line(remove))")
                    return
                }
                let locks = try await jobs.api.locks()
                if json {
                    var object = JSON.Object()
                    for lock in locks { object[lock.key] = .string(lock.value) }
                    Terminal.print(.object(object))
                } else if locks.isEmpty {
                    Terminal.print("no locks")
                } else {
                    let now = try await jobs.store.time()
                    var table = TextTable("lock", "until")
                    for lock in locks { table.add(lock.key, Self.until(lock.value, now: now)) }
                    Terminal.print(table.text)
                }
            }
        }

        /// A lock's value begins with Unix seconds.
        private static func until(_ value: String, now: Int) -> String {
            guard let seconds = value.split(separator: " ").first.flatMap({ Int($0) }) else { return value }
            let left = seconds &* 1000 - now
            return left > 0 ? "in \(SpanText.of(left))" : "over"
        }
    }
}
