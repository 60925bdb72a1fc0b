// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis
internal import HeroRuntime
internal import HeroSystem

extension JobService {
    func enqueue(_ batch: JobBatch) async throws -> String {
        _ = try api()
        let prepared = try await processor.prepare(batch.jobs)
        var plan = BatchPlan()
        plan.completion = try await follower(batch.onCompletion)
        plan.success = try await follower(batch.onSuccess)
        plan.failure = try await follower(batch.onFailure)
        plan.parent = batch.parentID
        let id = UUID4.random().text
        try await open(id, plan)
        _ = try await enqueue(prepared, batch: id)
        _ = try await ask { try await $0.closeBatch(id) }
        return id
    }

    func enqueue(_ jobs: [Job], inBatch batchID: String) async throws -> [EnqueueResult] {
        try await enqueue(try await processor.prepare(jobs), batch: batchID)
    }

    func batch(_ batchID: String) async throws -> ActionHero.BatchStatus? {
        try await ask { try await $0.batch(batchID) }.map {
            ActionHero.BatchStatus(pending: $0.pending, failed: $0.failed, isComplete: $0.state == "settled")
        }
    }

    private func open(_ id: String, _ plan: BatchPlan) async throws {
        guard try await ask({ try await $0.openBatch(id, plan) }) else {
            throw TaskError(.unavailable, "there is no batch \(plan.parent ?? id), or it takes no more jobs")
        }
    }

    /// What follows a batch is stored with it, and so is ready to be enqueued by whoever ends it.
    private func follower(_ job: Job?) async throws -> JobPayload? {
        guard let job, let prepared = try await processor.prepare([job]).first ?? nil else { return nil }
        return JobPayload(task: prepared.record.name, queue: prepared.queue, inputs: .object(prepared.inputs))
    }

    // MARK: Chains

    /// Makes a batch of one, whose success goes on with the chain.
    func openChain(_ entry: inout EnqueueEntry, _ api: QueueAPI) async throws {
        guard entry.tag.batch == nil else {
            throw TaskError(.unavailable, "a job of a batch begins no chain: enqueue a batch in the batch")
        }
        guard let continuation = entry.job.continuation else { return }
        let record = try processor.registry.require(continuation.name)
        var plan = BatchPlan()
        plan.success = JobPayload(task: record.name, queue: record.queue, inputs: .object(continuation.inputs))
        let id = UUID4.random().text
        guard try await api.openBatch(id, plan) else { throw JobStore.unexpected("open") }
        entry.chain = id
        entry.tag = JobTag(id: entry.tag.id ?? JobID.make(keeping: 0), batch: id)
    }

    func closeChain(_ id: String, _ answer: EnqueueAnswer, _ api: QueueAPI) async throws {
        if answer == .enqueued {
            _ = try await api.closeBatch(id)
        } else {
            // Without its job it would succeed at once.
            _ = try await api.client.send(api.store.command("DEL", api.keys.batch(id), api.keys.batchJobs(id)))
        }
    }
}
