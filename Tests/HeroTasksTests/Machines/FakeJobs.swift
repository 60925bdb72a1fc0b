// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

@testable import HeroTasks

/// What the scripts do in Redis, in memory: enough of it for machines that work against it.
struct FakeJobs {
    var queues: [String: [[UInt8]]] = [:]
    /// Owner → end of its lease, ms.
    var leases: [String: Int] = [:]
    var held: [String: [Int: PackedJob]] = [:]
    var last: [String: Int] = [:]
    var marked: [String: Set<Int>] = [:]
    var known: Set<String> = []
    var gone: Set<String> = []
    var crashes: [[UInt8]: Int] = [:]
    var failures: [[UInt8]: Int] = [:]
    var retry: [PackedJob] = []
    var dead: [PackedJob] = []
    var done: [[UInt8]] = []
    var paused: Set<String> = []
    var badQueues: Set<String> = []
    /// Each number that was ever claimed, with its job.
    var claims: [String: [Int: [UInt8]]] = [:]
    var violations: [String] = []
    var now = 0

    func isAlive(_ owner: String) -> Bool { (leases[owner] ?? 0) > now }

    mutating func start(_ owner: String, lease: Int) -> Bool {
        if known.insert(owner).inserted { leases[owner] = now + lease }
        return isAlive(owner)
    }

    mutating func claim(_ owner: String, _ order: ClaimOrder) -> TurnReply<ClaimAnswer> {
        guard isAlive(owner) else { return .answer(.lost) }
        if order.queues.contains(where: badQueues.contains) { return .refused(code: "WRONGTYPE", "WRONGTYPE of key") }
        let previous = last[owner] ?? 0
        if order.first < previous { return .answer(.spent) }
        let range = order.first..<(order.first + order.want)
        if order.first == previous {
            return .answer(.jobs(range.compactMap { number in held[owner]?[number].map { job(number, $0) } }))
        }
        last[owner] = order.first
        var jobs: [HeldJob] = []
        for queue in order.queues where !paused.contains(queue) {
            while jobs.count < order.want, let payload = queues[queue]?.first {
                queues[queue]?.removeFirst()
                let number = order.first + jobs.count
                if claims[owner]?[number] != nil { violations.append("number \(number) was used twice") }
                claims[owner, default: [:]][number] = payload
                let packed = PackedJob(queue: queue, payload: payload)
                held[owner, default: [:]][number] = packed
                jobs.append(job(number, packed))
            }
        }
        return .answer(.jobs(jobs))
    }

    private func job(_ number: Int, _ packed: PackedJob) -> HeldJob {
        HeldJob(
            number: number, queue: packed.queue, payload: packed.payload,
            counters: JobCounters(failures: failures[packed.payload] ?? 0, crashes: crashes[packed.payload] ?? 0))
    }

    mutating func finish(_ owner: String, _ jobs: [FinishedJob]) -> TurnReply<FinishAnswer> {
        guard isAlive(owner) else { return .answer(.lost) }
        var refused: Set<Int> = []
        for finished in jobs.sorted(by: { $0.job.number > $1.job.number }) {
            guard let packed = held[owner]?.removeValue(forKey: finished.job.number) else {
                refused.insert(finished.job.number)
                continue
            }
            if packed.payload != finished.job.payload { violations.append("\(finished.job.number) is another job") }
            switch finished.outcome {
            case .done, .expired, .dropped: done.append(packed.payload)
            case .retry, .later, .unknown:
                failures[packed.payload, default: 0] += 1
                retry.append(packed)
            case .failed: dead.append(packed)
            case .requeue: queues[packed.queue, default: []].insert(packed.payload, at: 0)
            }
        }
        return .answer(.finished(refused: refused, doneHeld: 0, doneSent: 0, ended: []))
    }

    mutating func renew(_ owner: String, lease: Int) -> Set<Int>? {
        guard isAlive(owner) else { return nil }
        leases[owner] = now + lease
        return Set((held[owner] ?? [:]).keys)
    }

    mutating func mark(_ owner: String, _ numbers: [Int]) -> Bool {
        guard isAlive(owner) else { return false }
        marked[owner] = Set(numbers)
        return true
    }

    mutating func leave(_ owner: String) -> Bool {
        guard (held[owner] ?? [:]).isEmpty else { return false }
        leases[owner] = nil
        gone.insert(owner)
        return true
    }

    /// What is left of an owner whose lease has ended goes back.
    mutating func reap(_ owner: String, isProven: Bool, allowed: Int = 3) {
        guard isProven || !isAlive(owner), !gone.contains(owner) else { return }
        leases[owner] = nil
        for (number, packed) in (held.removeValue(forKey: owner) ?? [:]).sorted(by: { $0.key > $1.key }) {
            let count = crashes[packed.payload] ?? 0
            let isGuilty = count == 0 || marked[owner]?.contains(number) == true
            if isGuilty, count + 1 > allowed {
                dead.append(packed)
                crashes[packed.payload] = nil
            } else {
                if isGuilty { crashes[packed.payload] = count + 1 }
                queues[packed.queue, default: []].insert(packed.payload, at: 0)
            }
        }
        gone.insert(owner)
    }

    /// Every job that was enqueued, wherever it is.
    var everything: [[UInt8]] {
        queues.values.flatMap { $0 } + held.values.flatMap { $0.values.map(\.payload) } + retry.map(\.payload)
            + dead.map(\.payload) + done
    }
}
