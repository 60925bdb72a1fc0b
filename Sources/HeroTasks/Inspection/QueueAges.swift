// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// For how long the oldest job of each queue has waited, at least.
///
/// Whoever leads the schedulers notes now and then which job stands at the end of each queue. As long as that job is still
/// there, it and all before it are at least as old as the note. Whoever looks finds that out anew and changes nothing, so
/// that ages grow also when there is no scheduler any more.
package struct QueueAges: Sendable {
    private let store: JobStore
    private var keys: JobKeys { store.keys }

    /// Queues that are noted, the first by name.
    private static let mostQueues = 1000
    /// Redis looks through a queue for a mark, so it is not put deeper than this, and not looked for behind twice of it.
    private static let deepest = 50_000

    package init(_ store: JobStore) { self.store = store }

    /// A queue as it is.
    private struct Queue {
        let name: [UInt8]
        let length: Int
        var marks = AgeMarks()
        /// Whether nothing more is to be found out about its oldest mark.
        var isSettled = false
    }

    /// - Parameters:
    ///   - lengths: Jobs that wait, by the name of the queue.
    ///   - totals: Jobs that were done so far, and the time.
    ///   - taken: Jobs that may have been taken and are not counted among the done ones yet.
    /// - Returns: Milliseconds by the name of the queue; none where nobody has seen a job that is still there.
    /// - Throws: ``RedisError``.
    package func ages(
        _ lengths: [(name: [UInt8], length: Int)], _ totals: QueueSnapshot.Totals, taken: Int
    ) async throws(RedisError) -> [[UInt8]: Int] {
        var ages: [[UInt8]: Int] = [:]
        for queue in try await read(lengths, totals, taken) {
            if let oldest = queue.marks.marks.first { ages[queue.name] = max(0, totals.time - oldest.time) }
        }
        return ages
    }

    /// Notes what stands at the ends of queues, and the counters, for whoever looks later.
    ///
    /// For the leader: two who do it at once do no harm, and lose a mark.
    ///
    /// - Throws: ``RedisError``.
    package func note() async throws(RedisError) {
        let inspector = QueueInspector(store)
        let totals = try await inspector.totals()
        let lengths = try await inspector.lengths()
        var queues = try await read(lengths, totals, try await inspector.taken())
        let ends = queues.map { min($0.length, Self.deepest) - 1 }
        let replies = await store.call(
            zip(queues, ends).map {
                ScriptCall(
                    JobScripts.peek, keys: [keys.queue(bytes: $0.name)],
                    [RedisArgument($1), RedisArgument(AgeMark.longestPayload)])
            })
        guard replies.count == queues.count else { throw JobStore.unexpected("a pipeline") }
        let payloads = replies.map { (try? $0.get())?.bytes ?? [] }
        let places = await places(zip(queues, payloads).map { ($0.name, $1) })
        for index in queues.indices {
            // One that stands there twice cannot be told from the other.
            let payload = places[index] == ends[index] ? payloads[index] : []
            queues[index].marks.add(
                AgeMark(time: totals.time, place: ends[index], counted: totals.done, payload: payload))
        }
        try await write(queues, totals)
    }

    private func write(_ queues: [Queue], _ totals: QueueSnapshot.Totals) async throws(RedisError) {
        let known = (try await store.client.send(store.command("HKEYS", keys.ages)).elements ?? []).compactMap(\.bytes)
        let gone = Set(known).subtracting(queues.map(\.name))
        let text = "\(totals.time) \(totals.processed) \(totals.failed)"
        var commands = [store.command("SET", keys.looked, RedisArgument(text), "PX", 60_000)]
        if !gone.isEmpty {
            commands.append(store.command(["HDEL", keys.ages] + gone.map { RedisArgument($0) }))
        }
        for queue in queues {
            commands.append(
                store.command("HSET", keys.ages, RedisArgument(queue.name), RedisArgument(queue.marks.bytes)))
        }
        for result in await store.client.send(commands) { _ = try result.get() }
    }

    /// The queues that are not empty, with the marks that are still there.
    private func read(
        _ lengths: [(name: [UInt8], length: Int)], _ totals: QueueSnapshot.Totals, _ taken: Int
    ) async throws(RedisError) -> [Queue] {
        var queues = lengths.filter { $0.length > 0 }.prefix(Self.mostQueues)
            .map { Queue(name: $0.name, length: $0.length) }
        guard !queues.isEmpty else { return [] }
        let names = queues.map { RedisArgument($0.name) }
        let stored = try await store.client.send(store.command(["HMGET", keys.ages] + names)).elements ?? []
        for (index, value) in zip(queues.indices, stored) {
            queues[index].marks = AgeMarks(reading: value.bytes ?? [])
        }
        // Each round settles a queue or takes one of its few marks away.
        for _ in 0...AgeMarks.most {
            let open = queues.indices.filter { !queues[$0].isSettled && !queues[$0].marks.marks.isEmpty }
            guard !open.isEmpty else { break }
            let marks = open.map { queues[$0].marks.marks[0] }
            let places = await places(zip(open, marks).map { (queues[$0].name, $1.payload) })
            for ((index, mark), place) in zip(zip(open, marks), places) {
                if mark.payload.isEmpty {
                    let done = totals.done - mark.counted
                    queues[index].isSettled = done >= 0 && mark.place - done >= taken
                } else if let place, place <= mark.place {
                    queues[index].marks.move(to: place)
                    queues[index].isSettled = true
                }
                if !queues[index].isSettled { queues[index].marks.drop(1) }
            }
        }
        return queues
    }

    /// Where payloads stand in queues, from the head; `nil` where they do not, or where nobody has looked.
    private func places(_ wanted: [(queue: [UInt8], payload: [UInt8])]) async -> [Int?] {
        let commands = wanted.filter { !$0.payload.isEmpty }.map { queue, payload in
            store.command(
                "LPOS", keys.queue(bytes: queue), RedisArgument(payload), "MAXLEN", RedisArgument(2 * Self.deepest))
        }
        var results = await store.client.send(commands)[...]
        return wanted.map { entry in
            entry.payload.isEmpty ? nil : results.popFirst().flatMap { try? $0.get().integer }
        }
    }
}
