// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroRuntime
import HeroSystem
import HeroTasks

extension TasksCommand {
    struct Workers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List workers of all programs, and what each is doing.",
            discussion: """
                --remove cleans up after a worker of another program that is gone: its job goes to the failed ones. Ours \
                are cleaned up by themselves.
                """)

        @OptionGroup var options: ProjectOptions

        @Flag(help: "Print a JSON array.")
        var json = false

        @Option(help: ArgumentHelp("Remove what this worker has left behind.", valueName: "name"))
        var remove: String?

        func run() async throws {
            try await JobsAccess.use(options) { jobs in
                let workers = try await jobs.inspector.workers()
                let now = try await jobs.store.time()
                guard let remove else {
                    let report = WorkerReport(workers, now: now)
                    if json {
                        Terminal.print(report.json)
                    } else {
                        Terminal.print(workers.isEmpty ? "no workers" : report.text)
                    }
                    return
                }
                guard workers.contains(where: { $0.name.utf8.elementsEqual(remove.utf8) }) else {
                    throw CommandFailure("there is no worker \(PlainText.line(remove)): hero tasks workers lists them")
                }
                let cleaned = try await jobs.api.forceCleanWorker(
                    remove, by: jobs.application.id, at: WallTime(milliseconds: now))
                Terminal.print(
                    "removed \(PlainText.line(remove))"
                        + (cleaned.entry == nil ? "" : "; its job is among the failed ones: hero tasks failed"))
            }
        }
    }
}

/// Workers, and what each is doing.
struct WorkerReport {
    private let workers: [QueueSnapshot.Worker]
    private let now: Int

    init(_ workers: [QueueSnapshot.Worker], now: Int) { (self.workers, self.now) = (workers, now) }

    /// Empty when there are none.
    var text: String {
        var table = TextTable("worker", "queues", "job", "of queue", "for", "seen")
        for worker in workers {
            let job = worker.job.map { $0.task ?? "no job" } ?? ""
            let span = worker.job?.began.map { SpanText.of(now - $0) } ?? ""
            let seen = worker.pinged.map { "\(SpanText.of(now - $0)) ago" } ?? ""
            table.add(worker.name, worker.queues, job, worker.job?.queue ?? "", span, seen)
        }
        return table.isEmpty ? "" : table.text
    }

    var json: JSON {
        .array(
            workers.map { worker in
                let job: JSON? = worker.job.map {
                    [
                        "task": $0.task.map { .string($0) } ?? .null, "queue": .string($0.queue),
                        "began": SnapshotReport.optional($0.began),
                    ]
                }
                return [
                    "name": .string(worker.name), "queues": .string(worker.queues), "job": job ?? .null,
                    "pinged": SnapshotReport.optional(worker.pinged),
                ]
            })
    }
}
