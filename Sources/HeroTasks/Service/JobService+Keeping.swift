// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import HeroRedis
internal import HeroRuntime
internal import HeroSystem

// Jobs that wait in a file while Redis is away.
extension JobService {
    /// Enqueues jobs, those that may be kept behind the others of the same call.
    ///
    /// - Returns: What became of each.
    /// - Throws: `RedisFailure`, `TaskError`.
    func enqueueOrKeep(_ prepared: [PreparedJob?]) async throws -> [EnqueueResult] {
        // What follows a chain's first job is more than one step, and cannot be kept.
        let isKept = prepared.map { $0?.whenAway.isKept == true && $0?.continuation == nil }
        guard let keeper, isKept.contains(true) else { return try await enqueue(prepared, batch: nil) }
        let others = zip(prepared, isKept).map { $1 ? nil : $0 }
        var results = [EnqueueResult](repeating: EnqueueResult(.vetoed), count: prepared.count)
        if others.contains(where: { $0 != nil }) { results = try await enqueue(others, batch: nil) }
        let now = WallTime.now.milliseconds
        var entries: [(entry: EnqueueEntry, job: KeptJob)] = []
        for (place, job) in prepared.enumerated() where isKept[place] {
            guard let job else { continue }
            let entry = EnqueueEntry(place: place, job: job, batch: nil)
            // What Redis will never take is not kept for it.
            do { _ = try entry.payload.checkedBytes() } catch { throw JobFaults.thrown(error) }
            entries.append((entry, KeptJob(entry, now: now)))
        }
        let api = try api()
        var reason = keeper.count > 0 ? "others wait before them" : nil
        var sent = 0
        while reason == nil, sent < entries.count {
            let (entry, job) = entries[sent]
            do {
                results[entry.place] = try entry.result(of: try await job.send(api))
                sent += 1
            } catch let error as RedisError where error.isAbsence {
                reason = error.message
            } catch { throw JobFaults.thrown(error) }
        }
        if let reason {
            let rest = entries[sent...]
            do { try await keeper.keep(rest.map(\.job), because: reason) } catch {
                throw TaskError(.cannotKeep, "\(error)")
            }
            for (entry, _) in rest { results[entry.place] = EnqueueResult(.kept, jobID: entry.resultID) }
        }
        for (entry, _) in entries where results[entry.place].isEnqueued { await processor.didEnqueue(entry.job) }
        return results
    }

    /// Puts a job into Redis that was kept.
    ///
    /// - Throws: As long as that cannot be done.
    static func deliver(_ job: KeptJob, _ store: JobStore, _ log: any LogHost) async throws {
        do { _ = try await job.send(QueueAPI(store)) } catch let error as RedisError where error.isNotReplicated {
            log.write(
                level: .warning, message: "a job that was kept is enqueued, but not replicated",
                data: [("task", .string(job.task))])
        }
    }

    static func write(_ note: KeptNote, to log: LogRouter) {
        switch note {
        case .keeping(let reason):
            log.write(
                level: .warning, message: "jobs are kept in a file until Redis is back",
                data: [("error", .string(reason))])
        case .delivered(let count):
            log.write(level: .notice, message: "jobs that were kept are in Redis", data: [("jobs", .integer(count))])
        case .takenOver(let count):
            log.write(
                level: .notice, message: "jobs were kept by a process that has ended", data: [("jobs", .integer(count))]
            )
        case .failed(let reason):
            log.write(level: .error, message: "jobs that are kept in a file", data: [("error", .string(reason))])
        }
    }
}
