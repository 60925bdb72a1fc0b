// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRedis
import HeroSystem
import HeroTasks
import HeroTestSupport
import Testing

/// The store and its scripts against a model, in an order that a seed decides.
@Suite("the random model of the store", .serialized, .timeLimit(.minutes(10)))
struct StoreModelTests {
    /// More with `HERO_MODEL_SEEDS=300`.
    private static let seeds = ProcessInfo.processInfo.environment["HERO_MODEL_SEEDS"].flatMap { UInt64($0) } ?? 6

    @Test("loses no job, gives none to two owners, keeps every order, and ends every batch")
    func alone() async throws {
        try await JobFixture.with { fixture in
            for seed in 1...Self.seeds {
                try await fixture.redis("FLUSHALL")
                try await StoreRun(fixture, seed: seed).run(steps: 250)
            }
        }
    }

    @Test("does so in a cluster of three")
    func cluster() async throws {
        try await JobFixture.with(cluster: true) { fixture in
            try await StoreRun(fixture, seed: 1000).run(steps: 200)
        }
    }
}

private final class StoreRun {
    private let fixture: JobFixture
    private let seed: UInt64
    private var random: SeededRandom
    private var model = StoreModel()
    private var count = 0
    private var store: JobStore { fixture.store }
    private var api: QueueAPI { fixture.api }

    init(_ fixture: JobFixture, seed: UInt64) {
        (self.fixture, self.seed, random) = (fixture, seed, SeededRandom(seed: seed))
    }

    func run(steps: Int) async throws {
        for step in 1...steps {
            let name = try await act()
            guard try await isSame() else {
                Issue.record("seed \(seed), step \(step), after \(name)")
                return
            }
        }
    }

    private func pick<Value>(_ values: some Collection<Value>) -> Value? {
        values.isEmpty ? nil : values[values.index(values.startIndex, offsetBy: random.next(below: values.count))]
    }

    private func owner(_ lease: StoreModel.Lease) -> String? {
        pick(model.owners.filter { $0.value.lease == lease }.keys.sorted())
    }

    private func queue() -> String { random.next(below: 2) == 0 ? "high" : "low" }

    /// - Returns: What was done, for whoever looks for a fault.
    private func act() async throws -> String {
        switch random.next(below: 40) {
        case 0..<10: return try await enqueue()
        case 10..<12: return try await start()
        case 12..<20: return try await claim()
        case 20..<28: return try await finish()
        case 28: return try await expire()
        case 29..<31: return try await reap()
        case 31..<33: return try await promote()
        case 33: return try await pause()
        case 34, 35: return try await removeQueued()
        case 36, 37: return try await removeEnded()
        default: return try await batch()
        }
    }

    // MARK: Jobs come

    private func enqueue() async throws -> String {
        let queue = queue()
        let open = pick(model.batches.filter { !$0.value.isClosed }.keys.sorted())
        let batch = random.next(below: 2) == 0 ? open : nil
        for _ in 0...random.next(below: 5) {
            count += 1
            let task = random.next(below: 3) == 0 ? "a" : "b"
            var options = EnqueueOptions()
            if let batch { options.tag = JobTag(id: "j\(count)", batch: batch) }
            #expect(try await api.enqueue(task, .integer(count), queue: queue, options) == .enqueued)
            let payload = JobPayload(task: task, queue: queue, inputs: .integer(count), tag: options.tag).bytes
            model.enqueue(
                StoreModel.Job(queue: queue, payload: payload, number: count, task: task, batch: batch))
        }
        return "enqueue"
    }

    private func start() async throws -> String {
        guard model.owners.values.count(where: { $0.lease != .gone }) < 5 else { return "nothing" }
        count += 1
        let owner = "host:\(random.next(below: 3))~\(count)"
        try await fixture.start(owner)
        model.owners[owner] = StoreModel.Owner()
        return "start"
    }

    private func claim() async throws -> String {
        guard let owner = owner(.live), let state = model.owners[owner] else { return "nothing" }
        if let last = state.last, random.next(below: 4) == 0 {
            // The reply was lost: the same once more.
            let answer = try await store.claim(owner, last.order)
            guard case .jobs(let jobs) = answer else { return "a repeated claim was answered with \(answer)" }
            #expect(jobs.map(\.number) == last.numbers.filter { state.held[$0] != nil })
            return "claim again"
        }
        let queues = random.next(below: 3) == 0 ? ["low", "high", "low"] : ["high", "low"]
        let order = ClaimOrder(first: state.next, want: 1 + random.next(below: 6), queues: queues)
        let answer = try await store.claim(owner, order)
        let expected = model.claim(owner, order)
        guard case .jobs(let jobs) = answer else { return "claim was answered with \(answer)" }
        #expect(jobs.map(\.number) == expected.map(\.number))
        #expect(jobs.map(\.payload) == expected.map(\.job.payload))
        #expect(jobs.map(\.counters.failures) == expected.map { model.failures[$0.job.payload] ?? 0 })
        return "claim"
    }

    // MARK: Jobs go

    private func outcome(_ job: StoreModel.Job) -> JobOutcome {
        let delay = random.next(below: 2) == 0 ? 0 : JobFixture.never
        switch random.next(below: 14) {
        case 0: return .retry(milliseconds: delay)
        case 1: return .later(milliseconds: delay)
        case 2: return .unknown(milliseconds: delay)
        case 3, 4: return .failed(entry: entry(job))
        case 5: return .expired
        case 6: return .dropped
        case 7, 8: return .requeue
        default: return .done
        }
    }

    private func entry(_ job: StoreModel.Job) -> [UInt8] {
        FailureEntry(
            worker: "w", queue: job.queue, payload: job.payload, exception: "Error", message: "m",
            time: WallTime(milliseconds: 0)
        ).bytes
    }

    private func finish() async throws -> String {
        let lease: StoreModel.Lease = random.next(below: 5) == 0 ? .ended : .live
        guard let owner = owner(lease), let held = model.owners[owner]?.held, !held.isEmpty else { return "nothing" }
        var outcomes: [Int: JobOutcome] = [:]
        for number in held.keys.sorted() where random.next(below: 3) > 0 {
            if let job = held[number] { outcomes[number] = outcome(job) }
        }
        let finished = outcomes.sorted { $0.key < $1.key }.compactMap { number, outcome -> FinishedJob? in
            held[number].map {
                FinishedJob(
                    HeldJob(number: number, queue: $0.queue, payload: $0.payload), outcome, member: $0.member)
            }
        }
        let answer = try await store.finish(owner, finished)
        guard lease == .live else {
            #expect(answer == .lost, "whoever has lost its lease changes nothing")
            return "late finish"
        }
        guard case .finished(let refused, _, _, let ended) = answer else { return "finish: \(answer)" }
        #expect(refused.isEmpty)
        model.finish(owner, outcomes)
        _ = try await api.settle(ended)
        return "finish"
    }

    private func expire() async throws -> String {
        guard let owner = owner(.live) else { return "nothing" }
        try await fixture.end(owner)
        model.owners[owner]?.lease = .ended
        return "expire"
    }

    private func reap() async throws -> String {
        if let live = owner(.live), random.next(below: 3) == 0 {
            #expect(try await store.reap(ReapOrder(owner: live), []) == .alive)
        }
        guard let owner = owner(.ended) else { return "nothing" }
        var order = ReapOrder(owner: owner)
        // Nothing is given up here: who is guilty is another test's.
        order.crashesAllowed = 1_000_000
        let jobs = try await store.held(owner).map { job in
            ReapedJob(number: job.number, queue: job.queue, entry: Array("{}".utf8))
        }
        #expect(try await store.reap(order, jobs) == .reaped(left: 0, givenUp: []))
        model.reap(owner)
        return "reap"
    }

    private func promote() async throws -> String {
        let due = try await store.dueRetries(now: try await store.time(), limit: 3)
        #expect(due.count == min(3, model.retry.values.count { $0.isDue }))
        #expect(try await store.promote(due) == due.count)
        for retry in due { model.promote(retry.id) }
        return "promote"
    }

    private func pause() async throws -> String {
        let name = random.next(below: 3) == 0 ? "*" : queue()
        if model.paused.remove(name) != nil {
            try await api.resume(name)
        } else {
            model.paused.insert(name)
            try await api.pause(name)
        }
        return "pause \(name)"
    }

    private func removeQueued() async throws -> String {
        let queue = queue()
        switch random.next(below: 5) {
        case 0:
            try await api.delQueue(queue)
            _ = model.remove(from: queue) { _ in true }
            return "remove the queue \(queue)"
        case 1:
            let removed = try await api.delByFunction(queue, "a")
            #expect(removed == model.remove(from: queue) { $0.task == "a" })
            return "remove a from \(queue)"
        default:
            guard let job = pick(model.queues[queue] ?? []) else { return "nothing" }
            #expect(try await api.del(queue, job.task, .integer(job.number)) == 1)
            _ = model.remove(from: queue) { $0 == job }
            return "remove one"
        }
    }

    private func removeEnded() async throws -> String {
        switch random.next(below: 4) {
        case 0:
            guard let id = pick(model.retry.keys.sorted()), let job = model.retry.removeValue(forKey: id)?.job else {
                return "nothing"
            }
            #expect(try await api.removeRetries([id]) == 1)
            model.end(job, hasFailed: true, keepsCounters: true)
            return "remove a retry"
        case let way:
            guard let id = pick(model.dead.keys.sorted()), let job = model.dead.removeValue(forKey: id) else {
                return "nothing"
            }
            switch way {
            case 1:
                #expect(try await api.revive(id))
                model.queues[job.queue]?.append(job)
                return "revive"
            case 2: #expect(try await api.removeFailed(entry(job)) == 1)
            default: #expect(try await api.removeDead([id]) == 1)
            }
            model.ended.insert(job.payload)
            return "remove a dead one"
        }
    }

    private func batch() async throws -> String {
        if let open = pick(model.batches.filter { !$0.value.isClosed }.keys.sorted()), random.next(below: 2) == 0 {
            #expect(try await api.closeBatch(open))
            model.batches[open]?.isClosed = true
            return "close"
        }
        guard model.batches.count < 4 else { return "nothing" }
        count += 1
        var plan = BatchPlan()
        plan.completion = JobPayload(task: "after", queue: "after", inputs: .integer(count))
        #expect(try await api.openBatch("b\(count)", plan))
        model.batches["b\(count)"] = StoreModel.Batch()
        return "open"
    }

    // MARK: Comparison

    private func isSame() async throws -> Bool {
        var isSame = true
        func check(_ isRight: Bool, _ what: String) {
            guard !isRight else { return }
            isSame = false
            Issue.record("seed \(seed): \(what)")
        }
        for (queue, jobs) in model.queues {
            check(try await api.queued(queue, 0, -1) == jobs.map(\.payload), "the queue \(queue)")
        }
        for (owner, state) in model.owners {
            let held = try await store.held(owner)
            check(held.map(\.number) == state.held.keys.sorted(), "numbers of \(owner)")
            check(held.allSatisfy { state.held[$0.number]?.payload == $0.payload }, "jobs of \(owner)")
        }
        let waiting = try await WaitingList(store).retries(1000)
        check(Set(waiting.map(\.id)) == Set(model.retry.keys), "retries")
        check(waiting.allSatisfy { model.retry[$0.id]?.job.payload == $0.payload }, "jobs of retries")
        let dead = try await api.dead(0, -1)
        check(Set(dead.map(\.id)) == Set(model.dead.keys), "dead jobs")
        check(dead.allSatisfy { model.dead[$0.id]?.payload == $0.payload }, "payloads of dead jobs")
        check(try await api.failedCount() == model.dead.count, "entries")
        let fields = try await fixture.redis("HLEN", fixture.keys.kept).integer
        check(fields == model.retry.count + 3 * model.dead.count, "nothing else is kept")
        for (id, batch) in model.batches {
            let status = try await api.batch(id)
            let state = batch.isSettled ? "settled" : batch.isClosed ? "closed" : "open"
            check(
                status == HeroTasks.BatchStatus(state: state, pending: batch.pending.count, failed: batch.failed),
                "the batch \(id) is \(String(describing: status)) and should be \(state), \(batch)")
        }
        let followers = try await api.queued("after", 0, -1).count
        check(followers == model.batches.values.count { $0.isSettled }, "what follows batches is enqueued once")
        let places = model.places
        check(places.count == Set(places).count && Set(places) == model.enqueued, "a job is in one place")
        return isSame
    }
}
