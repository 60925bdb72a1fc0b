// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis
internal import HeroRuntime
internal import HeroSystem

// Who works, and what has failed.
extension JobService {
    func provideQueues(_ queues: @escaping @Sendable () async throws -> [String]) { queueProvider.set(queues) }

    func workers() async throws -> [TaskWorker] {
        try await ask { api in
            let records = Dictionary(try await api.allWorkingOn().map { ($0.worker, $0.record) }) { first, _ in first }
            return try await api.workers().map { worker in
                let record = (records[worker.name] ?? nil).flatMap { try? JSON(parsing: $0) }
                return TaskWorker(
                    name: worker.name, queues: worker.queues.split(separator: ",").map(String.init),
                    job: record?["payload"].map { QueuedJob(payload: $0) }, runningSince: record?["run_at"]?.stringValue
                )
            }
        }
    }

    func removeWorkers(olderThan age: Int) async throws -> [String: QueuedJob] {
        let cleaned = try await ask { try await $0.cleanOldWorkers(age: age, by: HostName.current, now: .now) }
        var removed: [String: QueuedJob] = [:]
        for worker in cleaned {
            let payload = worker.entry.flatMap { try? JSON(parsing: $0) }?["payload"]
            removed[worker.name] = QueuedJob(payload: payload ?? .null)
        }
        return removed
    }

    func stats() async throws -> [String: Int] {
        let stats = try await ask { try await $0.stats() }
        return Dictionary(stats.map { ($0.name, Int($0.value) ?? 0) }) { first, _ in first }
    }

    func details() async throws -> TaskDetails {
        let leader = try await ask { try await $0.store.leader() }
        return TaskDetails(
            queues: try await queueLengths(timeout: nil), workers: try await workers(), stats: try await stats(),
            leader: leader)
    }

    // MARK: Failed jobs

    func failedCount() async throws -> Int { try await ask { try await $0.failedCount() } }

    func failed(_ start: Int, _ stop: Int) async throws -> [FailedJob] {
        try await ask { try await $0.failed(start, stop) }.map { bytes in
            FailedJob((try? JSON(parsing: bytes)) ?? .null, bytes: bytes)
        }
    }

    func removeFailed(_ job: FailedJob) async throws -> Bool {
        try await ask { try await $0.removeFailed(job.bytes) } > 0
    }

    func retryFailed(_ job: FailedJob) async throws {
        try await ask { try await $0.retryAndRemoveFailed(job.bytes) }
    }

    // MARK: Tasks that run by themselves

    func enqueueRecurrent(_ name: String) async throws {
        let record = try processor.registry.require(name)
        guard record.isPeriodic else { return }
        try await ask { api in
            _ = try await api.stopRecurrentTask(record.name, queue: record.queue)
            let key = RedisArgument(record.name)
            let now = try await api.store.time()
            // From now on: the last run is this moment.
            _ = try await api.client.transaction([
                api.store.command("HSET", api.keys.recurrent, key, RedisArgument(now)),
                api.store.command("SREM", api.keys.stoppedTasks, key),
            ])
        }
    }

    func enqueueAllRecurrent() async throws -> [String] {
        var names: [String] = []
        for record in processor.registry.periodic {
            let result = try await enqueue([Job(record.name)]).first
            try await ask { api in
                let key = RedisArgument(record.name)
                let now = try await api.store.time()
                _ = try await api.client.transaction([
                    api.store.command("HSET", api.keys.recurrent, key, RedisArgument(now)),
                    api.store.command("SREM", api.keys.stoppedTasks, key),
                ])
            }
            if result?.isEnqueued == true { names.append(record.name) }
        }
        return names
    }

    func stopRecurrent(_ name: String) async throws -> Int {
        let record = try processor.registry.require(name)
        return try await ask { api in
            _ = try await api.client.send(
                api.store.command("SADD", api.keys.stoppedTasks, RedisArgument(record.name)))
            return try await api.stopRecurrentTask(record.name, queue: record.queue)
        }
    }
}
