// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroSystem
internal import Synchronization

/// How a run of a job ended.
package enum TaskOutcome: Sendable {
    case succeeded(JSON)
    case failed(any Error)
    /// Middleware did not want it to run: it is over, and has neither succeeded nor failed.
    case skipped
    /// The worker stops, or the lease is lost: the job is to run again, and has not failed.
    case interrupted
}

extension TaskProcessor {
    /// Runs a job with the middleware of its task.
    ///
    /// The caller's task is what is cancelled for a time limit, a lost lease or the end of the process.
    ///
    /// - Parameters:
    ///   - host: The run.
    ///   - job: What a crash of the thread pool is put down to; the caller's executor does that for the loop.
    /// - Returns: How it ended; nothing is thrown.
    package func perform(_ host: any TaskContextHost, job: JobMark? = nil) async -> TaskOutcome {
        let record: TaskRecord
        do throws(TaskError) {
            record = try registry.require(host.taskName)
        } catch {
            return .failed(error)
        }
        var run = TaskRun(context: TaskContext(host: host), inputs: host.arguments.first?.objectValue ?? [:])
        do {
            for middleware in record.chain where try await !middleware.preProcessor(&run) { return .skipped }
            run.output = try await execute(record, run, job: job)
        } catch {
            run.error = error
        }
        await finish(record, &run)
        guard let error = run.error else { return .succeeded(run.output) }
        return isInterruption(error, host) ? .interrupted : .failed(error)
    }

    /// Runs a job alone: the task's own code.
    ///
    /// - Throws: What the task throws; ``TaskError`` for inputs that it does not take.
    package func execute(_ record: TaskRecord, _ run: TaskRun, job: JobMark? = nil) async throws -> JSON {
        let body = try record.prepare(run.inputs, missingValues: missingValues)
        let context = run.context
        let number = record.boardNumber.load(ordering: .relaxed)
        boardSlot?.begin(number)
        defer { boardSlot?.end(number) }
        switch record.execution {
        case .eventLoop: return try await body(context)
        case .threadPool: return try await threadPool.run(boardNumber: number, job: job) { try await body(context) }
        @unknown default: return try await body(context)
        }
    }

    private func finish(_ record: TaskRecord, _ run: inout TaskRun) async {
        for middleware in record.chain {
            do {
                try await middleware.postProcessor(&run)
            } catch  where run.error == nil {
                run.error = error
            } catch {
                application.log.error(
                    "task middleware failed after a job that had failed",
                    ["task": record.name, "error": "\(error)"])
            }
        }
    }

    /// A task that is cancelled because its worker stops usually throws what it was told by whatever it waited for.
    private func isInterruption(_ error: any Error, _ host: any TaskContextHost) -> Bool {
        error is TaskInterruption || error is CancellationError && (host.isStopping || !host.isLeaseValid)
    }
}
