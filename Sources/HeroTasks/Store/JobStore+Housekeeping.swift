// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// What has been thrown away; nothing of it silently.
package struct Housekeeping: Sendable, Hashable {
    /// Counters of failures and crashes that were too old.
    package var counters = 0
    /// Records of owners that ended long ago.
    package var owners = 0
    /// Dead jobs above the cap.
    package var dead = 0
    /// Dead jobs whose entry another program has removed from `failed`.
    package var orphans = 0
    /// Batches that had ended, whose followers nobody had enqueued.
    package var batches = 0
}

// What the leader does once in a while.
extension JobStore {
    private static let day = 86_400_000

    /// Removes what is too old or too much.
    ///
    /// - Parameters:
    ///   - window: Milliseconds for which failures and crashes count.
    ///   - mostDead: How many jobs the dead set keeps; the oldest go first.
    /// - Returns: What it has removed.
    /// - Throws: ``RedisError``.
    package func keepHouse(window: Int, mostDead: Int) async throws(RedisError) -> Housekeeping {
        let now = try await time()
        var done = Housekeeping()
        done.counters = try await forget(keys.attempts) { value in
            let numbers = value.split(separator: " ").map { Int($0) ?? 0 }
            return numbers.count < 3 || now - numbers[2] > window
        }
        _ = try await forget(keys.cursors) { now > Int($0) ?? 0 }
        done.owners = try await forget(keys.owners) { value in
            value.hasPrefix("gone ") && now - (Int(value.dropFirst(5)) ?? 0) > Self.day
        }
        let old = RedisArgument(now - 7 * Self.day)
        for result in await client.send([
            command("ZREMRANGEBYSCORE", keys.deadlines, "-inf", old),
            command("ZREMRANGEBYSCORE", keys.idle, "-inf", RedisArgument(now)),
        ]) { _ = try result.get() }
        done.dead = try await trimDead(to: mostDead)
        done.orphans = try await dropOrphans()
        let api = QueueAPI(self)
        done.batches = try await api.settle(try await api.endedBatches())
        return done
    }

    private func forget(
        _ key: RedisArgument, where isOld: (String) -> Bool
    ) async throws(RedisError) -> Int {
        var (field, found, count): (RedisArgument?, [RedisArgument], Int) = (nil, [], 0)
        func send(_ pairs: [RedisArgument]) async throws(RedisError) -> Int {
            pairs.isEmpty ? 0 : try await call(ScriptCall(JobScripts.forget, keys: [key], pairs)).integer ?? 0
        }
        for try await element in client.scanHash(key) {
            guard let name = field else {
                field = RedisArgument(element)
                continue
            }
            field = nil
            if isOld(String(decoding: element, as: UTF8.self)) { found += [name, RedisArgument(element)] }
            if found.count >= 2 * JobScripts.mostJobs {
                count += try await send(found)
                found = []
            }
        }
        return count + (try await send(found))
    }

    private func trimDead(to most: Int) async throws(RedisError) -> Int {
        let surplus = (try await client.send(command("ZCARD", keys.dead)).integer ?? 0) - max(0, most)
        guard surplus > 0 else { return 0 }
        let range = try await client.send(command("ZRANGE", keys.dead, 0, RedisArgument(surplus - 1)))
        return try await QueueAPI(self).removeDead((range.elements ?? []).compactMap(\.text))
    }

    /// Drops dead jobs whose entry is not in `failed` any more.
    private func dropOrphans() async throws(RedisError) -> Int {
        var count = 0
        for start in stride(from: 0, to: Int.max, by: JobScripts.mostJobs) {
            let call = ScriptCall(
                JobScripts.orphans, keys: [keys.dead, keys.kept, keys.failed],
                [RedisArgument(start), RedisArgument(start + JobScripts.mostJobs - 1)])
            let answer = try await self.call(call).elements ?? []
            guard let looked = answer.first?.integer, looked > 0 else { break }
            let gone = answer.dropFirst().compactMap(\.text)
            if !gone.isEmpty { count += try await QueueAPI(self).removeDead(gone) }
        }
        return count
    }
}
