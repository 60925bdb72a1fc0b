// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog

/// What the log is told about the workers of a process.
enum WorkerNotes {
    static func write(_ note: WorkerNote, to log: LogRouter, _ levels: TasksConfiguration.WorkerLevels) {
        var (level, text) = line(note)
        var data: [(name: String, value: JSON)] = []
        switch note {
        case .turnFailed: level = LogLevel(name: levels.internalError) ?? .error
        case .tooLong(let job):
            level = LogLevel(name: levels.failure) ?? .error
            let reason = "The job has \(job.bytes) bytes, and at most \(JobPayload.mostBytes) are read"
            data = [
                ("name", "task:"), ("queue", .string(job.queue)), ("stack", .string("MalformedJob: \(reason)")),
            ]
        default: break
        }
        log.write(level: level, message: text, data: data)
    }

    static func write(_ note: ReaperNote, to log: LogRouter) {
        let (level, text) = line(note)
        log.write(level: level, message: text, data: [])
    }

    private static func line(_ note: ReaperNote) -> (LogLevel, String) {
        switch note {
        case .recovered(let owner, let jobs, let isProven):
            let reason = isProven ? "has died" : "has not been heard of"
            return (.warning, "\(owner) \(reason): \(jobs) jobs go back to their queues")
        case .givenUp(let owner, let jobs):
            return (.error, "\(owner) has died with jobs that have done so too often, and are given up: \(list(jobs))")
        case .retried(let count): return (.debug, "[ worker ] enqueuing \(count) retried jobs")
        case .failed(let reason): return (.warning, "looking for processes that have died failed: \(reason)")
        }
    }

    private static func line(_ note: WorkerNote) -> (LogLevel, String) {
        switch note {
        case .leaseLost(let isOwn, let runs, let results):
            let reason = isOwn ? "Redis does not answer" : "Redis had not heard of this process for too long"
            return (
                .warning,
                "the lease on jobs has ended (\(reason)): \(runs) are cancelled, and the outcomes of \(results) are lost"
            )
        case .refused(let numbers):
            return (.notice, "outcomes of jobs changed nothing, they were not held any more: \(list(numbers))")
        case .refusedDone(let count):
            return (.notice, "outcomes of \(count) jobs changed nothing, they were not held any more")
        case .disowned(let numbers):
            return (.warning, "Redis does not have these jobs as this process': they are cancelled: \(list(numbers))")
        case .adopted(let numbers):
            return (
                .warning, "Redis had these jobs as this process', which did not know: they go back: \(list(numbers))"
            )
        case .turnFailed(let reason): return (.warning, "jobs cannot be taken or finished: \(reason)")
        case .badQueue(let queue, let reason): return (.error, "the queue \(queue) cannot be used: \(reason)")
        case .tooLong: return (.error, "Error from Task")
        case .abandoned(let jobs):
            return (.alert, "jobs have not ended although they were told to, and are cut off: \(list(jobs))")
        case .interrupted(let jobs):
            return (.notice, "jobs are interrupted and go back to their queues: \(list(jobs))")
        }
    }

    private static func list(_ jobs: [HeldJob]) -> String {
        let names = jobs.prefix(mostNamed).map { job in
            "\((try? JobPayload(reading: job.payload))?.task ?? "?") of \(job.queue)"
        }
        let others = jobs.count - names.count
        return names.joined(separator: ", ") + (others > 0 ? " and \(others) more" : "")
    }

    /// A process may hold a thousand, and a line of the log is to be read.
    private static let mostNamed = 20

    private static func list(_ numbers: [Int]) -> String { numbers.map { "\($0)" }.joined(separator: ", ") }
}
