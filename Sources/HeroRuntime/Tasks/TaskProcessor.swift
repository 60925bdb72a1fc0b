// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroSystem
internal import Synchronization

/// A job that is ready to be stored: validated, wanted by its middleware, and with what its task says about it.
///
/// Times are in milliseconds; 0 stands for none.
package struct PreparedJob: Sendable {
    package let record: TaskRecord
    package let queue: String
    /// The job's one argument, in the order in which it is stored.
    package let inputs: JSON.Object
    package let start: JobOptions.Start
    package let unique: Int
    /// `nil` for task and inputs together.
    package let uniqueKey: String?
    package let durability: Durability
    package let whenAway: WhenAway
    package let expires: Int
    package let resultLifetime: Int
    /// Enqueued one after the other when this one has succeeded.
    ///
    /// They are prepared when their turn comes, but have been validated.
    package let next: [Job]

    init(_ record: TaskRecord, _ queue: String, _ inputs: JSON.Object, _ options: JobOptions) {
        self.record = record
        self.queue = queue
        self.inputs = inputs
        start = options.start
        unique = options.uniqueMilliseconds ?? record.uniqueFor
        uniqueKey = options.uniqueKey
        durability = options.durability ?? record.durability
        whenAway = options.whenAway
        expires = options.expiresMilliseconds ?? record.expires
        resultLifetime = options.resultMilliseconds ?? record.resultLifetime
        next = options.next
    }
}

/// Makes jobs ready to be stored, and runs them: everything about tasks that needs no Redis.
package struct TaskProcessor: Sendable {
    package let registry: TaskRegistry
    /// Values that count as missing for a required input (`general.missingParamChecks`).
    let missingValues: [JSON]
    let application: Application
    let threadPool: ThreadPool
    /// Where the master reads what runs.
    let boardSlot: BoardSlot?
    /// Whether a job of any task may have to wait, or be too old, when its turn comes.
    package let hasLimits: Bool

    /// - Parameters:
    ///   - registry: All tasks.
    ///   - missingValues: Count as missing for a required input.
    ///   - application: The process.
    ///   - threadPool: Where tasks run that block.
    ///   - boardSlot: Where the master reads what runs.
    ///   - firstNumber: Of the first task there.
    init(
        _ registry: TaskRegistry, missingValues: [JSON], application: Application, threadPool: ThreadPool,
        boardSlot: BoardSlot? = nil, firstNumber: Int = 0
    ) {
        for (place, record) in registry.all.enumerated() {
            record.boardNumber.store(firstNumber + place, ordering: .relaxed)
        }
        self.boardSlot = boardSlot
        self.registry = registry
        self.missingValues = missingValues
        self.application = application
        self.threadPool = threadPool
        hasLimits = registry.all.contains {
            $0.concurrency > 0 || !$0.rateLimit.isUnlimited || $0.expires > 0
        }
    }

    /// Checks and completes jobs, without running anything of the application but validators and defaults.
    ///
    /// - Parameter jobs: What somebody wants to enqueue.
    /// - Returns: The jobs with the inputs that are stored, and their records.
    /// - Throws: ``TaskError`` for the first job that cannot be enqueued.
    private func validated(_ jobs: [Job]) throws(TaskError) -> [(job: Job, record: TaskRecord)] {
        var validated: [(job: Job, record: TaskRecord)] = []
        validated.reserveCapacity(jobs.count)
        for var job in jobs {
            let record = try registry.require(job.name)
            job.inputs = try record.validated(job.inputs, missingValues: missingValues)
            job.options.next = try self.validated(job.options.next).map(\.job)
            validated.append((job, record))
        }
        return validated
    }

    /// Takes tasks out of service, and takes back into service those that are not named.
    ///
    /// - Parameter labels: As ``TaskRecord/label`` has them.
    package func quarantine(_ labels: [String]) {
        for record in registry.all { record.isQuarantined = labels.containsSame(record.label) }
    }

    /// Makes jobs ready to be stored.
    ///
    /// - Parameter jobs: What somebody wants to enqueue.
    /// - Returns: A job each; `nil` for those that middleware does not want. Delayed ones are not shown to middleware now.
    /// - Throws: ``TaskError`` for the first job that cannot be enqueued, and what middleware throws; nothing has been
    ///   stored then.
    package func prepare(_ jobs: [Job]) async throws -> [PreparedJob?] {
        var prepared: [PreparedJob?] = []
        prepared.reserveCapacity(jobs.count)
        for (job, record) in try validated(jobs) {
            var enqueued = EnqueuedTask(
                application: application, name: record.name, queue: job.options.queue ?? record.queue,
                inputs: job.inputs)
            let isWanted = job.options.start == .now ? try await isWanted(&enqueued, record) : true
            prepared.append(isWanted ? PreparedJob(record, enqueued.queue, enqueued.inputs, job.options) : nil)
        }
        return prepared
    }

    /// Asks a task's middleware, as for a delayed job whose time has come.
    ///
    /// - Returns: Whether the job is to be enqueued; its inputs may have been changed.
    /// - Throws: What middleware throws.
    package func isWanted(_ job: inout EnqueuedTask, _ record: TaskRecord) async throws -> Bool {
        for middleware in record.chain where try await !middleware.preEnqueue(&job) { return false }
        return true
    }

    /// Tells middleware about a job that was stored; its errors are logged.
    package func didEnqueue(_ job: PreparedJob) async {
        guard !job.record.chain.isEmpty else { return }
        let enqueued = EnqueuedTask(
            application: application, name: job.record.name, queue: job.queue, inputs: job.inputs)
        for middleware in job.record.chain {
            do {
                try await middleware.postEnqueue(enqueued)
            } catch {
                application.log.error(
                    "task middleware failed after a job was enqueued",
                    ["task": job.record.name, "error": "\(error)"])
            }
        }
    }
}
