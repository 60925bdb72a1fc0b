// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// A run of a job in this process, without Redis: no lease, no worker, one attempt.
package final class LocalTaskRun: TaskContextHost {
    package let applicationHost: any ApplicationHost
    package let taskName: String
    package let queue: String
    package let arguments: [JSON]
    package let jobID: String
    private let onProgress: @Sendable (Double, String) -> Void

    /// - Parameters:
    ///   - applicationHost: The process.
    ///   - taskName: The task.
    ///   - queue: Where the job would have waited.
    ///   - inputs: The job's one argument.
    ///   - onProgress: Called with each progress that the job tells of.
    package init(
        _ applicationHost: any ApplicationHost, taskName: String, queue: String, inputs: JSON.Object,
        onProgress: @escaping @Sendable (Double, String) -> Void = { _, _ in }
    ) {
        self.applicationHost = applicationHost
        self.taskName = taskName
        self.queue = queue
        self.onProgress = onProgress
        arguments = [.object(inputs)]
        jobID = "\(applicationHost.id)~local"
    }

    package var workerName: String { applicationHost.id }
    package var attempt: Int { 1 }
    package var batchID: String? { nil }
    package var isLeaseValid: Bool { true }
    package var isStopping: Bool { false }
    package var cursor: JSON? { nil }
    package func saveCursor(_ cursor: JSON) async throws {}
    package func progress(_ fraction: Double, _ message: String) { onProgress(fraction, message) }
}

extension TaskProcessor {
    /// Runs a task in this process, without Redis and without its plugins.
    ///
    /// - Parameters:
    ///   - name: The task.
    ///   - inputs: Its inputs as somebody has given them.
    ///   - isFull: Whether middleware runs.
    ///   - host: The process.
    ///   - onProgress: Called with each progress that the job tells of.
    /// - Returns: What the task has returned; `null` when middleware did not want it to run.
    /// - Throws: What the task throws; ``TaskError`` when there is no such task or it does not take the inputs.
    package func runLocally(
        _ name: String, _ inputs: JSON.Object, isFull: Bool, _ host: any ApplicationHost,
        onProgress: @escaping @Sendable (Double, String) -> Void = { _, _ in }
    ) async throws -> JSON {
        let record = try registry.require(name)
        let inputs = try record.validated(inputs, missingValues: missingValues)
        let local = LocalTaskRun(
            host, taskName: record.name, queue: record.queue, inputs: inputs, onProgress: onProgress)
        guard isFull else {
            return try await execute(record, TaskRun(context: TaskContext(host: local), inputs: inputs))
        }
        switch await perform(local) {
        case .succeeded(let output): return output
        case .failed(let error): throw error
        case .skipped: return .null
        case .interrupted: throw TaskInterruption()
        }
    }
}

/// What the tests of an application see of its tasks.
package final class SpecTasks: SpecTaskHost {
    package let recorder: JobRecorder
    private let processor: TaskProcessor
    private let host: any ApplicationHost

    package init(_ processor: TaskProcessor, _ host: any ApplicationHost) {
        self.processor = processor
        self.host = host
        recorder = JobRecorder { jobs in
            let prepared = try await processor.prepare(jobs)
            for case let job? in prepared { await processor.didEnqueue(job) }
            return prepared.map { job in
                job.map { RecordedJob(name: $0.record.name, queue: $0.queue, inputs: $0.inputs, start: $0.start) }
            }
        }
    }

    package func run(_ job: Job, isFull: Bool) async throws -> JSON {
        try await processor.runLocally(job.name, job.inputs, isFull: isFull, host)
    }
}
