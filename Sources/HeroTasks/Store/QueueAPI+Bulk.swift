// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroRedis

/// One of many jobs that have conditions, or wait for their time.
package struct EnqueueOrder: Sendable {
    package enum Start: Sendable, Hashable {
        case now
        /// Milliseconds from now, by Redis' clock.
        case after(Int)
        /// Unix time in milliseconds; rounded to a second, half ones up.
        case at(Int)
    }

    package var task: String
    package var inputs: JSON
    package var queue: String
    package var start: Start
    package var options: EnqueueOptions

    package init(
        _ task: String, _ inputs: JSON, queue: String, _ start: Start = .now,
        _ options: EnqueueOptions = EnqueueOptions()
    ) {
        (self.task, self.inputs, self.queue, self.start, self.options) = (task, inputs, queue, start, options)
    }
}

extension QueueAPI {
    /// What one round trip carries at most: more would keep Redis from others for long, and not fit into the client's queue.
    private static let (mostCalls, mostBytes) = (200, 8 << 20)

    /// Adds many jobs, each under its own conditions, in one round trip for every two hundred.
    ///
    /// - Parameter orders: In their order.
    /// - Returns: What became of each.
    /// - Throws: As ``enqueue(_:_:queue:_:)``; what came before the one that failed, and what went with it, may be enqueued.
    package func enqueue(_ orders: [EnqueueOrder]) async throws -> [EnqueueAnswer] {
        var calls: [ScriptCall] = []
        let isRelative = orders.contains { if case .after = $0.start { true } else { false } }
        let now = isRelative ? try await store.time() : 0
        // All of them, before anything is sent: a job that cannot be written keeps the others from being enqueued.
        for order in orders { calls.append(try call(for: order, now: now)) }
        var answers: [EnqueueAnswer] = []
        var start = 0
        while start < calls.count {
            let end = end(of: start, calls, orders)
            let values = try await replies(to: Array(calls[start..<end]), orders[start].options.replicas)
            for value in values {
                guard let answer = EnqueueAnswer(value.integer) else { throw JobStore.unexpected("enqueue") }
                answers.append(answer)
            }
            start = end
        }
        return answers
    }

    private func call(for order: EnqueueOrder, now: Int) throws -> ScriptCall {
        let job = JobPayload(task: order.task, queue: order.queue, inputs: order.inputs, tag: order.options.tag)
        let bytes = try job.checkedBytes()
        return switch order.start {
        case .now: enqueueCall(bytes, order.queue, order.options)
        case .after(let milliseconds): scheduleCall(bytes, at: now + milliseconds, order.options)
        case .at(let milliseconds): scheduleCall(bytes, at: milliseconds, order.options)
        }
    }

    /// The end of what goes with one round trip: of one durability, and not too much.
    private func end(of start: Int, _ calls: [ScriptCall], _ orders: [EnqueueOrder]) -> Int {
        let first = orders[start].options.replicas
        var (end, bytes) = (start, 0)
        while end < calls.count, end - start < Self.mostCalls {
            let replicas = orders[end].options.replicas
            guard replicas?.count == first?.count, replicas?.milliseconds == first?.milliseconds else { break }
            bytes += calls[end].bytes
            guard end == start || bytes <= Self.mostBytes else { break }
            end += 1
        }
        return end
    }

    // Not for inlining: see `reply(to:_:)`.
    @inline(never)
    private func replies(
        to calls: [ScriptCall], _ replicas: (count: Int, milliseconds: Int)?
    ) async throws(RedisError) -> [RESPValue] {
        if let replicas { return try await durably(calls, replicas) }
        var values: [RESPValue] = []
        for result in await store.call(calls) { values.append(try result.get()) }
        return values
    }
}
