// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis
internal import HeroSystem

/// How often a job may take its process with it.
package struct CrashAllowance: Sendable, Hashable {
    /// Recoveries; at the next crash the job goes to the dead set.
    package var crashes = 3
    /// Milliseconds after which a crash is forgotten.
    package var window = 72 * 3_600_000

    package init() {}
}

// What the machine asks of Redis.
extension TaskReaper {
    /// Milliseconds: the lock is free again when the next round of whomever begins.
    private static let lockTime = 4000
    /// Times a hundred retries in one round; the rest is for the next.
    private static let mostPromotions = 50
    /// Bytes of jobs in one call, which are sent back as parts of entries.
    private static let mostBytes = 8 << 20

    func takeLock() {
        ask { reaper in
            do throws(RedisError) {
                let isMine = try await reaper.store.takeReaperLock(reaper.process.name, milliseconds: Self.lockTime)
                if isMine { Failpoint.reach("reap.locked", reaper.store.client) }
                return { $0.locked(isMine, now: $1) }
            } catch { return reaper.failed(error) }
        }
    }

    func list(_ isSweep: Bool) {
        ask { reaper in
            do throws(RedisError) {
                let (records, now) = try await reaper.store.owners()
                var sights = records.map { record in
                    OwnerSight(
                        owner: record.owner, deadline: record.deadline,
                        mark: record.who.flatMap { ProcessMark(who: $0) }, isGone: record.gone != nil)
                }
                if isSweep {
                    let known = Set(sights.map(\.owner))
                    let unknown = try await reaper.store.unknownHolders().filter { !known.contains($0) }
                    sights += unknown.map { OwnerSight(owner: $0, deadline: nil, mark: nil) }
                }
                reaper.see(sights, redisNow: now)
                return { _, _ in [] }
            } catch { return reaper.failed(error) }
        }
    }

    /// At most a hundred jobs, those of the highest numbers: each goes to the head of its queue.
    func reap(_ verdict: ReapVerdict) {
        ask { reaper in
            do throws(RedisError) {
                let left = try await reaper.reap(verdict)
                Failpoint.reach("reap.between", reaper.store.client)
                return { $0.reaped(left: left, now: $1) }
            } catch { return reaper.failed(error) }
        }
    }

    /// - Returns: How many jobs are left; `nil` for an owner that turned out to be alive.
    private func reap(_ verdict: ReapVerdict) async throws(RedisError) -> Int? {
        // First: once nothing of an owner is left, nobody would do it for a reaper that has died meanwhile.
        if let prefix = verdict.workerPrefix { try await clear(prefix) }
        let numbers = try await store.heldNumbers(verdict.owner).suffix(JobScripts.mostJobs)
        let jobs = try await store.held(verdict.owner, numbers.reversed(), most: Self.mostBytes).jobs
        var order = ReapOrder(owner: verdict.owner)
        order.isProven = verdict.isProven
        order.culprit = verdict.culprit
        order.crashesAllowed = allowance.crashes
        order.window = allowance.window
        let worker = String(verdict.owner.prefix { $0 != "~" })
        switch try await store.reap(order, jobs.map { reaped($0, worker: worker) }) {
        case .alive: return nil
        case .reaped(let left, let numbers):
            if jobs.count > numbers.count {
                note(
                    .recovered(
                        owner: verdict.owner, jobs: jobs.count - numbers.count, isProven: verdict.isProven))
            }
            if !numbers.isEmpty {
                note(.givenUp(owner: verdict.owner, jobs.filter { numbers.contains($0.number) }))
                // What fails here is found by the scheduler's housekeeping.
                let api = QueueAPI(store)
                _ = try? await api.settle(try await api.endedBatches())
            }
            return left
        }
    }

    /// With the entry for `failed`, in case that it is given up.
    private func reaped(_ job: HeldJob, worker: String) -> ReapedJob {
        let reason =
            "The process that ran this job ended without a word, more than \(allowance.crashes) times; the job is taken "
            + "for the reason"
        let entry = FailureEntry(
            worker: worker, queue: job.queue, payload: job.payload, exception: "PoisonPill", message: reason,
            time: .now)
        let payload = try? JobPayload(reading: job.payload)
        return ReapedJob(
            number: job.number, queue: job.queue, entry: entry.bytes, member: payload?.tag.member)
    }

    /// Retries do not wait for a scheduler, which not every project has: whoever runs jobs returns them to their queues.
    ///
    /// What moves them compares before it writes, so that a scheduler may do the same.
    func promote() {
        ask { reaper in
            do throws(RedisError) {
                let now = try await reaper.store.time()
                for _ in 0..<Self.mostPromotions {
                    let due = try await reaper.store.dueRetries(now: now, limit: JobScripts.mostJobs)
                    let count = try await reaper.store.promote(due)
                    if count > 0 { reaper.note(.retried(count)) }
                    guard due.count == JobScripts.mostJobs, count > 0 else { break }
                }
            } catch { reaper.note(.failed("\(error)")) }
            return { _, _ in [] }
        }
    }

    /// Workers of a process that is no more; when it led the scheduler, nobody has to wait for its lock to end.
    private func clear(_ prefix: String) async throws(RedisError) {
        let workers = try await QueueAPI(store).workers().filter { $0.name.hasPrefix(prefix) }
        try await store.unregister(workers)
        // A worker's name is that of its process, with a number.
        try await store.resign(String(prefix.dropLast()))
    }

    private func failed(_ error: RedisError) -> Answer {
        note(.failed("\(error)"))
        return { $0.failed(now: $1) }
    }
}
