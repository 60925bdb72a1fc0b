// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis
internal import HeroSystem

/// What an owner wants to have.
package struct ClaimOrder: Sendable, Hashable {
    /// The number of the first job.
    ///
    /// The next order's is this and ``want``; an order that is repeated keeps it.
    package var first: Int
    /// At most ``JobScripts/mostJobs``.
    package var want: Int
    /// In strict order, at most ``mostQueues``.
    ///
    /// One that is named twice counts once.
    package var queues: [String]
    /// Bytes from which on no more is taken; one job always is.
    package var mostBytes: Int
    /// The longest job that is taken; a longer one goes to the dead set.
    package var longest = JobPayload.mostBytes

    package static let mostQueues = 100

    package init(first: Int, want: Int, queues: [String], mostBytes: Int = 16 << 20) {
        self.first = first
        self.want = want
        self.queues = queues
        self.mostBytes = mostBytes
    }
}

// One round trip of a process.
extension JobStore {
    /// Takes jobs.
    package func claim(_ owner: String, _ order: ClaimOrder) async throws(RedisError) -> ClaimAnswer {
        try Self.check(order.want)
        return try Self.claimAnswer(await call([claimCall(owner, order)]).first)
    }

    /// Says what has become of jobs, at most ``JobScripts/mostJobs``.
    package func finish(_ owner: String, _ jobs: [FinishedJob]) async throws(RedisError) -> FinishAnswer {
        try Self.check(jobs.count)
        let finish = FinishCall(owner, jobs, keys)
        return try finish.answer(await call([finish.call]).first)
    }

    /// A finish and a claim in one go.
    ///
    /// - Returns: An answer or an error for each: the one may have been done, and the other not.
    package func turn(
        _ owner: String, finish jobs: [FinishedJob], claim order: ClaimOrder
    ) async -> (finish: Result<FinishAnswer, RedisError>, claim: Result<ClaimAnswer, RedisError>) {
        do throws(RedisError) {
            try Self.check(jobs.count)
            try Self.check(order.want)
        } catch { return (.failure(error), .failure(error)) }
        let finish = FinishCall(owner, jobs, keys)
        let results = await call([finish.call, claimCall(owner, order)])
        return (
            Result { () throws(RedisError) in try finish.answer(results.first) },
            Result { () throws(RedisError) in try Self.claimAnswer(results.last) }
        )
    }

    private func claimCall(_ owner: String, _ order: ClaimOrder) -> ScriptCall {
        let queues = order.queues.prefix(ClaimOrder.mostQueues)
        return ScriptCall(
            JobScripts.claim,
            keys: [
                keys.leases, keys.held(owner), keys.attempts, keys.paused, keys.kept, keys.dead, keys.failed,
                keys.stat("failed"), keys.cursors,
            ] + queues.map { keys.queue($0) },
            [
                RedisArgument(owner), RedisArgument(order.first), RedisArgument(order.want),
                RedisArgument(max(1, order.mostBytes)), RedisArgument(order.longest),
                RedisArgument(JavaScriptDate.text(.now)),
            ] + queues.map { RedisArgument($0) })
    }

    private static func claimAnswer(_ result: Result<RESPValue, RedisError>?) throws(RedisError) -> ClaimAnswer {
        if case .failure(let error) = result, error.isSpent { return .spent }
        guard let value = try unlessLost(result) else { return .lost }
        guard let elements = value.elements, elements.count % 3 == 0 else { throw unexpected("claim") }
        var (jobs, tooLong): ([HeldJob], LongJob?) = ([], nil)
        jobs.reserveCapacity(elements.count / 3)
        for start in stride(from: 0, to: elements.count, by: 3) {
            guard let number = elements[start].integer, let bytes = elements[start + 1].bytes,
                let packed = PackedJob(bytes)
            else { throw unexpected("claim") }
            let counters = elements[start + 2].text ?? ""
            if counters.hasPrefix("long ") {
                tooLong = LongJob(number: number, queue: packed.queue, bytes: Int(counters.dropFirst(5)) ?? 0)
                continue
            }
            let hasCursor = counters.hasPrefix("+")
            jobs.append(
                HeldJob(
                    number: number, queue: packed.queue, payload: packed.payload,
                    counters: JobCounters(hasCursor ? String(counters.dropFirst()) : counters), hasCursor: hasCursor))
        }
        return tooLong.map { .jobsAndLong(jobs, $0) } ?? .jobs(jobs)
    }
}
