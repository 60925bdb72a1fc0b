// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroRedis

extension QueueAPI {
    /// Removes jobs that wait.
    ///
    /// - Parameters:
    ///   - queue: Where they wait.
    ///   - task: Their name.
    ///   - inputs: Exactly theirs, in their order.
    ///   - count: How many: 0 for all, negative ones from the end.
    /// - Returns: How many were there.
    /// - Throws: ``RedisError``.
    package func del(
        _ queue: String, _ task: String, _ inputs: JSON, count: Int = 0
    ) async throws(RedisError) -> Int {
        let bytes = JobPayload(task: task, queue: queue, inputs: inputs).bytes
        return try await remove(bytes, from: keys.queue(queue), count: count)
    }

    func remove(_ bytes: [UInt8], from list: RedisArgument, count: Int) async throws(RedisError) -> Int {
        try await client.send(
            store.command(
                "LREM", list, RedisArgument(count), RedisArgument(bytes), isRepeatable: false)
        ).integer ?? 0
    }

    /// Removes all jobs of a task that wait in a part of a queue.
    package func delByFunction(
        _ queue: String, _ task: String, start: Int = 0, stop: Int = -1
    ) async throws(RedisError) -> Int {
        var wanted: Set<[UInt8]> = []
        for bytes in try await queued(queue, start, stop) {
            if let job = try? JobPayload(reading: bytes), job.task.isSame(as: task) { wanted.insert(bytes) }
        }
        guard !wanted.isEmpty else { return 0 }
        let commands = wanted.map {
            store.command("LREM", keys.queue(queue), 0, RedisArgument($0), isRepeatable: false)
        }
        return try await client.transaction(commands).reduce(0) { $0 + ($1.integer ?? 0) }
    }

    /// Jobs that wait, as they are; positions as Redis counts them, from 0, negative ones from the end.
    package func queued(_ queue: String, _ start: Int, _ stop: Int) async throws(RedisError) -> [[UInt8]] {
        try await elements(keys.queue(queue), start, stop)
    }

    /// Names of all queues, sorted by their bytes.
    package func queues() async throws(RedisError) -> [String] {
        let members = try await client.send(store.command("SMEMBERS", keys.queues))
        return (members.elements ?? []).compactMap(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// How many jobs wait, by queue.
    package func lengths() async throws(RedisError) -> [(queue: String, length: Int)] {
        let names = try await queues()
        let results = await client.send(names.map { store.command("LLEN", keys.queue($0)) })
        var found: [(String, Int)] = []
        // A key of another type is no reason to say nothing of the others.
        for (name, result) in zip(names, results) { found.append((name, (try? result.get().integer) ?? 0)) }
        return found
    }

    /// Removes a queue with all jobs in it.
    package func delQueue(_ queue: String) async throws(RedisError) {
        _ = try await client.transaction([
            store.command("DEL", keys.queue(queue)), store.command("SREM", keys.queues, RedisArgument(queue)),
        ])
    }

    /// Locks of the plugins, without the namespace, with their values.
    package func locks() async throws(RedisError) -> [(key: String, value: String)] {
        var names: Set<ByteKey> = []
        let head = Array("\(keys.namespace):".utf8)
        for kind in ["lock:", "workerslock:"] {
            for try await key in client.scan(matching: JobKeys.literal(head) + kind + "*") {
                names.insert(ByteKey(String(decoding: key.dropFirst(head.count), as: UTF8.self)))
            }
        }
        let sorted = names.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let results = await client.send(sorted.map { store.command("GET", keys.key($0)) })
        var found: [(String, String)] = []
        for (name, result) in zip(sorted, results) {
            if let value = try result.get().text { found.append((name, value)) }
        }
        return found
    }

    /// Removes a lock.
    ///
    /// - Parameter name: As ``locks()`` has it.
    /// - Returns: How many there were, 0 or 1.
    /// - Throws: ``RedisError``; of kind `invalid` for what is no lock.
    package func delLock(_ name: String) async throws(RedisError) -> Int {
        guard name.hasPrefix("lock:") || name.hasPrefix("workerslock:") else {
            throw RedisError(.invalid, "\(name) is no lock: their names begin with lock: or workerslock:")
        }
        return try await client.send(store.command("DEL", keys.key(name), isRepeatable: false)).integer ?? 0
    }

    /// Nobody takes jobs from a queue any more, of all processes, at once; `*` is all queues.
    package func pause(_ queue: String) async throws(RedisError) {
        _ = try await client.send(store.command("SADD", keys.paused, RedisArgument(queue)))
    }

    /// Jobs are taken again.
    package func resume(_ queue: String) async throws(RedisError) {
        _ = try await client.send(store.command("SREM", keys.paused, RedisArgument(queue)))
    }

    /// Queues that are paused; `*` is all.
    package func paused() async throws(RedisError) -> [String] {
        let members = try await client.send(store.command("SMEMBERS", keys.paused))
        return (members.elements ?? []).compactMap(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
