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
    ///   - tagged: Whether also those are meant that belong to a batch, or whose result is kept. They are looked for after
    ///     all others, from the head on.
    /// - Returns: How many were there.
    /// - Throws: ``RedisError``.
    package func del(
        _ queue: String, _ task: String, _ inputs: JSON, count: Int = 0, tagged: Bool = true
    ) async throws(RedisError) -> Int {
        let bytes = JobPayload(task: task, queue: queue, inputs: inputs).bytes
        let removed = try await remove(bytes, from: keys.queue(queue), count: count)
        guard tagged, count == 0 || removed < count.magnitude else { return removed }
        let most = count == 0 ? 0 : Int(count.magnitude) - removed
        return removed + (try await sweep(queue, beginning: Array(bytes.dropLast(Self.tagless.count)), most: most))
    }

    /// Jobs that one call looks at, and that it takes out of the middle of a list: Redis does nothing else meanwhile, some
    /// ten milliseconds if the list has a million.
    private static let (window, mostRemoved) = (5000, 1000)

    // A window at a time: jobs of a task, or those that begin with these bytes and have a tag behind them; the positions are
    // counted from the head.
    private func sweep(
        _ queue: String, task: String = "", beginning: [UInt8] = [], _ start: Int = 0, _ stop: Int = .max, most: Int = 0
    ) async throws(RedisError) -> Int {
        let length = try await client.send(store.command("LLEN", keys.queue(queue))).integer ?? 0
        // What is enqueued meanwhile is another's business.
        var (position, left, removed) = (start, min(stop, length - 1) - start + 1, 0)
        while left > 0, most == 0 || removed < most {
            let call = ScriptCall(
                JobScripts.sweep, keys: [keys.queue(queue), keys.endedBatches],
                [
                    RedisArgument(keys.namespace), RedisArgument(position), RedisArgument(min(left, Self.window)),
                    RedisArgument(task), RedisArgument(beginning),
                    RedisArgument(min(most == 0 ? Self.mostRemoved : most - removed, Self.mostRemoved)),
                ], isRepeatable: false)
            guard let numbers = try await store.call(call).elements?.compactMap(\.integer), numbers.count == 2 else {
                throw JobStore.unexpected("sweep")
            }
            guard numbers[0] > 0 else { break }
            left -= numbers[0]
            position += numbers[0] - numbers[1]
            removed += numbers[1]
        }
        if removed > 0 { try await settleEnded() }
        return removed
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
        let length = try await client.send(store.command("LLEN", keys.queue(queue))).integer ?? 0
        let first = start < 0 ? max(0, length + start) : start
        return try await sweep(queue, task: task, first, stop < 0 ? length + stop : stop)
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
        do throws(RedisError) { try await empty(queue) } catch {
            // What has the name of a queue and is none has no jobs.
            guard error.code == "WRONGTYPE" else { throw error }
            _ = try await client.transaction([
                store.command("DEL", keys.queue(queue)), store.command("SREM", keys.queues, RedisArgument(queue)),
            ])
        }
    }

    private func empty(_ queue: String) async throws(RedisError) {
        // Not more than there are: others may enqueue meanwhile.
        var wanted = try await client.send(store.command("LLEN", keys.queue(queue))).integer ?? 0
        repeat {
            let call = ScriptCall(
                JobScripts.empty, keys: [keys.queue(queue), keys.queues, keys.endedBatches],
                [
                    RedisArgument(keys.namespace), RedisArgument(queue), RedisArgument(min(wanted, Self.window)),
                ], isRepeatable: false)
            guard let numbers = try await store.call(call).elements?.compactMap(\.integer), numbers.count == 2 else {
                throw JobStore.unexpected("empty")
            }
            wanted = numbers[1] == 0 || numbers[0] == 0 ? 0 : wanted - numbers[0]
        } while wanted > 0
        try await settleEnded()
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
