// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroRedis
internal import HeroSystem

/// A job that waits for its time.
package struct WaitingJob: Sendable, Hashable {
    package enum Reason: String, Sendable {
        case delayed, retry
    }

    package let reason: Reason
    /// By which a person names it: `<seconds>-<digits>` of a delayed one, `<owner>~<number>` of a retry.
    package let id: String
    /// When it is due, ms.
    package let due: Int
    package let queue: String?
    package let payload: [UInt8]

    /// `nil` when it is no job.
    package var task: String? { (try? JSON(parsing: payload))?["class"]?.stringValue }
}

/// Jobs that wait for their time, for a person.
package struct WaitingList: Sendable {
    private let store: JobStore
    private var keys: JobKeys { store.keys }

    package init(_ store: JobStore) { self.store = store }

    /// - Parameter count: At most so many.
    /// - Returns: Delayed jobs, earliest first.
    /// - Throws: ``RedisError``.
    package func delayed(_ count: Int) async throws(RedisError) -> [WaitingJob] {
        let words: [RedisArgument] = ["ZRANGE", keys.schedule, 0, RedisArgument(max(0, count - 1))]
        var found: [WaitingJob] = []
        for moment in (try await store.client.send(store.command(words)).elements ?? []).compactMap(\.integer) {
            guard found.count < count else { break }
            let wanted = count - found.count
            for payload in try await store.elements(keys.delayed(moment), 0, wanted - 1).map(\.shown) {
                found.append(
                    WaitingJob(
                        reason: .delayed, id: Self.id(payload, at: moment), due: moment &* 1000,
                        queue: (try? JSON(parsing: payload))?["queue"]?.stringValue, payload: payload))
            }
        }
        return found
    }

    private static func id(_ payload: [UInt8], at moment: Int) -> String {
        "\(moment)-\(SHA1.hexadecimal(payload).prefix(FailedEntry.idLength))"
    }

    /// - Parameter count: At most so many.
    /// - Returns: Jobs that wait for their next attempt, earliest first.
    /// - Throws: ``RedisError``.
    package func retries(_ count: Int) async throws(RedisError) -> [WaitingJob] {
        let words: [RedisArgument] = ["ZRANGE", keys.retry, 0, RedisArgument(max(0, count - 1)), "WITHSCORES"]
        let members = JobStore.pairs(try await store.client.send(store.command(words)))
        let ids = members.compactMap { $0.0.text }
        guard !ids.isEmpty else { return [] }
        let kept = try await store.fields(ids.map { RedisArgument($0) }, of: keys.kept)
        return zip(members, kept).compactMap { member, value in
            guard let id = member.0.text, let packed = value.flatMap({ PackedJob($0) }) else { return nil }
            let due = member.1.text.flatMap(Double.init).flatMap { Int(exactly: $0.rounded()) } ?? 0
            return WaitingJob(reason: .retry, id: id, due: due, queue: packed.queue, payload: packed.payload)
        }
    }

    /// Makes a job that waits for its next attempt due: whoever leads the schedulers moves it to its queue.
    ///
    /// - Returns: `false` when it does not wait for one.
    /// - Throws: ``RedisError``.
    package func hasten(_ id: String) async throws(RedisError) -> Bool {
        let results = await store.client.send([
            // Only if it is there: it may have been moved meanwhile.
            store.command("ZADD", keys.retry, "XX", 0, RedisArgument(id)),
            store.command("ZSCORE", keys.retry, RedisArgument(id)),
        ])
        guard results.count == 2 else { throw JobStore.unexpected("a pipeline") }
        _ = try results[0].get()
        return try !results[1].get().isNull
    }

    /// Takes delayed jobs away, at their moment and at no other.
    ///
    /// - Parameter id: As ``WaitingJob/id`` has it.
    /// - Returns: How many there were; `nil` when this is no id of a delayed job.
    /// - Throws: ``RedisError``.
    package func removeDelayed(_ id: String) async throws(RedisError) -> Int? {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let moment = Int(parts[0]), moment >= 0, parts[1].utf8.count == FailedEntry.idLength
        else { return nil }
        let list = keys.delayed(moment)
        var count = 0
        for payload in Set(try await store.elements(list, 0, -1).map(\.shown)) where Self.id(payload, at: moment) == id
        {
            if JobStore.isLong(payload), try await store.drop(payload, from: list) {
                count += 1
                continue
            }
            let call = ScriptCall(
                JobScripts.unschedule, keys: [keys.timestamps(payload), keys.delayed(moment)],
                [RedisArgument(payload), RedisArgument(keys.namespace), RedisArgument(moment)])
            count += try await store.call(call).elements?.count ?? 0
        }
        // A moment without jobs goes, as it does for whoever leads.
        if count > 0 {
            _ = try await store.move(moment, [])
            try await QueueAPI(store).settleEnded()
        }
        return count
    }
}
