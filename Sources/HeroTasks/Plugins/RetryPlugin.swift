// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroRedis
package import HeroSystem

/// A thrown error, as records of failures say it.
package struct JobFailure: Sendable, Hashable {
    /// The name of the error's type.
    package var exception: String
    package var message: String
    package var backtrace: [String]?

    package init(exception: String, message: String, backtrace: [String]? = nil) {
        self.exception = exception
        self.message = message
        self.backtrace = backtrace
    }
}

/// Retry: a job that fails is tried again.
///
/// Attempts are counted where a crash cannot change them, in ``HeldJob/counters``; the reference's keys show them.
package struct RetryPlugin: Sendable, Hashable {
    /// How often a job runs at most.
    package var retryLimit = 1
    /// Milliseconds.
    package var retryDelay = 5000
    /// Milliseconds by attempt, the last for all further ones; instead of ``retryDelay``.
    package var backoffStrategy: [Int] = []

    package init() {}

    /// - Parameter failures: How often it has failed before.
    /// - Returns: Milliseconds until the next attempt; `nil` when there is none.
    package func delay(failures: Int) -> Int? {
        guard retryLimit - failures - 1 > 0 else { return nil }
        return backoffStrategy.isEmpty ? retryDelay : backoffStrategy[min(failures, backoffStrategy.count - 1)]
    }

    /// - Parameters:
    ///   - job: The job, read.
    ///   - held: As it was claimed.
    ///   - failure: `nil` after a success.
    ///   - time: When it failed.
    ///   - store: Where the keys are.
    /// - Returns: What becomes of the job; `nil` when the plugin has nothing to say: it was done, or it has failed for good.
    /// - Throws: ``RedisError``.
    package func afterPerform(
        _ job: JobPayload, _ held: HeldJob, _ failure: JobFailure?, at time: WallTime, in store: JobStore
    ) async throws(RedisError) -> JobOutcome? {
        let keys = [
            store.keys.key(PluginKeys.retry(job.task, job.arguments)),
            store.keys.key(PluginKeys.failure(job.task, job.arguments)),
        ]
        let failures = held.counters.failures
        guard let failure, let delay = delay(failures: failures) else {
            _ = try await store.client.send(store.command(["DEL"] + keys))
            return nil
        }
        // Longer than the job waits, and an hour for looking at it.
        let seconds = RedisArgument((backoffStrategy + [retryDelay]).reduce(0, max) / 1000 + 3600)
        let record: JSON = [
            "failed_at": .string(JavaScriptDate.slashed(time)), "payload": .array(job.arguments),
            "exception": .string(failure.exception), "error": .string(failure.message),
            "backtrace": failure.backtrace.map { .array($0.map { .string($0) }) } ?? .null,
            "worker": .string(job.task), "queue": .string(held.queue),
        ]
        let commands = [
            store.command("SET", keys[0], RedisArgument(failures), "EX", seconds),
            store.command("SET", keys[1], RedisArgument(record.text()), "EX", seconds),
        ]
        for result in await store.client.send(commands) { _ = try result.get() }
        return .retry(milliseconds: delay)
    }
}

/// Noop: a failure counts as a success; whoever runs the job logs it.
package struct NoopPlugin: Sendable, Hashable {
    package init() {}

    package func afterPerform(_ failure: JobFailure?) -> JobOutcome? { failure == nil ? nil : .done }
}
