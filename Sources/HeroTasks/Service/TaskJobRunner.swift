// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import HeroRedis
internal import HeroRuntime
internal import HeroSystem
internal import Synchronization

/// Runs jobs as the tasks of the application.
final class TaskJobRunner: JobRunner {
    let processor: TaskProcessor
    let store: JobStore
    let application: HeroApplication
    let jobLog: JobLog
    private let ending = Atomic<Bool>(false)
    private let running = Mutex<[ObjectIdentifier: RunningJob]>([:])

    init(_ processor: TaskProcessor, _ store: JobStore, _ application: HeroApplication) {
        (self.processor, self.store, self.application) = (processor, store, application)
        jobLog = JobLog(application)
    }

    /// The process begins to stop: jobs that ask hear of it.
    func beginEnding() { ending.store(true, ordering: .releasing) }

    /// Jobs that have begun and not ended, whether or not they are still this process' own.
    var unfinished: [String] {
        let jobs = running.withLock { Array($0.values) }
        return jobs.sorted { ($0.run.owner, $0.run.job.number) < ($1.run.owner, $1.run.job.number) }.map {
            "job \($0.taskName) of the queue \($0.queue), attempt \($0.attempt), on \($0.workerName)"
        }
    }

    func limits(of job: HeldJob) -> (task: String, limits: TaskLimits)? {
        // Who limits nothing pays nothing: not even for reading the job a second time.
        guard processor.hasLimits, let payload = try? JobPayload(reading: job.payload),
            let record = processor.registry.find(payload.task)
        else { return nil }
        var limits = TaskLimits()
        if record.concurrency > 0 { limits.atATime = record.concurrency }
        if !record.rateLimit.isUnlimited {
            limits.rate = (record.rateLimit.count, record.rateLimit.period.wholeMilliseconds)
        }
        limits.expires = record.expires > 0
        return (record.name, limits)
    }

    func run(_ run: JobRun) async -> JobEnd {
        let payload: JobPayload
        do throws(MalformedJob) { payload = try JobPayload(reading: run.job.payload) } catch {
            return JobEnd(giveUp(run, nil, JobFailure(exception: "MalformedJob", message: error.reason)))
        }
        let member = payload.tag.member
        guard let record = processor.registry.find(payload.task) else {
            return JobEnd(unknown(run, payload), member: member)
        }
        do {
            if let early = try await before(run, payload, record) { return JobEnd(early, member: member) }
            let cursor = try await cursor(of: run)
            let job = RunningJob(run, payload, cursor: cursor, in: store, application) { [self] in
                ending.load(ordering: .acquiring)
            }
            run.executor?.execute(record.boardNumber.load(ordering: .relaxed))
            running.withLock { $0[ObjectIdentifier(job)] = job }
            defer { running.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(job)) } }
            job.note(JobResult(state: .running))
            jobLog.begins(job, record)
            let start = MonotonicTime.microseconds
            let outcome = await perform(job, record)
            let end = try await after(job, record, outcome, microseconds: MonotonicTime.microseconds - start)
            return JobEnd(end, member: member)
        } catch {
            // Redis does not answer: nothing has been decided, and the job is still held.
            application.log.write(
                level: .warning, message: "a job goes back to its queue: \(error)",
                data: [("class", .string(payload.task))])
            return JobEnd(.requeue, member: member)
        }
    }

    /// Where the job goes on; only one of which the claim has said that there is something is asked for.
    private func cursor(of run: JobRun) async throws -> JSON? {
        guard run.job.hasCursor else { return nil }
        return try await store.noted(at: store.keys.cursor(RunningJob.digest(run))).flatMap { try? JSON(parsing: $0) }
    }

    /// What the plugins of the task say before a run.
    ///
    /// - Returns: What becomes of a job that does not run now.
    private func before(_ run: JobRun, _ payload: JobPayload, _ record: TaskRecord) async throws -> JobOutcome? {
        guard !record.isQuarantined else {
            let message = "task \(record.name) is quarantined: it has crashed too many workers"
            return giveUp(run, payload, JobFailure(exception: "TaskQuarantined", message: message))
        }
        let untagged = JobPayload(task: payload.task, queue: payload.queue, arguments: payload.inputs)
        for plugin in record.plugins {
            switch plugin.kind {
            case .queueLock: try await QueueLockPlugin(plugin).beforePerform(untagged, queue: run.job.queue, in: store)
            case .jobLock:
                let verdict = try await JobLockPlugin(plugin).beforePerform(untagged, run.job, of: run.owner, in: store)
                switch verdict {
                case .run: break
                case .end(let outcome): return outcome
                case .lost: return .requeue
                }
            case .delayQueueLock, .retry, .noop: break
            }
        }
        return nil
    }

    /// Runs the task within its time.
    private func perform(_ job: RunningJob, _ record: TaskRecord) async -> TaskOutcome {
        guard record.timeout > 0 else { return await processor.perform(job, job: job.run.executor?.job) }
        return await withTaskGroup(of: TaskOutcome?.self) { group in
            group.addTask { await self.processor.perform(job, job: job.run.executor?.job) }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(record.timeout))
                return nil
            }
            let first = await group.next() ?? nil
            let isLate = first == nil && !Task.isCancelled
            group.cancelAll()
            let second = await group.next() ?? nil
            let outcome = first ?? second ?? .interrupted
            guard isLate, case .failed = outcome else { return outcome }
            return .failed(TaskTimeout(milliseconds: record.timeout))
        }
    }
}

/// A run has taken longer than its task allows.
struct TaskTimeout: Error, CustomStringConvertible {
    let milliseconds: Int
    var description: String { "the job took longer than the \(milliseconds) ms that its task allows" }
}
