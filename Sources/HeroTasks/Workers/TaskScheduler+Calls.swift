// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis
internal import HeroSystem

// What the machine asks of Redis. All of it compares before it writes, so that a second leader does no harm.
extension TaskScheduler {
    private static let most = JobScripts.mostJobs
    /// Milliseconds without word after which a leader has died: as the leases of jobs.
    private static let leastLease = 30_000
    /// Nanoseconds for which a moment that Redis refuses is left out.
    private static let badTime = 60_000_000_000

    private func asking(_ work: @escaping @Sendable (TaskScheduler) async throws(RedisError) -> Answer) {
        ask { scheduler in
            do throws(RedisError) { return try await work(scheduler) } catch {
                scheduler.note(.failed("\(error)"))
                return { $0.failed(now: $1) }
            }
        }
    }

    func lead() {
        note(.polling)
        asking { scheduler throws(RedisError) in
            let isLeader = try await scheduler.store.lead(
                scheduler.name, seconds: SchedulerMachine.lockSeconds,
                // Some looks may be late, or meet a Redis that does not answer.
                lease: max(Self.leastLease, 4 * scheduler.settings.interval))
            return { $0.led(isLeader, now: $1) }
        }
    }

    func resign() {
        asking { scheduler throws(RedisError) in
            try await scheduler.store.resign(scheduler.name)
            return { $0.stepDone(now: $1) }
        }
    }

    // MARK: Delayed jobs

    func moveDelayed() {
        asking { scheduler throws(RedisError) in
            let now = try await scheduler.store.time()
            scheduler.badMoments = scheduler.badMoments.filter { $0.value > scheduler.now }
            let limit = 2 + scheduler.badMoments.count
            let moments = try await scheduler.store.dueMoments(now: now, limit: limit)
                .filter { scheduler.badMoments[$0] == nil }
            guard let moment = moments.first else { return { $0.moved(isMore: false, lag: nil, now: $1) } }
            let lag = max(0, now - moment * 1000)
            let isMore: Bool
            do throws(RedisError) {
                isMore = try await scheduler.move(moment) > 0 || moments.count > 1
            } catch {
                // A key of another type must not keep all later ones from being moved.
                guard error.code == "WRONGTYPE" else { throw error }
                scheduler.badMoments[moment] = scheduler.now + Self.badTime
                scheduler.note(.failed("delayed jobs of \(moment): \(error)"))
                isMore = true
            }
            return { $0.moved(isMore: isMore, lag: lag, now: $1) }
        }
    }

    /// - Returns: How many are left of the moment.
    private func move(_ moment: Int) async throws(RedisError) -> Int {
        note(.workingTimestamp(moment))
        var jobs: [DelayedJob] = []
        let payloads = try await store.delayed(moment, limit: Self.most)
        if payloads.isEmpty, try await store.bury(moment, by: name) {
            note(.failed("a delayed job of \(moment) is too long to be read: it is among the failed ones"))
            return 1
        }
        for payload in payloads { jobs.append(await delayed(payload)) }
        Failpoint.reach("delayed.before", store.client)
        let (moved, left) = try await store.move(moment, jobs)
        Failpoint.reach("delayed.after", store.client)
        for job in jobs.prefix(moved) where job.queue != nil { note(.transferredJob(moment, payload: job.payload)) }
        return left
    }

    private func delayed(_ payload: [UInt8]) async -> DelayedJob {
        let job: JobPayload
        do throws(MalformedJob) { job = try JobPayload(reading: payload) } catch {
            return malformed(payload, error.reason)
        }
        guard let queue = job.queue, !queue.isEmpty else { return malformed(payload, "The job names no queue") }
        switch await host.isWanted(job, payload: payload) {
        case .wanted: return DelayedJob(payload: payload, queue: queue)
        case .changed(let queue, let changed): return DelayedJob(payload: payload, queue: queue, changed: changed)
        case .unwanted: return DelayedJob(unwanted: payload)
        }
    }

    private func malformed(_ payload: [UInt8], _ reason: String) -> DelayedJob {
        let entry = FailureEntry(
            worker: name, queue: "", payload: payload, exception: "MalformedJob", message: reason, time: .now)
        return DelayedJob(malformed: payload, entry: entry.bytes)
    }

    // MARK: Retries

    func promoteRetries() {
        asking { scheduler throws(RedisError) in
            let store = scheduler.store
            let due = try await store.dueRetries(now: try await store.time(), limit: Self.most)
            Failpoint.reach("retry.before", store.client)
            let count = try await store.promote(due)
            Failpoint.reach("retry.after", store.client)
            if count > 0 { scheduler.note(.retried(count)) }
            return { $0.moved(isMore: due.count == Self.most && count > 0, lag: nil, now: $1) }
        }
    }

    // MARK: Recurrent tasks

    func recur() {
        asking { scheduler throws(RedisError) in
            let jobs = scheduler.host.recurrent
            if !jobs.isEmpty {
                let stored = try await scheduler.store.recurrent()
                let now = try await scheduler.store.time()
                for job in jobs { try await scheduler.recur(job, stored: stored[job.task.name] ?? "", now: now) }
            }
            // Only operators look at it: a Redis that refuses it, for example a full one, is no reason to lead worse.
            try? await QueueAges(scheduler.store).note()
            return { $0.stepDone(now: $1) }
        }
    }

    private func recur(_ job: RecurrentJob, stored: String, now: Int) async throws(RedisError) {
        guard let plan = job.task.plan(stored: Int(stored), now: now) else { return }
        var order = RecurOrder(
            task: job.task.name, stored: stored, next: String(plan.last), queue: job.queue, payload: job.payload)
        order.times = plan.runs
        order.lock = job.lock
        Failpoint.reach("recurrent.before", store.client)
        let answer = try await store.recur(order)
        Failpoint.reach("recurrent.after", store.client)
        guard answer == .enqueued else { return }
        if plan.runs > 0 { note(.enqueuedRecurrent(job.task.name, runs: plan.runs)) }
        if plan.skipped > 0 { note(.skippedRecurrent(job.task.name, runs: plan.skipped, late: plan.late)) }
    }

    // MARK: Housekeeping

    func keepHouse() {
        asking { scheduler throws(RedisError) in
            let settings = scheduler.settings
            let done = try await scheduler.store.keepHouse(
                window: settings.allowance.window, mostDead: settings.mostDead)
            if done != Housekeeping() { scheduler.note(.keptHouse(done)) }
            let api = QueueAPI(scheduler.store)
            let cleaned = try await api.cleanStuckWorkers(
                age: settings.stuckWorkerTimeout, by: scheduler.name, now: .now)
            for (worker, delta) in cleaned {
                scheduler.note(.cleanedStuckWorker(name: worker.name, entry: worker.entry, delta: delta))
                guard settings.retriesStuckJobs, let entry = worker.entry else { continue }
                _ = try? await api.retryAndRemoveFailed(entry)
            }
            return { $0.stepDone(now: $1) }
        }
    }
}
