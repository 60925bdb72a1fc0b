// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What a host without background jobs answers.
extension TaskHost {
    private var unavailable: TaskError { TaskError(.unavailable, "this process has no background jobs") }

    package func enqueue(_ jobs: [Job]) async throws -> [EnqueueResult] { throw unavailable }
    package func commands(for jobs: [Job]) async throws -> [RedisRequest] { throw unavailable }
    package func result(_ jobID: String) async throws -> JobResult? { throw unavailable }
    package func enqueue(_ batch: JobBatch) async throws -> String { throw unavailable }
    package func enqueue(_ jobs: [Job], inBatch batchID: String) async throws -> [EnqueueResult] { throw unavailable }
    package func batch(_ batchID: String) async throws -> BatchStatus? { throw unavailable }

    package func queueLengths(timeout: Int?) async throws -> [String: Int] { throw unavailable }
    package func queued(_ queue: String, _ start: Int, _ stop: Int) async throws -> [QueuedJob] { throw unavailable }
    package func remove(_ queue: String, _ name: String, inputs: JSON.Object, count: Int) async throws -> Int {
        throw unavailable
    }
    package func removeAll(_ queue: String, _ name: String, _ start: Int, _ stop: Int) async throws -> Int {
        throw unavailable
    }
    package func removeQueue(_ queue: String) async throws { throw unavailable }
    package func scheduledAt(_ queue: String, _ name: String, inputs: JSON.Object) async throws -> [Int] {
        throw unavailable
    }
    package func removeDelayed(_ queue: String, _ name: String, inputs: JSON.Object) async throws -> [Int] {
        throw unavailable
    }
    package func timestamps() async throws -> [Int] { throw unavailable }
    package func delayed(atMilliseconds milliseconds: Int) async throws -> [QueuedJob] { throw unavailable }
    package func pluginLocks() async throws -> [String: String] { throw unavailable }
    package func removePluginLock(_ name: String) async throws -> Bool { throw unavailable }

    // Who runs no jobs has no use for them.
    package func provideQueues(_ queues: @escaping @Sendable () async throws -> [String]) {}
    package func workers() async throws -> [TaskWorker] { throw unavailable }
    package func removeWorkers(olderThan age: Int) async throws -> [String: QueuedJob] { throw unavailable }
    package func stats() async throws -> [String: Int] { throw unavailable }
    package func details() async throws -> TaskDetails { throw unavailable }
    package func health(timeout: Int?) async throws -> TaskHealth { throw unavailable }
    package func pause(_ queue: String?) async throws { throw unavailable }
    package func resume(_ queue: String?) async throws { throw unavailable }
    package func paused() async throws -> [String] { throw unavailable }
    package func failedCount() async throws -> Int { throw unavailable }
    package func failed(_ start: Int, _ stop: Int) async throws -> [FailedJob] { throw unavailable }
    package func removeFailed(_ job: FailedJob) async throws -> Bool { throw unavailable }
    package func retryFailed(_ job: FailedJob) async throws { throw unavailable }
    package func enqueueRecurrent(_ name: String) async throws { throw unavailable }
    package func enqueueAllRecurrent() async throws -> [String] { throw unavailable }
    package func stopRecurrent(_ name: String) async throws -> Int { throw unavailable }
}
