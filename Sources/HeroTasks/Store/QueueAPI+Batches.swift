// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// What follows the jobs of a batch, and where it belongs.
package struct BatchPlan: Sendable, Hashable {
    /// Enqueued when all jobs have ended, whichever way.
    package var completion: JobPayload?
    /// Enqueued when none was given up.
    package var success: JobPayload?
    /// Enqueued when some were given up.
    package var failure: JobPayload?
    /// The batch that this one is a job of.
    package var parent: String?

    package init() {}
}

/// How far a batch is.
package struct BatchStatus: Sendable, Hashable {
    /// `open` while jobs can be added, then `closed`, and `settled` when what follows has been enqueued.
    package let state: String
    package let pending: Int
    /// Jobs that were given up, dropped, removed or too old, and nested batches that had such jobs.
    package let failed: Int

    package init(state: String, pending: Int, failed: Int) {
        (self.state, self.pending, self.failed) = (state, pending, failed)
    }
}

// Batches. A job counts once, however often it runs; what follows a batch is enqueued once, whoever dies meanwhile.
extension QueueAPI {
    /// Milliseconds for which a settled batch can still be looked at.
    private static let keepsSettled = 86_400_000

    /// Begins a batch; jobs are added with its id in ``EnqueueOptions/tag``.
    ///
    /// - Returns: `false` when there is one with this id, or the parent takes no more.
    /// - Throws: ``RedisError``; ``MalformedJob`` for a job that could not be run.
    package func openBatch(_ id: String, _ plan: BatchPlan) async throws -> Bool {
        var fields: [RedisArgument] = []
        for (name, job) in [("completion", plan.completion), ("success", plan.success), ("failure", plan.failure)] {
            guard let job else { continue }
            let packed = PackedJob(queue: job.queue ?? "default", payload: try job.checkedBytes())
            fields += [RedisArgument(name), RedisArgument(packed.bytes)]
        }
        if let parent = plan.parent { fields += ["parent", RedisArgument(parent)] }
        let parent = plan.parent.map { (keys.batch($0), keys.batchJobs($0)) } ?? (keys.queues, keys.queues)
        let member = plan.parent == nil ? "" : Self.member(id)
        let call = ScriptCall(
            JobScripts.open, keys: [keys.batch(id), parent.0, parent.1],
            [RedisArgument(id), RedisArgument(member)] + fields,
            isRepeatable: false)
        return try await store.call(call).integer == 1
    }

    /// What a nested batch is called among the jobs of its parent.
    private static func member(_ id: String) -> String { "batch:\(id)" }

    /// Ends the filling of a batch; when its jobs have all ended already, what follows them is enqueued.
    ///
    /// - Returns: `false` when it was not open.
    /// - Throws: ``RedisError``.
    package func closeBatch(_ id: String) async throws(RedisError) -> Bool {
        let value = try await store.call(
            ScriptCall(
                JobScripts.close, keys: [keys.batch(id), keys.batchJobs(id), keys.endedBatches], [RedisArgument(id)]))
        if value.integer == 1 { _ = try await settle([id]) }
        return value.integer != -1
    }

    /// `nil` when there is none, or not any more.
    package func batch(_ id: String) async throws(RedisError) -> BatchStatus? {
        let results = await client.send([
            store.command("HMGET", keys.batch(id), "state", "failed"), store.command("SCARD", keys.batchJobs(id)),
        ])
        guard results.count == 2, let fields = try results[0].get().elements, let state = fields.first?.text else {
            return nil
        }
        return BatchStatus(
            state: state, pending: try results[1].get().integer ?? 0, failed: fields.last?.integer ?? 0)
    }

    /// Enqueues what follows batches that have ended, and of their parents that end with them.
    ///
    /// - Parameter ids: As a finish names them. Whoever keeps house passes ``endedBatches()``: a process may have died
    ///   between the two.
    /// - Returns: How many were settled.
    /// - Throws: ``RedisError``.
    package func settle(_ ids: [String]) async throws(RedisError) -> Int {
        var (waiting, count) = (ids, 0)
        while let id = waiting.popLast() {
            let names: [RedisArgument] = ["failed", "completion", "success", "failure", "parent"]
            let fields = try await client.send(store.command(["HMGET", keys.batch(id)] + names)).elements ?? []
            guard fields.count == names.count else { throw JobStore.unexpected("HMGET") }
            let (hasFailed, parent) = ((fields[0].integer ?? 0) > 0, fields[4].text)
            var words = JobWords(
                keys: [keys.endedBatches, keys.batch(id), keys.batchJobs(id), keys.queues]
                    + (parent.map { [keys.batch($0), keys.batchJobs($0)] } ?? [keys.queues, keys.queues]),
                names: keys)
            words.arguments = [
                RedisArgument(id), RedisArgument(parent == nil ? "" : Self.member(id)), hasFailed ? "1" : "",
                RedisArgument(Self.keepsSettled),
            ]
            for field in [fields[1], fields[hasFailed ? 3 : 2]] {
                guard let job = field.bytes.flatMap({ PackedJob($0) }) else { continue }
                let queue = words.queue(job.queue)
                words.arguments += [RedisArgument(queue), RedisArgument(job.queue), RedisArgument(job.payload)]
            }
            if try await store.call(ScriptCall(JobScripts.settle, keys: words.keys, words.arguments)).integer == 1 {
                count += 1
            }
            if let parent, try await isEnded(parent) { waiting.append(parent) }
        }
        return count
    }

    /// Enqueues what follows batches that have ended with jobs that were removed.
    func settleEnded() async throws(RedisError) {
        let ended = try await endedBatches()
        if !ended.isEmpty { _ = try await settle(ended) }
    }

    private func isEnded(_ id: String) async throws(RedisError) -> Bool {
        try await client.send(store.command("SISMEMBER", keys.endedBatches, RedisArgument(id))).integer == 1
    }

    /// Batches that have ended and whose followers nobody has enqueued yet.
    package func endedBatches() async throws(RedisError) -> [String] {
        (try await client.send(store.command("SMEMBERS", keys.endedBatches)).elements ?? []).compactMap(\.text)
    }
}
