// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What waits, in queues and for its time.
extension Tasks {
    /// How many jobs wait, by queue.
    ///
    /// - Parameter timeout: How long to wait for Redis. `nil` for `redis.timeouts.command`.
    /// - Returns: Every queue that there is; one whose jobs are all taken has 0.
    /// - Throws: ``RedisFailure``, also without Redis.
    public func queueLengths(timeout: Duration? = nil) async throws -> [String: Int] {
        try await host.queueLengths(timeout: timeout?.wholeMilliseconds)
    }

    /// Jobs that wait in a queue, the next one first.
    ///
    /// - Parameters:
    ///   - queue: The queue.
    ///   - start: Place of the first; a negative one counts from the end.
    ///   - stop: Place of the last; a negative one counts from the end. Default: the last one.
    /// - Returns: The jobs; empty when there is no such queue.
    /// - Throws: ``RedisFailure``.
    public func queued(_ queue: String, from start: Int = 0, through stop: Int = -1) async throws -> [QueuedJob] {
        try await host.queued(queue, start, stop)
    }

    /// Removes jobs from a queue.
    ///
    /// - Parameters:
    ///   - queue: The queue.
    ///   - name: The task's name.
    ///   - inputs: Exactly those of the jobs, in their order.
    ///   - count: How many at most; 0 for all of them, less than 0 for so many from the end. Default: 0.
    /// - Returns: How many were removed.
    /// - Throws: ``RedisFailure``.
    @discardableResult
    public func remove(
        from queue: String, _ name: String, inputs: JSON.Object, count: Int = 0
    ) async throws -> Int {
        try await host.remove(queue, name, inputs: inputs, count: count)
    }

    /// Removes all jobs of a task from a queue, whatever their inputs are.
    ///
    /// - Parameters:
    ///   - queue: The queue.
    ///   - name: The task's name.
    ///   - start: Place of the first job that is looked at. Default: 0.
    ///   - stop: Place of the last one. Default: the last one.
    /// - Returns: How many were removed.
    /// - Throws: ``RedisFailure``.
    @discardableResult
    public func removeAll(
        from queue: String, _ name: String, from start: Int = 0, through stop: Int = -1
    ) async throws -> Int {
        try await host.removeAll(queue, name, start, stop)
    }

    /// Removes a queue with all that waits in it.
    ///
    /// - Parameter queue: The queue.
    /// - Throws: ``RedisFailure``.
    public func removeQueue(_ queue: String) async throws { try await host.removeQueue(queue) }

    // MARK: Delayed

    /// When a delayed job is due.
    ///
    /// - Parameters:
    ///   - queue: The queue.
    ///   - name: The task's name.
    ///   - inputs: Exactly those of the job, in their order.
    /// - Returns: The times in milliseconds since 1970, of whole seconds; empty when it is not delayed.
    /// - Throws: ``RedisFailure``.
    public func scheduledAt(_ queue: String, _ name: String, inputs: JSON.Object) async throws -> [Int] {
        try await host.scheduledAt(queue, name, inputs: inputs)
    }

    /// Removes a delayed job, at all the times for which it waits.
    ///
    /// - Parameters:
    ///   - queue: The queue.
    ///   - name: The task's name.
    ///   - inputs: Exactly those of the job, in their order.
    /// - Returns: The times in milliseconds since 1970, of whole seconds; empty when it was not delayed.
    /// - Throws: ``RedisFailure``.
    @discardableResult
    public func removeDelayed(_ queue: String, _ name: String, inputs: JSON.Object) async throws -> [Int] {
        try await host.removeDelayed(queue, name, inputs: inputs)
    }

    /// All times for which jobs wait.
    ///
    /// - Returns: Milliseconds since 1970, of whole seconds, in their order.
    /// - Throws: ``RedisFailure``.
    public func timestamps() async throws -> [Int] { try await host.timestamps() }

    /// The jobs that wait for a time.
    ///
    /// - Parameter milliseconds: Since 1970; rounded to the nearest second.
    /// - Returns: The jobs, in the order in which they will be moved to their queues.
    /// - Throws: ``RedisFailure``.
    public func delayed(atMilliseconds milliseconds: Int) async throws -> [QueuedJob] {
        try await host.delayed(atMilliseconds: milliseconds)
    }

    /// All delayed jobs by their time.
    ///
    /// There may be many: ``timestamps()`` and ``delayed(atMilliseconds:)`` take fewer at once.
    ///
    /// - Returns: Jobs by milliseconds since 1970.
    /// - Throws: ``RedisFailure``.
    public func allDelayed() async throws -> [Int: [QueuedJob]] {
        var all: [Int: [QueuedJob]] = [:]
        for time in try await timestamps() { all[time] = try await delayed(atMilliseconds: time) }
        return all
    }

    // MARK: Locks

    /// The locks of the plugins.
    ///
    /// - Returns: What is stored, a time in seconds since 1970, by the key without the namespace.
    /// - Throws: ``RedisFailure``.
    public func pluginLocks() async throws -> [String: String] { try await host.pluginLocks() }

    /// Removes a lock of a plugin.
    ///
    /// - Parameter name: The key as ``pluginLocks()`` names it.
    /// - Returns: Whether there was such a lock.
    /// - Throws: ``RedisFailure``.
    @discardableResult
    public func removePluginLock(_ name: String) async throws -> Bool { try await host.removePluginLock(name) }
}
