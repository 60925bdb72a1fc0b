// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroRedis

// What is shown of everything at once, and of one job.
extension QueueAPI {
    /// Status, progress and result of a job that was enqueued with an id; `nil` when there is none, or not any more.
    package func status(_ id: String) async throws(RedisError) -> JSON? {
        guard let bytes = try await store.noted(at: keys.job(id)) else { return nil }
        return try? JSON(parsing: bytes)
    }

    /// As the reference's `details`: lengths of queues, what workers do, counters, and who leads the schedulers.
    package func details() async throws(RedisError) -> JSON {
        var (queues, working, counters): (JSON.Object, JSON.Object, JSON.Object) = ([:], [:], [:])
        for (queue, length) in try await lengths() { queues[queue] = ["length": .integer(length)] }
        for (worker, record) in try await allWorkingOn() { working[worker] = Self.record(record) }
        for (name, value) in try await stats() { counters[name] = .string(value) }
        return [
            "queues": .object(queues), "workers": .object(working), "stats": .object(counters),
            "leader": try await store.leader().map { .string($0) } ?? .null,
        ]
    }

    /// A worker's record as the reference shows it: one that is idle has `started`.
    package static func record(_ bytes: [UInt8]?) -> JSON {
        guard let bytes else { return "started" }
        return (try? JSON(parsing: bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
    }

    /// A recurrent task is not enqueued any more: what waits of it is removed.
    ///
    /// The reference looks for another spelling of no inputs than it enqueues, so it finds nothing; both are removed here.
    ///
    /// - Returns: How many jobs there were, waiting and delayed.
    /// - Throws: ``RedisError``.
    package func stopRecurrentTask(_ task: String, queue: String) async throws(RedisError) -> Int {
        var count = 0
        for inputs in [JSON.null, [:]] {
            count += try await del(queue, task, inputs, tagged: false)
            count += try await delDelayed(queue, task, inputs, tagged: false).count
        }
        return count
    }
}
