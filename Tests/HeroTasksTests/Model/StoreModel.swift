// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTasks

/// What should be in Redis, as a few arrays and dictionaries have it.
///
/// Each payload is there once, so that its place says whether it was lost, doubled, or is held by two.
struct StoreModel {
    struct Job: Hashable {
        var queue: String
        let payload: [UInt8]
        let number: Int
        let task: String
        let batch: String?

        var member: BatchMember? { batch.map { BatchMember(batch: $0, id: "j\(number)") } }
    }

    enum Lease { case live, ended, gone }

    struct Owner {
        var lease = Lease.live
        var next = 1
        var held: [Int: Job] = [:]
        /// The latest claim, and what it has brought.
        var last: (order: ClaimOrder, numbers: [Int])?
    }

    struct Batch: Hashable {
        var pending: Set<Int> = []
        var failed = 0
        var isClosed = false
        var isSettled: Bool { isClosed && pending.isEmpty }
    }

    var queues: [String: [Job]] = ["high": [], "low": []]
    var paused: Set<String> = []
    var owners: [String: Owner] = [:]
    /// By id; whether they are due.
    var retry: [String: (job: Job, isDue: Bool)] = [:]
    var dead: [String: Job] = [:]
    var failures: [[UInt8]: Int] = [:]
    var batches: [String: Batch] = [:]
    var enqueued: Set<[UInt8]> = []
    /// Done, or removed by somebody.
    var ended: Set<[UInt8]> = []

    mutating func enqueue(_ job: Job) {
        queues[job.queue]?.append(job)
        enqueued.insert(job.payload)
        if let batch = job.batch { batches[batch]?.pending.insert(job.number) }
    }

    /// What a claim of an owner that lives should bring.
    mutating func claim(_ owner: String, _ order: ClaimOrder) -> [(number: Int, job: Job)] {
        var taken: [(Int, Job)] = []
        for queue in order.queues where !paused.contains(queue) && !paused.contains("*") {
            while taken.count < order.want, let job = queues[queue]?.first {
                queues[queue]?.removeFirst()
                taken.append((order.first + taken.count, job))
            }
        }
        for (number, job) in taken { owners[owner]?.held[number] = job }
        owners[owner]?.last = (order, taken.map(\.0))
        owners[owner]?.next = order.first + order.want
        return taken
    }

    mutating func finish(_ owner: String, _ outcomes: [Int: JobOutcome]) {
        for (number, outcome) in outcomes.sorted(by: { $0.key > $1.key }) {
            guard let job = owners[owner]?.held.removeValue(forKey: number) else { continue }
            let id = "\(owner)~\(number)"
            switch outcome {
            case .done: end(job, hasFailed: false)
            case .expired, .dropped: end(job, hasFailed: true)
            case .retry(let milliseconds):
                failures[job.payload, default: 0] += 1
                retry[id] = (job, milliseconds == 0)
            case .later(let milliseconds), .unknown(let milliseconds): retry[id] = (job, milliseconds == 0)
            case .requeue: queues[job.queue]?.insert(job, at: 0)
            case .failed:
                leave(job, hasFailed: true)
                failures[job.payload] = nil
                dead[id] = job
            }
        }
    }

    /// All that an owner held goes back.
    mutating func reap(_ owner: String) {
        for (_, job) in (owners[owner]?.held ?? [:]).sorted(by: { $0.key > $1.key }) {
            queues[job.queue]?.insert(job, at: 0)
        }
        owners[owner]?.held = [:]
        owners[owner]?.lease = .gone
    }

    mutating func promote(_ id: String) {
        guard let (job, isDue) = retry[id], isDue else { return }
        retry[id] = nil
        queues[job.queue]?.append(job)
    }

    mutating func remove(from queue: String, where isMeant: (Job) -> Bool) -> Int {
        let removed = (queues[queue] ?? []).filter(isMeant)
        queues[queue]?.removeAll(where: isMeant)
        for job in removed { end(job, hasFailed: true, keepsCounters: true) }
        return removed.count
    }

    /// It will never run again.
    mutating func end(_ job: Job, hasFailed: Bool, keepsCounters: Bool = false) {
        leave(job, hasFailed: hasFailed)
        if !keepsCounters { failures[job.payload] = nil }
        ended.insert(job.payload)
    }

    private mutating func leave(_ job: Job, hasFailed: Bool) {
        guard let batch = job.batch, batches[batch]?.pending.remove(job.number) != nil else { return }
        if hasFailed { batches[batch]?.failed += 1 }
    }

    /// Payloads by what should be in which place; each is in one.
    var places: [[UInt8]] {
        queues.values.flatMap { $0.map(\.payload) } + owners.values.flatMap { $0.held.values.map(\.payload) }
            + retry.values.map(\.job.payload) + dead.values.map(\.payload) + ended
    }
}
