// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis
internal import HeroRuntime
internal import HeroSystem

/// A job on its way to Redis.
struct EnqueueEntry {
    /// Which of the caller's jobs it is.
    let place: Int
    let job: PreparedJob
    var tag: JobTag
    /// The batch of one whose success goes on with a chain.
    var chain: String?

    init(place: Int, job: PreparedJob, batch: String?) {
        (self.place, self.job) = (place, job)
        tag = JobTag()
        if job.resultLifetime > 0 || batch != nil {
            tag = JobTag(id: JobID.make(keeping: job.resultLifetime), batch: batch)
        }
    }

    private var inputs: JSON { .object(job.inputs) }
    var payload: JobPayload { JobPayload(task: job.record.name, queue: job.queue, inputs: inputs, tag: tag) }
    /// What locks go by: not the tag, which every job has for itself.
    private var untagged: JobPayload { JobPayload(task: job.record.name, queue: job.queue, inputs: inputs) }

    /// Whether two plain commands do.
    var isPlain: Bool {
        guard job.start == .now, tag.id == nil, job.unique == 0, job.expires == 0 else { return false }
        return job.record.plugins.allSatisfy { plugin in
            switch plugin.kind {
            case .queueLock, .delayQueueLock: false
            case .jobLock, .retry, .noop: true
            }
        }
    }

    var options: EnqueueOptions {
        var options = EnqueueOptions()
        options.tag = tag
        if tag.id != nil, job.resultLifetime > 0 { options.keepsStatusFor = job.resultLifetime }
        if job.unique > 0 { options.unique = (uniqueKey, job.unique) }
        if job.expires > 0 { options.expiresAfter = job.expires }
        options.replicas = job.durability.replicaCount
        // As in the reference locks do not count for delayed jobs.
        guard job.start == .now else { return options }
        for plugin in job.record.plugins {
            switch plugin.kind {
            case .queueLock:
                QueueLockPlugin(plugin).beforeEnqueue(untagged, queue: job.queue, &options)
            case .delayQueueLock: DelayQueueLockPlugin().beforeEnqueue(&options)
            case .jobLock, .retry, .noop: break
            }
        }
        return options
    }

    private var uniqueKey: String {
        if let key = job.uniqueKey { return "\(job.record.name):\(key)" }
        return "\(job.record.name):\(SHA1.hexadecimal(Array(untagged.argumentsText.utf8)))"
    }

    /// What its result can be asked for by.
    var resultID: String? { job.resultLifetime > 0 ? tag.id : nil }

    /// - Throws: `TaskError` for a batch that takes no more.
    func result(of answer: EnqueueAnswer) throws -> EnqueueResult {
        switch answer {
        case .enqueued: return EnqueueResult(.enqueued, jobID: resultID)
        case .notUnique, .duplicate: return EnqueueResult(.duplicate)
        case .locked, .isDelayed: return EnqueueResult(.vetoed)
        case .batchClosed: throw TaskError(.unavailable, "there is no such batch, or it takes no more jobs")
        }
    }
}

extension QueueAPI {
    /// Enqueues jobs with conditions, many in one round trip.
    func enqueue(_ entries: [EnqueueEntry]) async throws -> [EnqueueAnswer] {
        try await enqueue(
            entries.map { entry in
                let start: EnqueueOrder.Start =
                    switch entry.job.start {
                    case .now: .now
                    case .after(let milliseconds): .after(milliseconds)
                    case .at(let milliseconds): .at(milliseconds)
                    }
                return EnqueueOrder(
                    entry.job.record.name, .object(entry.job.inputs), queue: entry.job.queue, start, entry.options)
            })
    }
}
