// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Who works, what has failed, and what runs by itself.
extension Tasks {
    // MARK: Workers

    /// All workers with what they run.
    ///
    /// - Returns: The workers, sorted by name; those of other programs on the same Redis are among them.
    /// - Throws: ``RedisFailure``.
    public func workers() async throws -> [TaskWorker] { try await host.workers() }

    /// Has this process work on queues that only code knows, in place of `tasks.queues` of the configuration.
    ///
    /// For an ``Initializer``, in whose `initialize` or `start` this is in time for the first job. The function is called before
    /// the workers start, and then every few seconds (`tasks.timeout`); what was fetched of other queues is still run.
    ///
    /// - Parameter queues: Queues in the form of the configuration: `*`, `!name` and `name,5` mean the same, and none means all.
    ///   When it throws before the workers start the process does not; later the queues stay as they are, and the log says so.
    public func provideQueues(_ queues: @escaping @Sendable () async throws -> [String]) { host.provideQueues(queues) }

    /// Gives up workers that have been at one job for too long: it goes to the failed ones, and the worker is forgotten.
    ///
    /// For workers of other programs that have died. Ours are found by their leases, and their jobs run again.
    ///
    /// - Parameter age: For how long they have been at it.
    /// - Returns: What was given up, by the name of the worker.
    /// - Throws: ``RedisFailure``.
    @discardableResult
    public func removeWorkers(olderThan age: Duration) async throws -> [String: QueuedJob] {
        try await host.removeWorkers(olderThan: age.wholeMilliseconds)
    }

    /// What to raise an alarm about: how long jobs wait, and whether somebody moves and runs them.
    ///
    /// It looks at few keys, so that a page of status may call it.
    ///
    /// - Parameter timeout: How long to wait for Redis. `nil` for `redis.timeouts.command`.
    /// - Returns: The figures of this moment.
    /// - Throws: ``RedisFailure``, also without Redis.
    public func health(timeout: Duration? = nil) async throws -> TaskHealth {
        try await host.health(timeout: timeout?.wholeMilliseconds)
    }

    /// How many jobs have been processed and how many have failed.
    ///
    /// - Returns: `processed` and `failed`, for all and, behind a colon, for each worker.
    /// - Throws: ``RedisFailure``.
    public func stats() async throws -> [String: Int] { try await host.stats() }

    /// The state of all queues and workers at once.
    ///
    /// - Returns: The state.
    /// - Throws: ``RedisFailure``.
    public func details() async throws -> TaskDetails { try await host.details() }

    // MARK: Pausing

    /// Lets no worker of the cluster take jobs of a queue; what runs goes on.
    ///
    /// - Parameter queue: The queue; `nil` for all queues, also those that come later.
    /// - Throws: ``RedisFailure``.
    public func pause(_ queue: String? = nil) async throws { try await host.pause(queue) }

    /// The counterpart of ``pause(_:)``.
    ///
    /// - Parameter queue: The queue; `nil` for all of them, those that were paused one by one included.
    /// - Throws: ``RedisFailure``.
    public func resume(_ queue: String? = nil) async throws { try await host.resume(queue) }

    /// What is paused.
    ///
    /// - Returns: The queues, sorted; `*` stands for all of them.
    /// - Throws: ``RedisFailure``.
    public func paused() async throws -> [String] { try await host.paused() }

    // MARK: Failed jobs

    /// How many jobs have failed for good.
    ///
    /// - Returns: The number.
    /// - Throws: ``RedisFailure``.
    public func failedCount() async throws -> Int { try await host.failedCount() }

    /// Jobs that have failed for good, the oldest first.
    ///
    /// - Parameters:
    ///   - start: Place of the first; a negative one counts from the end.
    ///   - stop: Place of the last; a negative one counts from the end. Default: the last one.
    /// - Returns: The jobs.
    /// - Throws: ``RedisFailure``.
    public func failed(from start: Int = 0, through stop: Int = -1) async throws -> [FailedJob] {
        try await host.failed(start, stop)
    }

    /// Forgets a job that has failed.
    ///
    /// - Parameter job: The job as ``failed(from:through:)`` gave it.
    /// - Returns: Whether it was there.
    /// - Throws: ``RedisFailure``.
    @discardableResult
    public func removeFailed(_ job: FailedJob) async throws -> Bool { try await host.removeFailed(job) }

    /// Puts a job that has failed into its queue again, as it was.
    ///
    /// - Parameter job: The job as ``failed(from:through:)`` gave it.
    /// - Throws: ``TaskError`` when it is not there: `This job is not in failed queue`; ``RedisFailure``.
    public func retryFailed(_ job: FailedJob) async throws { try await host.retryFailed(job) }

    // MARK: Tasks that run by themselves

    /// Has a task with a ``BackgroundTask/frequency`` or a ``BackgroundTask/cron`` run next when it is due from now on.
    ///
    /// - Parameter name: The task.
    /// - Throws: ``TaskError`` when there is no such task; ``RedisFailure``.
    public func enqueueRecurrent(_ name: String) async throws { try await host.enqueueRecurrent(name) }

    /// Has all tasks that run by themselves run now, and then when they are due.
    ///
    /// A process with a scheduler does so when it starts, for those that have never run.
    ///
    /// - Returns: The names of those that were enqueued.
    /// - Throws: ``RedisFailure``.
    @discardableResult
    public func enqueueAllRecurrent() async throws -> [String] { try await host.enqueueAllRecurrent() }

    /// Keeps a task from running by itself, until ``enqueueRecurrent(_:)``, and removes what waits of it.
    ///
    /// - Parameter name: The task.
    /// - Returns: How many jobs were removed.
    /// - Throws: ``TaskError`` when there is no such task; ``RedisFailure``.
    @discardableResult
    public func stopRecurrent(_ name: String) async throws -> Int { try await host.stopRecurrent(name) }
}
