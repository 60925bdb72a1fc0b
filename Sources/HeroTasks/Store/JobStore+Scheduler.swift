// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis
internal import HeroSystem

/// A job that is due.
package struct DelayedJob: Sendable, Hashable {
    package let payload: [UInt8]
    /// Where it goes; `nil` when nobody can say.
    package let queue: String?
    /// What goes to the queue, or to `failed` where there is none; nothing for a job that nobody wants any more.
    package let entry: [UInt8]

    package init(payload: [UInt8], queue: String) { self.init(payload: payload, queue: queue, changed: payload) }

    /// - Parameters:
    ///   - payload: As it waits.
    ///   - queue: Where it goes.
    ///   - changed: What it has become since it was delayed.
    package init(payload: [UInt8], queue: String, changed: [UInt8]) {
        self.payload = payload
        self.queue = queue
        entry = changed
    }

    package init(unwanted payload: [UInt8]) { self.init(malformed: payload, entry: []) }

    package init(malformed payload: [UInt8], entry: [UInt8]) {
        self.payload = payload
        queue = nil
        self.entry = entry
    }
}

/// The next run of a recurrent task.
package struct RecurOrder: Sendable, Hashable {
    package var task: String
    /// What was read: empty for nothing.
    package var stored: String
    /// The moment of the run, in milliseconds.
    package var next: String
    package var queue: String
    package var payload: [UInt8]
    /// 0 when a missed run is skipped.
    package var times = 1
    /// For QueueLock and DelayQueueLock; `nil` without.
    package var lock: (key: String, seconds: Int)? {
        get { lockKey.map { ($0, lockSeconds) } }
        set { (lockKey, lockSeconds) = (newValue?.key, newValue?.seconds ?? 0) }
    }

    private var lockKey: String?
    private var lockSeconds = 0

    package init(task: String, stored: String, next: String, queue: String, payload: [UInt8]) {
        (self.task, self.stored, self.next, self.queue, self.payload) = (task, stored, next, queue, payload)
    }
}

// What the leader does.
extension JobStore {
    /// Takes or keeps the scheduler's lock, which excludes node-resque's scheduler, and its older one and Ruby's.
    ///
    /// - Parameters:
    ///   - name: `<host>:<pid>`.
    ///   - seconds: How long it is kept; node-resque's are.
    ///   - lease: Milliseconds without word after which another one of ours takes it; one of another program is waited for.
    /// - Returns: Whether this one is the leader.
    /// - Throws: ``RedisError``.
    package func lead(_ name: String, seconds: Int, lease: Int) async throws(RedisError) -> Bool {
        try await call(
            ScriptCall(
                JobScripts.lead, keys: [keys.leaderLock, keys.masterLock, keys.leading],
                [RedisArgument(name), RedisArgument(seconds), RedisArgument(lease)])
        ).integer == 1
    }

    /// Gives the scheduler's lock back, if it is this one's.
    package func resign(_ name: String) async throws(RedisError) {
        if try await client.send(command("GET", keys.leaderLock)).text == name {
            _ = try await client.send(command("DEL", keys.leaderLock, keys.leading))
        }
    }

    /// Who leads; `nil` when nobody does.
    package func leader() async throws(RedisError) -> String? {
        try await client.send(command("GET", keys.leaderLock)).text
    }

    /// Moments, in Unix seconds, whose delayed jobs are due, earliest first.
    ///
    /// - Parameters:
    ///   - now: Redis' time in milliseconds.
    ///   - limit: At most so many.
    /// - Returns: Unix times in seconds.
    /// - Throws: ``RedisError``.
    package func dueMoments(now: Int, limit: Int) async throws(RedisError) -> [Int] {
        let words: [RedisArgument] = [
            "ZRANGEBYSCORE", keys.schedule, "0", RedisArgument(now / 1000), "LIMIT", 0, RedisArgument(limit),
        ]
        return (try await client.send(command(words)).elements ?? []).compactMap(\.integer)
    }

    /// The first delayed jobs of a moment, up to one that is too long to be read; nothing is taken.
    package func delayed(_ seconds: Int, limit: Int) async throws(RedisError) -> [[UInt8]] {
        let page = try await page(keys.delayed(seconds), 0, limit - 1, longest: JobPayload.mostBytes)
        return page.elements.prefix { if case .bytes = $0 { true } else { false } }.map(\.shown)
    }

    /// The first job of a moment goes to the dead set, if it is too long to be read.
    ///
    /// - Parameters:
    ///   - seconds: The moment.
    ///   - name: Who does it, for the entry.
    ///   - longest: Bytes of the longest that can be read.
    /// - Returns: Whether it was.
    /// - Throws: ``RedisError``.
    package func bury(
        _ seconds: Int, by name: String, longest: Int = JobPayload.mostBytes
    ) async throws(RedisError) -> Bool {
        try await call(
            ScriptCall(
                JobScripts.bury,
                keys: [
                    keys.delayed(seconds), keys.schedule, keys.kept, keys.dead, keys.failed, keys.stat("failed"),
                ],
                [
                    RedisArgument(seconds), RedisArgument("\(name)~\(UInt64.random(in: 0 ... .max))"),
                    RedisArgument(longest), RedisArgument(name), RedisArgument(JavaScriptDate.text(.now)),
                ], isRepeatable: false)
        ).integer == 1
    }

    /// Moves delayed jobs to their queues, as long as they are at the head of their moment's list in this order.
    ///
    /// - Parameters:
    ///   - seconds: The moment.
    ///   - jobs: As ``delayed(_:limit:)`` has them, at most ``JobScripts/mostJobs``. None removes a moment without jobs.
    /// - Returns: How many were moved, and how many are left of this moment.
    /// - Throws: ``RedisError``.
    package func move(_ seconds: Int, _ jobs: [DelayedJob]) async throws(RedisError) -> (moved: Int, left: Int) {
        try Self.check(jobs.count)
        var call = ScriptCall(
            JobScripts.move, keys: [keys.delayed(seconds), keys.schedule, keys.queues],
            [RedisArgument(seconds), RedisArgument(keys.namespace)])
        for job in jobs {
            call.keys += [keys.timestamps(job.payload), job.queue.map { keys.queue($0) } ?? keys.failed]
            call.arguments += [
                RedisArgument(job.payload), RedisArgument(job.queue ?? ""), RedisArgument(job.entry),
            ]
        }
        guard let numbers = try await self.call(call).elements?.compactMap(\.integer), numbers.count == 2 else {
            throw Self.unexpected("move")
        }
        return (numbers[0], numbers[1])
    }

    /// Retries that are due, with their queues, earliest first.
    package func dueRetries(now: Int, limit: Int) async throws(RedisError) -> [(id: String, queue: String)] {
        let words: [RedisArgument] = [
            "ZRANGEBYSCORE", keys.retry, "0", RedisArgument(now), "LIMIT", 0, RedisArgument(limit),
        ]
        let ids = (try await client.send(command(words)).elements ?? []).compactMap(\.text)
        guard !ids.isEmpty else { return [] }
        // Only their queues: the jobs may be long.
        let call = ScriptCall(JobScripts.whose, keys: [keys.kept], ids.map { RedisArgument($0) })
        let queues = try await self.call(call).elements ?? []
        return zip(ids, queues).compactMap { id, queue in queue.text.map { (id, $0) } }
    }

    /// Returns retries that are due to the ends of their queues.
    ///
    /// - Returns: How many were.
    /// - Throws: ``RedisError``.
    package func promote(_ retries: [(id: String, queue: String)]) async throws(RedisError) -> Int {
        try Self.check(retries.count)
        guard !retries.isEmpty else { return 0 }
        var words = JobWords(keys: [keys.retry, keys.kept, keys.queues], names: keys)
        for retry in retries {
            let queue = words.queue(retry.queue)
            words.arguments += [RedisArgument(retry.id), RedisArgument(queue), RedisArgument(retry.queue)]
        }
        return try await call(ScriptCall(JobScripts.promote, keys: words.keys, words.arguments)).integer ?? 0
    }

    /// Last runs of recurrent tasks, as they are stored.
    package func recurrent() async throws(RedisError) -> [String: String] {
        var found: [String: String] = [:]
        for (task, value) in Self.pairs(try await client.send(command("HGETALL", keys.recurrent))) {
            if let task = task.text { found[task] = value.text ?? "" }
        }
        return found
    }

    /// Enqueues the next run of a recurrent task, unless another process has.
    package func recur(_ order: RecurOrder) async throws(RedisError) -> RecurAnswer {
        let lock = order.lock.map { keys.key($0.key) } ?? keys.queues
        let value = try await call(
            ScriptCall(
                JobScripts.recur,
                keys: [
                    keys.recurrent, keys.queues, keys.queue(order.queue), lock, keys.timestamps(order.payload),
                ],
                [
                    RedisArgument(order.task), RedisArgument(order.stored), RedisArgument(order.next),
                    RedisArgument(order.queue), RedisArgument(order.payload), RedisArgument(order.times),
                    order.lock.map { RedisArgument($0.seconds) } ?? "",
                ]))
        switch value.elements?.first?.integer {
        case 1: return .enqueued
        case 2: return .waiting
        case 0: return .taken(value.elements?.last?.text ?? "")
        default: throw Self.unexpected("recur")
        }
    }
}
