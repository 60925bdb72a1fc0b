// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis
internal import HeroRuntime
internal import HeroSystem

/// What the SDK's `Tasks` does, over Redis.
final class JobService: TaskHost {
    let processor: TaskProcessor
    let log: any LogHost
    private let store: Result<JobStore, any Error>
    /// Whether ``Redis`` of the SDK leads to the same server.
    private let sharesServer: Bool
    /// Takes jobs while Redis is away; `nil` where there is none.
    let keeper: KeptJobs?
    let queueProvider = QueueProvider()

    /// - Parameters:
    ///   - store: Where jobs are; why there are none, for whoever asks.
    ///   - processor: Knows the tasks.
    ///   - sharesServer: Whether other commands of the application go to the same server.
    ///   - log: For what happens beside.
    ///   - keeper: Takes jobs while Redis is away.
    init(
        _ store: Result<JobStore, any Error>, _ processor: TaskProcessor, sharesServer: Bool, log: any LogHost,
        keeper: KeptJobs? = nil
    ) {
        self.keeper = keeper
        (self.store, self.processor, self.sharesServer, self.log) = (store, processor, sharesServer, log)
    }

    /// - Throws: `RedisFailure` without Redis.
    func api() throws -> QueueAPI { QueueAPI(try store.get()) }

    /// Calls the store.
    ///
    /// - Throws: `RedisFailure`, `TaskError`.
    func ask<T>(_ work: (QueueAPI) async throws -> T) async throws -> T {
        let api = try api()
        do { return try await work(api) } catch { throw JobFaults.thrown(error) }
    }

    // MARK: Enqueuing

    func enqueue(_ jobs: [Job]) async throws -> [EnqueueResult] {
        _ = try api()
        let prepared = try await processor.prepare(jobs)
        return try await enqueueOrKeep(prepared)
    }

    /// Enqueues what is ready to be stored.
    ///
    /// - Parameters:
    ///   - prepared: `nil` for what middleware did not want.
    ///   - batch: The batch that they belong to.
    /// - Returns: What became of each.
    /// - Throws: `RedisFailure`, `TaskError`.
    func enqueue(_ prepared: [PreparedJob?], batch: String?) async throws -> [EnqueueResult] {
        var results = [EnqueueResult](repeating: EnqueueResult(.vetoed), count: prepared.count)
        var entries = prepared.enumerated().compactMap { place, job in
            job.map { EnqueueEntry(place: place, job: $0, batch: batch) }
        }
        try await ask { api in
            for index in entries.indices where entries[index].job.continuation != nil {
                try await self.openChain(&entries[index], api)
            }
            let plain = entries.filter(\.isPlain)
            // All of them in one transaction: so many go as fast as one.
            for (durability, some) in Dictionary(grouping: plain, by: \.job.durability) {
                try await api.enqueue(some.map(\.payload), replicas: durability.replicaCount)
                for entry in some { results[entry.place] = EnqueueResult(.enqueued) }
            }
            let others = entries.filter { !$0.isPlain }
            for (entry, answer) in zip(others, try await api.enqueue(others)) {
                results[entry.place] = try entry.result(of: answer)
                if let chain = entry.chain { try await self.closeChain(chain, answer, api) }
            }
        }
        for entry in entries where results[entry.place].isEnqueued { await processor.didEnqueue(entry.job) }
        return results
    }

    func commands(for jobs: [Job]) async throws -> [RedisRequest] {
        guard sharesServer else {
            throw TaskError(
                .unavailable, "jobs are on another Redis server than redis.client, and a transaction is of one server")
        }
        let prepared = try await processor.prepare(jobs)
        return try await ask { api in
            var requests: [RedisRequest] = []
            for case let job? in prepared {
                let entry = EnqueueEntry(place: 0, job: job, batch: nil)
                guard entry.isPlain, job.continuation == nil else {
                    throw TaskError(
                        .unavailable,
                        "a job of `\(job.record.name)` cannot be enqueued in a transaction of the application: it is "
                            + "delayed, unique, expires, keeps a result, has a lock or begins a chain")
                }
                requests += try api.commands(for: entry.payload).map { RedisRequest($0) }
            }
            return requests
        }
    }

    // MARK: Results

    func result(_ jobID: String) async throws -> JobResult? {
        try await ask { try await $0.status(jobID) }.flatMap(JobStatus.result)
    }
}

extension RedisRequest {
    fileprivate init(_ command: RedisCommand) {
        self.init("")
        words = command.arguments.map { RedisBytes($0) }
    }
}

extension Durability {
    /// `nil` when the server alone is enough.
    var replicaCount: (count: Int, milliseconds: Int)? {
        replicas > 0 ? (replicas, max(1, timeout.wholeMilliseconds)) : nil
    }
}
