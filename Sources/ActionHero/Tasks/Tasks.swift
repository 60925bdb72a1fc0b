// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Background jobs, as they wait in Redis in the layout of Resque.
///
///     try await context.tasks.enqueue(SendEmail.self) { $0.to = "ada@example.org" }
///     try await context.tasks.enqueue("sendEmail", ["to": "ada@example.org"], .after(.seconds(60)))
///
/// A job whose enqueuing returned is run at least once as long as Redis keeps the data. Every method throws
/// ``RedisFailure`` when Redis cannot be asked, and when there is none.
public struct Tasks: Sendable {
    let host: any TaskHost

    package init(host: any TaskHost) { self.host = host }

    // MARK: Enqueuing

    /// Enqueues a job of a task whose type is in reach.
    ///
    /// - Parameters:
    ///   - type: The task.
    ///   - options: What else is to be said about the job.
    ///   - inputs: Sets the inputs of an instance; those that it leaves alone have their defaults.
    /// - Returns: What became of the job.
    /// - Throws: ``TaskError`` when the inputs are not what the task takes; what `inputs` and middleware throw;
    ///   ``RedisFailure``, whose code `outcomeUnknown` says that the job may be there.
    @discardableResult
    public func enqueue<T: BackgroundTask>(
        _ type: T.Type, _ options: JobOption..., inputs: (inout T) throws -> Void = { _ in }
    ) async throws -> EnqueueResult {
        try await enqueue(Job(type: type, options: options, inputs: inputs))
    }

    /// Enqueues a job of a task that is known by its name.
    ///
    /// - Parameters:
    ///   - name: The task's name.
    ///   - inputs: The inputs by their names.
    ///   - options: What else is to be said about the job.
    /// - Returns: What became of the job.
    /// - Throws: ``TaskError`` when there is no such task or the inputs are not what it takes; what middleware throws;
    ///   ``RedisFailure``, whose code `outcomeUnknown` says that the job may be there.
    @discardableResult
    public func enqueue(
        _ name: String, _ inputs: JSON.Object = [:], _ options: JobOption...
    ) async throws -> EnqueueResult {
        try await enqueue(Job(name: name, inputs: inputs, options: options))
    }

    /// Enqueues a job.
    ///
    /// - Parameter job: The job.
    /// - Returns: What became of it.
    /// - Throws: What ``enqueue(_:_:_:)`` throws.
    @discardableResult
    public func enqueue(_ job: Job) async throws -> EnqueueResult {
        guard let result = try await host.enqueue([job]).first else { return EnqueueResult(.vetoed) }
        return result
    }

    /// Enqueues many jobs; those without a condition or a delay in one round trip.
    ///
    /// All are validated before the first is sent, so that a mistake in one of them leaves none behind.
    ///
    /// - Parameter jobs: The jobs, in the order in which they will wait.
    /// - Returns: What became of each, in their order.
    /// - Throws: What ``enqueue(_:_:_:)`` throws.
    @discardableResult
    public func enqueue(_ jobs: [Job]) async throws -> [EnqueueResult] {
        jobs.isEmpty ? [] : try await host.enqueue(jobs)
    }

    /// Enqueues the first of some jobs; each following one is enqueued when the one before it has succeeded.
    ///
    /// - Parameter jobs: The jobs in their order. Delays count from the success of the job before.
    /// - Returns: What became of the first.
    /// - Throws: What ``enqueue(_:_:_:)`` throws; ``TaskError`` without a job.
    @discardableResult
    public func enqueue(chain jobs: [Job]) async throws -> EnqueueResult {
        guard var first = jobs.first else { throw TaskError(.unavailable, "a chain needs a job") }
        first.options.next = Array(jobs.dropFirst())
        return try await enqueue(first)
    }

    /// The commands that enqueue jobs, to be run by ``Redis/transaction(_:)`` beside others of the caller: either all of it
    /// happens, or nothing.
    ///
    ///     let job = try Job(SendReceipt.self) { $0.order = id }
    ///     let enqueuing = try await context.tasks.commands(for: [job])
    ///     _ = try await context.redis.transaction([RedisRequest("SADD", ["paid", RedisBytes(id)])] + enqueuing)
    ///
    /// Inputs are validated and middleware is run now. In a Redis Cluster the caller's keys have to be in the jobs' slot.
    ///
    /// - Parameter jobs: The jobs. Neither `unique(for:)`, `durability` nor `whenAway` can be kept here.
    /// - Returns: The commands; none for jobs that middleware or a plugin did not want.
    /// - Throws: What ``enqueue(_:_:_:)`` throws; ``TaskError`` when jobs are on another server than ``Redis``.
    public func commands(for jobs: [Job]) async throws -> [RedisRequest] { try await host.commands(for: jobs) }

    // MARK: Results

    /// How far a job is, or what it has returned.
    ///
    /// - Parameter jobID: What ``EnqueueResult/jobID`` said.
    /// - Returns: The result; `nil` when there is no such job, or its result is not kept any longer.
    /// - Throws: ``RedisFailure``.
    public func result(_ jobID: String) async throws -> JobResult? { try await host.result(jobID) }

    // MARK: Batches

    /// Enqueues the jobs of a batch.
    ///
    /// - Parameter batch: The jobs, and what follows them. Without a job the batch is complete at once.
    /// - Returns: The id of the batch.
    /// - Throws: What ``enqueue(_:_:_:)`` throws; a job that middleware or a plugin did not want counts as ended.
    @discardableResult
    public func enqueue(_ batch: JobBatch) async throws -> String { try await host.enqueue(batch) }

    /// Enqueues more jobs of a batch, as one of its own jobs may.
    ///
    /// - Parameters:
    ///   - jobs: The jobs.
    ///   - batchID: The batch, which must not be complete.
    /// - Returns: What became of each, in their order.
    /// - Throws: What ``enqueue(_:_:_:)`` throws; ``TaskError`` when the batch is complete or there is none.
    @discardableResult
    public func enqueue(_ jobs: [Job], inBatch batchID: String) async throws -> [EnqueueResult] {
        try await host.enqueue(jobs, inBatch: batchID)
    }

    /// How far the jobs of a batch are.
    ///
    /// - Parameter batchID: The batch.
    /// - Returns: Its counters; `nil` when there is no such batch, or it has been complete for a day.
    /// - Throws: ``RedisFailure``.
    public func batch(_ batchID: String) async throws -> BatchStatus? { try await host.batch(batchID) }
}
