// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroRedis
internal import HeroSystem

/// A job of the dead set.
package struct DeadJob: Sendable, Hashable {
    package let id: String
    /// When it died, ms.
    package let time: Int
    package let queue: String
    /// Of one that is too long to be read only the beginning.
    package let payload: [UInt8]
    /// What `failed` has of it.
    package let entry: [UInt8]?
}

// Failed jobs: by Resque's list, and by ids where they are ours.
extension QueueAPI {
    package func failedCount() async throws(RedisError) -> Int {
        try await client.send(store.command("LLEN", keys.failed)).integer ?? 0
    }

    /// Entries of `failed` as they are.
    package func failed(_ start: Int, _ stop: Int) async throws(RedisError) -> [[UInt8]] {
        try await elements(keys.failed, start, stop)
    }

    /// As many entries of `failed` as one reply has room for.
    func failedPage(_ start: Int, _ stop: Int) async throws(RedisError) -> [[UInt8]] {
        try await store.page(keys.failed, start, stop).elements.map(\.shown)
    }

    /// Removes an entry of `failed` by exactly its bytes, or by what stands for them, and the dead job that it is of.
    ///
    /// - Returns: How many there were, 0 or 1.
    /// - Throws: ``RedisError``.
    package func removeFailed(_ entry: [UInt8]) async throws(RedisError) -> Int {
        if JobStore.isLong(entry), try await store.drop(entry, from: keys.failed) { return 1 }
        return try await store.call(
            ScriptCall(
                JobScripts.strike, keys: [keys.failed, keys.kept, keys.dead], [RedisArgument(entry)],
                isRepeatable: false)
        ).integer ?? 0
    }

    /// Takes an entry out of `failed` and enqueues its job again.
    ///
    /// - Parameter entry: Exactly its bytes.
    /// - Throws: ``QueueRefusal/notFailed``, ``MalformedJob`` when the entry has no job, ``RedisError``.
    package func retryAndRemoveFailed(_ entry: [UInt8]) async throws {
        if let id = try await deadID(of: entry), try await revive(id) { return }
        let position = try await client.send(store.command("LPOS", keys.failed, RedisArgument(entry)))
        if position.isNull, JobStore.isLong(entry) {
            throw MalformedJob(reason: "The entry is too long to be read: it can be removed, and not be retried")
        }
        guard !position.isNull else { throw QueueRefusal.notFailed }
        let (queue, payload) = try Self.job(of: entry)
        // First there twice, then once: a crash in between leaves a job too many, not one too few.
        let replies = try await client.transaction([
            store.command("SADD", keys.queues, RedisArgument(queue), isRepeatable: false),
            store.command("RPUSH", keys.queue(queue), RedisArgument(payload), isRepeatable: false),
            store.command("LREM", keys.failed, 1, RedisArgument(entry), isRepeatable: false),
        ])
        for case .error(let message) in replies { throw RedisError(.refused, message) }
    }

    /// The dead job that an entry of `failed` is of; `nil` when it is of another program, or gone.
    private func deadID(of entry: [UInt8]) async throws(RedisError) -> String? {
        let field = RedisArgument("f:" + SHA1.hexadecimal(entry))
        return try await client.send(store.command("HGET", keys.kept, field)).text
    }

    /// The bytes of a payload of JSON that is a part of other JSON; one that is no job is there as a text.
    static func jobBytes(_ payload: JSON, in record: [UInt8]) -> [UInt8] {
        payload.stringValue.map { Array($0.utf8) } ?? RawMember.value(of: "payload", in: record)
            ?? Array(payload.text().utf8)
    }

    /// The job in an entry, with the bytes that it has there.
    private static func job(of entry: [UInt8]) throws(MalformedJob) -> (queue: String, payload: [UInt8]) {
        guard let json = try? JSON(parsing: entry), let payload = json["payload"] else {
            throw MalformedJob(reason: "The entry has no payload")
        }
        let bytes = jobBytes(payload, in: entry)
        let queue = payload["queue"]?.stringValue ?? json["queue"]?.stringValue
        guard let queue, !queue.isEmpty else { throw MalformedJob(reason: "The entry names no queue") }
        return (queue, bytes)
    }

    /// Jobs of the dead set, the latest first.
    package func dead(_ start: Int, _ stop: Int) async throws(RedisError) -> [DeadJob] {
        let members = JobStore.pairs(
            try await client.send(
                store.command("ZREVRANGE", keys.dead, RedisArgument(start), RedisArgument(stop), "WITHSCORES")))
        guard !members.isEmpty else { return [] }
        let ids = members.compactMap { $0.0.text }
        let fields = ids.flatMap { [RedisArgument($0), RedisArgument($0 + ":f")] }
        let values = try await store.fields(fields, of: keys.kept)
        guard values.count == ids.count * 2 else { throw JobStore.unexpected("HMGET") }
        return ids.indices.compactMap { index in
            guard let packed = values[index * 2].flatMap({ PackedJob($0) }) else { return nil }
            return DeadJob(
                id: ids[index], time: members[index].1.integer ?? 0, queue: packed.queue, payload: packed.payload,
                entry: values[index * 2 + 1])
        }
    }

    /// A dead job goes back to its queue, and its entry leaves `failed`.
    ///
    /// - Returns: `false` when there is none, or another program has removed its entry, which drops it.
    /// - Throws: ``RedisError``.
    package func revive(_ id: String) async throws(RedisError) -> Bool {
        let kept = try await client.send(store.command("HGET", keys.kept, RedisArgument(id)))
        guard let packed = kept.bytes.flatMap({ PackedJob($0) }) else { return false }
        let value = try await store.call(
            ScriptCall(
                JobScripts.revive, keys: [keys.dead, keys.kept, keys.failed, keys.queues, keys.queue(packed.queue)],
                [RedisArgument(id), RedisArgument(packed.queue)]))
        return value.integer == 1
    }

    /// Removes jobs from the dead set, and their entries from `failed`.
    ///
    /// - Returns: How many there were.
    /// - Throws: ``RedisError``.
    package func removeDead(_ ids: [String]) async throws(RedisError) -> Int {
        try await discard(ids, from: keys.dead)
    }

    /// Removes jobs that wait for their next attempt.
    package func removeRetries(_ ids: [String]) async throws(RedisError) -> Int {
        try await discard(ids, from: keys.retry, endsBatches: true)
    }

    private func discard(
        _ ids: [String], from set: RedisArgument, endsBatches: Bool = false
    ) async throws(RedisError) -> Int {
        var count = 0
        for start in stride(from: 0, to: ids.count, by: JobScripts.mostJobs) {
            let some = ids[start..<min(start + JobScripts.mostJobs, ids.count)]
            count +=
                try await store.call(
                    ScriptCall(
                        JobScripts.discard, keys: [set, keys.kept, keys.failed],
                        [RedisArgument(endsBatches ? keys.namespace : "")] + some.map { RedisArgument($0) })
                ).integer ?? 0
        }
        if endsBatches, count > 0 { try await settleEnded() }
        return count
    }
}
