// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What the host implements behind `Tasks` and `TaskContext`. Times are in milliseconds, and since 1970 where they are no
// duration.

package protocol TaskHost: AnyObject, Sendable {
    func enqueue(_ jobs: [Job]) async throws -> [EnqueueResult]
    func commands(for jobs: [Job]) async throws -> [RedisRequest]
    func result(_ jobID: String) async throws -> JobResult?
    func enqueue(_ batch: JobBatch) async throws -> String
    func enqueue(_ jobs: [Job], inBatch batchID: String) async throws -> [EnqueueResult]
    func batch(_ batchID: String) async throws -> BatchStatus?

    func queueLengths(timeout: Int?) async throws -> [String: Int]
    func queued(_ queue: String, _ start: Int, _ stop: Int) async throws -> [QueuedJob]
    func remove(_ queue: String, _ name: String, inputs: JSON.Object, count: Int) async throws -> Int
    func removeAll(_ queue: String, _ name: String, _ start: Int, _ stop: Int) async throws -> Int
    func removeQueue(_ queue: String) async throws
    func scheduledAt(_ queue: String, _ name: String, inputs: JSON.Object) async throws -> [Int]
    func removeDelayed(_ queue: String, _ name: String, inputs: JSON.Object) async throws -> [Int]
    func timestamps() async throws -> [Int]
    func delayed(atMilliseconds milliseconds: Int) async throws -> [QueuedJob]
    func pluginLocks() async throws -> [String: String]
    func removePluginLock(_ name: String) async throws -> Bool

    func provideQueues(_ queues: @escaping @Sendable () async throws -> [String])
    func workers() async throws -> [TaskWorker]
    func removeWorkers(olderThan age: Int) async throws -> [String: QueuedJob]
    func stats() async throws -> [String: Int]
    func details() async throws -> TaskDetails
    func health(timeout: Int?) async throws -> TaskHealth
    // The queue is `nil` for all of them.
    func pause(_ queue: String?) async throws
    func resume(_ queue: String?) async throws
    func paused() async throws -> [String]
    func failedCount() async throws -> Int
    func failed(_ start: Int, _ stop: Int) async throws -> [FailedJob]
    func removeFailed(_ job: FailedJob) async throws -> Bool
    func retryFailed(_ job: FailedJob) async throws
    func enqueueRecurrent(_ name: String) async throws
    func enqueueAllRecurrent() async throws -> [String]
    func stopRecurrent(_ name: String) async throws -> Int
}
