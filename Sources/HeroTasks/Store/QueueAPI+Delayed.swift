// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroRedis

extension QueueAPI {
    /// Adds a job that waits for its time.
    ///
    /// - Parameters:
    ///   - milliseconds: Unix time; rounded to a second, half ones up.
    ///   - task: Its name.
    ///   - inputs: What it gets; `nil` is kept as `null`, as in JavaScript.
    ///   - queue: Where it goes then.
    ///   - options: Conditions and extras; locks do not count here, as in the reference.
    /// - Returns: What became of it; ``EnqueueAnswer/duplicate`` is the reference's error ``QueueRefusal/duplicate``.
    /// - Throws: As ``enqueue(_:_:queue:_:)``.
    package func enqueueAt(
        _ milliseconds: Int, _ task: String, _ inputs: JSON, queue: String,
        _ options: EnqueueOptions = EnqueueOptions()
    ) async throws -> EnqueueAnswer {
        let job = JobPayload(task: task, queue: queue, inputs: inputs, tag: options.tag)
        let call = scheduleCall(try job.checkedBytes(), at: milliseconds, options)
        let value = try await reply(to: call, options.replicas)
        guard let answer = EnqueueAnswer(value.integer) else { throw JobStore.unexpected("schedule") }
        return answer
    }

    func scheduleCall(_ bytes: [UInt8], at milliseconds: Int, _ options: EnqueueOptions) -> ScriptCall {
        let (seconds, extras) = (Self.rounded(milliseconds), Extras(options, keys))
        return ScriptCall(
            JobScripts.schedule,
            keys: [
                keys.delayed(seconds), keys.timestamps(bytes), keys.schedule, keys.deadlines,
                options.unique.map { keys.unique($0.key) } ?? keys.queues, extras.job, extras.batch, extras.batchJobs,
            ],
            [
                RedisArgument(bytes), RedisArgument(seconds), extras.unique, extras.expires, extras.keeps,
                extras.status, extras.member,
            ],
            isRepeatable: options.unique != nil)
    }

    /// Adds a job that waits for so many milliseconds, by Redis' clock.
    package func enqueueIn(
        _ milliseconds: Int, _ task: String, _ inputs: JSON, queue: String,
        _ options: EnqueueOptions = EnqueueOptions()
    ) async throws -> EnqueueAnswer {
        try await enqueueAt(try await store.time() + milliseconds, task, inputs, queue: queue, options)
    }

    private static func rounded(_ milliseconds: Int) -> Int {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return remainder >= 500 ? quotient + 1 : remainder < -500 ? quotient - 1 : quotient
    }

    /// Takes a job out of all moments for which it is there.
    ///
    /// - Parameters:
    ///   - queue: Where it would go.
    ///   - task: Its name.
    ///   - inputs: Exactly its inputs, in their order.
    ///   - tagged: Whether also those are meant that belong to a batch, or whose result is kept.
    /// - Returns: Those moments, Unix times in seconds.
    /// - Throws: ``RedisError``.
    package func delDelayed(
        _ queue: String, _ task: String, _ inputs: JSON, tagged: Bool = true
    ) async throws(RedisError) -> [Int] {
        let bytes = JobPayload(task: task, queue: queue, inputs: inputs).bytes
        var found = try await unschedule(bytes)
        guard tagged else { return found }
        let prefix = keys.timestamps(Array(bytes.dropLast(Self.tagless.count)) + Self.tagBegin).bytes
        var payloads: Set<[UInt8]> = []
        let head = keys.timestamps([]).bytes.count
        for try await key in client.scan(matching: JobKeys.literal(prefix) + "*", type: "set") {
            payloads.insert(Array(key.dropFirst(head)))
        }
        for payload in payloads where (try? JobPayload(reading: payload))?.tag.id != nil {
            found += try await unschedule(payload)
        }
        if !found.isEmpty { try await settleEnded() }
        return found
    }

    /// What follows the inputs of a job, without a tag and with one.
    static let (tagless, tagBegin) = (Array("]}".utf8), Array(#",{"$job":""#.utf8))

    private func unschedule(_ bytes: [UInt8]) async throws(RedisError) -> [Int] {
        let moments = try await scheduledAt(bytes)
        guard !moments.isEmpty else { return [] }
        let value = try await store.call(
            ScriptCall(
                JobScripts.unschedule, keys: [keys.timestamps(bytes)] + moments.map { keys.delayed($0) },
                [RedisArgument(bytes), RedisArgument(keys.namespace)] + moments.map { RedisArgument($0) }))
        return (value.elements ?? []).compactMap(\.integer)
    }

    /// For when a job is delayed: Unix times in seconds.
    package func scheduledAt(_ queue: String, _ task: String, _ inputs: JSON) async throws(RedisError) -> [Int] {
        try await scheduledAt(JobPayload(task: task, queue: queue, inputs: inputs).bytes)
    }

    private func scheduledAt(_ bytes: [UInt8]) async throws(RedisError) -> [Int] {
        let members = try await client.send(store.command("SMEMBERS", keys.timestamps(bytes)))
        return (members.elements ?? []).compactMap { member in
            member.text.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
        }
    }

    /// All moments for which there are delayed jobs: Unix times in milliseconds, earliest first.
    package func timestamps() async throws(RedisError) -> [Int] {
        let prefix = Array("\(keys.namespace):delayed:".utf8)
        var found: Set<Int> = []
        for try await key in client.scan(matching: JobKeys.literal(prefix) + "*") {
            if let seconds = Int(String(decoding: key.dropFirst(prefix.count), as: UTF8.self)) {
                found.insert(seconds * 1000)
            }
        }
        return found.sorted()
    }

    /// The jobs of a moment, which is given in milliseconds.
    package func delayedAt(_ milliseconds: Int) async throws(RedisError) -> (tasks: [[UInt8]], rTimestamp: Int) {
        let seconds = Self.rounded(milliseconds)
        return (try await elements(keys.delayed(seconds), 0, -1), seconds)
    }

    /// All delayed jobs by their moments in milliseconds.
    package func allDelayed() async throws(RedisError) -> [(milliseconds: Int, jobs: [[UInt8]])] {
        var found: [(Int, [[UInt8]])] = []
        for moment in try await timestamps() { found.append((moment, try await delayedAt(moment).tasks)) }
        return found
    }

    /// Elements of a list; for those that are too long to be carried what stands for them.
    func elements(_ key: RedisArgument, _ start: Int, _ stop: Int) async throws(RedisError) -> [[UInt8]] {
        try await store.elements(key, start, stop).map(\.shown)
    }
}
