// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// What a plugin has decided before a run.
package enum PluginVerdict: Sendable, Hashable {
    case run
    /// The job does not run now, and this becomes of it.
    case end(JobOutcome)
    /// The lease has ended.
    case lost
}

/// JobLock: of jobs with the same task, queue and inputs one runs at a time.
package struct JobLockPlugin: Sendable, Hashable {
    /// Seconds after which a lock counts as forgotten.
    ///
    /// One of ours whose process is gone is taken over at once.
    package var lockTimeout = 3600
    /// Milliseconds until the next try.
    package var enqueueTimeout = 1001
    /// Whether a job that finds the lock taken comes again; otherwise it is dropped.
    package var reEnqueue = true
    /// Instead of the usual name.
    package var key: String?

    package init() {}

    private func name(_ job: JobPayload, _ queue: String) -> String {
        key ?? PluginKeys.workersLock(job.task, queue, job.arguments)
    }

    package func beforePerform(
        _ job: JobPayload, _ held: HeldJob, of owner: String, in store: JobStore
    ) async throws(RedisError) -> PluginVerdict {
        switch try await store.lock(owner, held.number, key: name(job, held.queue), seconds: lockTimeout) {
        case .yes: .run
        case .no: .end(reEnqueue ? .later(milliseconds: enqueueTimeout) : .dropped)
        case .lost: .lost
        }
    }

    package func afterPerform(
        _ job: JobPayload, _ held: HeldJob, of owner: String, in store: JobStore
    ) async throws(RedisError) {
        try await store.unlock(owner, held.number, key: name(job, held.queue))
    }
}

/// QueueLock: of jobs with the same task, queue and inputs one waits at a time.
///
/// The lock and the job are written in one step, so none of them is there without the other, unlike in the reference.
package struct QueueLockPlugin: Sendable, Hashable {
    /// Seconds after which a lock counts as forgotten.
    package var lockTimeout = 3600
    /// Instead of the usual name.
    package var key: String?

    package init() {}

    private func name(_ job: JobPayload, _ queue: String) -> String {
        key ?? PluginKeys.lock(job.task, queue, job.arguments)
    }

    package func beforeEnqueue(_ job: JobPayload, queue: String, _ options: inout EnqueueOptions) {
        options.queueLock = (name(job, queue), max(1, lockTimeout))
    }

    /// From here on the same may wait again.
    package func beforePerform(
        _ job: JobPayload, queue: String, in store: JobStore
    ) async throws(RedisError) {
        _ = try await store.client.send(store.command("DEL", store.keys.key(name(job, queue))))
    }
}

/// DelayQueueLock: a job is not enqueued while the same one is delayed.
package struct DelayQueueLockPlugin: Sendable, Hashable {
    package init() {}

    package func beforeEnqueue(_ options: inout EnqueueOptions) { options.refusesDelayed = true }
}
