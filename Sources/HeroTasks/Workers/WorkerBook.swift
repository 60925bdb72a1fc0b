// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What other programs are told about a process' workers, without I/O and clock; times are nanoseconds.
struct WorkerBook: Sendable {
    /// What has changed since the last step.
    struct Step: Sendable {
        var register: [Int] = []
        var unregister: [Int] = []
        var working: [(slot: Int, job: HeldJob, since: Int)] = []
        var idle: [Int] = []
        var counts: [(slot: Int, processed: Int, failed: Int)] = []

        var isEmpty: Bool {
            register.isEmpty && unregister.isEmpty && working.isEmpty && idle.isEmpty && counts.isEmpty
        }
    }

    /// A job that runs for less is not shown.
    static let tick = 250_000_000

    private(set) var registered: Set<Int> = []
    /// Those of which nobody has heard whether Redis has them.
    private var doubtful: Set<Int> = []
    /// Since when the job runs that is shown, by worker.
    private(set) var shown: [Int: Int] = [:]
    private var counts: [Int: (processed: Int, failed: Int)] = [:]

    /// A job has ended.
    mutating func ended(_ slot: Int, _ outcome: JobOutcome) {
        var count = counts[slot] ?? (0, 0)
        switch outcome {
        case .done: count.processed += 1
        case .retry, .failed: count.failed += 1
        case .later, .unknown, .expired, .dropped, .requeue: return
        }
        counts[slot] = count
    }

    /// - Parameters:
    ///   - slots: How many workers there are to be.
    ///   - running: What they run.
    ///   - now: The time.
    /// - Returns: What is to be written; it counts as written.
    mutating func step(slots: Int, running: [(slot: Int, job: HeldJob, since: Int)], now: Int) -> Step {
        var step = Step()
        let busy = Dictionary(running.map { ($0.slot, $0.since) }) { first, _ in first }
        let wanted = Set(1..<max(1, slots + 1)).union(busy.keys)
        step.register = wanted.subtracting(registered).sorted()
        step.unregister = known.subtracting(wanted).sorted()
        (registered, doubtful) = (wanted, [])
        step.idle = shown.keys.filter { busy[$0] == nil && wanted.contains($0) }.sorted()
        for slot in shown.keys where busy[slot] == nil { shown[slot] = nil }
        for run in running.sorted(by: { $0.slot < $1.slot }) {
            guard now - run.since >= Self.tick, shown[run.slot] != run.since else { continue }
            shown[run.slot] = run.since
            step.working.append(run)
        }
        // One that has ended since and whose place was taken by another that is not shown yet.
        step.idle += shown.filter { busy[$0.key] != $0.value }.keys.sorted()
        for slot in step.idle { shown[slot] = nil }
        step.counts = counts.filter { wanted.contains($0.key) }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.processed, $0.value.failed) }
        counts.removeAll()
        return step
    }

    /// All that may be in Redis.
    var known: Set<Int> { registered.union(doubtful) }

    /// Perhaps nothing of it is in Redis any more, or under other names: all is to be written again.
    mutating func forget() { (registered, doubtful, shown) = ([], known, [:]) }

    /// Whether a job runs that is to be shown when it goes on.
    func isWaiting(for running: [(slot: Int, job: HeldJob, since: Int)]) -> Bool {
        running.contains { shown[$0.slot] != $0.since }
    }
}
