// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis
internal import HeroRuntime
internal import HeroSystem

extension TaskJobRunner {
    /// What becomes of a job that has run.
    func after(
        _ job: RunningJob, _ record: TaskRecord, _ outcome: TaskOutcome, microseconds: Int
    ) async throws -> JobOutcome {
        let end = try await decide(job, record, outcome, microseconds: microseconds)
        let untagged = JobPayload(task: job.payload.task, queue: job.payload.queue, arguments: job.payload.inputs)
        for plugin in record.plugins {
            guard case .jobLock = plugin.kind else { continue }
            try await JobLockPlugin(plugin).afterPerform(untagged, job.run.job, of: job.run.owner, in: store)
        }
        if job.leavesCursor(end) { try await store.forgetCursor(RunningJob.digest(job.run)) }
        return end
    }

    private func decide(
        _ job: RunningJob, _ record: TaskRecord, _ outcome: TaskOutcome, microseconds: Int
    ) async throws -> JobOutcome {
        switch outcome {
        case .succeeded(let output):
            try await retryPlugin(record)?.clear(job, in: store)
            await job.store(JobResult(state: .succeeded, progress: 1, output: output))
            jobLog.succeeded(job, record, output, microseconds: microseconds)
            return .done
        case .skipped:
            await job.store(JobResult(state: .dropped))
            return .dropped
        case .interrupted: return .requeue
        case .failed(let error): return try await failed(job, record, error, microseconds: microseconds)
        }
    }

    private func failed(
        _ job: RunningJob, _ record: TaskRecord, _ error: any Error, microseconds: Int
    ) async throws -> JobOutcome {
        let failure = JobFailure(error)
        if record.plugins.contains(where: { $0.kind == .noop }) {
            try await stopIfWanted(record)
            jobLog.failed(job, record, error, retry: nil, microseconds: microseconds)
            await job.store(JobResult(state: .failed, error: failure.message))
            return .done
        }
        var delay: Int?
        if let plugin = retryPlugin(record) {
            let answer = try await plugin.afterPerform(
                job.payload, job.run.job, failure, at: .now, in: store)
            if case .retry(let milliseconds)? = answer { delay = milliseconds }
        } else if !isFinal(error) {
            var random = BlockRandom()
            delay = RetryDelay(record.retry).next(failures: job.run.job.counters.failures, using: &random)
        }
        jobLog.failed(job, record, error, retry: delay, microseconds: microseconds)
        guard let delay else {
            try await stopIfWanted(record)
            await job.store(JobResult(state: .failed, error: failure.message))
            return .failed(entry: entry(job.run, failure))
        }
        await job.store(JobResult(state: .waiting, error: failure.message))
        return .retry(milliseconds: delay)
    }

    /// A task that runs by itself may not want to after a run that threw and is not tried again.
    private func stopIfWanted(_ record: TaskRecord) async throws {
        guard record.isPeriodic, !record.reEnqueuesAfterErrors else { return }
        _ = try await store.client.send(store.command("SADD", store.keys.stoppedTasks, RedisArgument(record.name)))
    }

    /// Whether the same will happen again: the inputs are not what the task takes.
    private func isFinal(_ error: any Error) -> Bool {
        (error as? TaskError)?.code == .invalidInputs
    }

    private func retryPlugin(_ record: TaskRecord) -> RetryPlugin? {
        for plugin in record.plugins { if case .retry = plugin.kind { return RetryPlugin(plugin) } }
        return nil
    }

    /// So often a job waits for a process that knows its task: the last of five minutes.
    private static let mostUnknown = 6
    /// Milliseconds of the first wait; each is twice as long as the one before.
    private static let unknownDelay = 5000

    /// A job of a task that is not known here.
    ///
    /// While a new release is rolled out there are processes of both, so the job waits for one that knows more, for five minutes
    /// in all.
    func unknown(_ run: JobRun, _ payload: JobPayload) -> JobOutcome {
        let failure = JobFailure(exception: "Error", message: "No job defined for class \"\(payload.task)\"")
        let times = run.job.counters.unknown
        guard times < Self.mostUnknown else { return giveUp(run, payload, failure) }
        let delay = Self.unknownDelay << times
        jobLog.waits(run, payload, failure, milliseconds: delay)
        return .unknown(milliseconds: delay)
    }

    /// A job that nobody can run.
    func giveUp(_ run: JobRun, _ payload: JobPayload?, _ failure: JobFailure) -> JobOutcome {
        jobLog.gaveUp(run, payload, failure)
        return .failed(entry: entry(run, failure))
    }

    private func entry(_ run: JobRun, _ failure: JobFailure) -> [UInt8] {
        FailureEntry(
            worker: run.worker, queue: run.job.queue, payload: run.job.payload, exception: failure.exception,
            message: failure.message, backtrace: failure.backtrace, time: .now
        ).bytes
    }
}

extension RetryPlugin {
    fileprivate func clear(_ job: RunningJob, in store: JobStore) async throws {
        _ = try await afterPerform(job.payload, job.run.job, nil, at: .now, in: store)
    }
}

extension JobFailure {
    init(_ error: any Error) {
        let message = (error as? ActionError)?.message ?? String(describing: error)
        self.init(exception: String(describing: type(of: error)), message: message, backtrace: [])
    }
}
