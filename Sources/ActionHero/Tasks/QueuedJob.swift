// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A job as it stands in Redis, whoever has enqueued it.
public struct QueuedJob: Sendable, Hashable {
    /// The task's name, Resque's `class`; empty where the job has none.
    public let name: String
    /// The queue that the job itself names; Ruby's jobs name none.
    public let queue: String?
    /// What the task is called with: for jobs of our own a list of one object, the inputs.
    public let arguments: [JSON]
    /// Everything that was stored.
    public let payload: JSON

    /// The first argument, where that is an object.
    public var inputs: JSON.Object? { arguments.first?.objectValue }

    package init(payload: JSON) {
        name = payload["class"]?.stringValue ?? ""
        queue = payload["queue"]?.stringValue
        arguments = payload["args"]?.arrayValue ?? []
        self.payload = payload
    }
}

/// A job that has failed for good, as Resque stores it.
public struct FailedJob: Sendable, Hashable {
    /// The job.
    public let job: QueuedJob
    /// Where it waited.
    public let queue: String
    /// Who ran it.
    public let worker: String
    /// The class of the error.
    public let exception: String
    /// The error's message.
    public let error: String
    /// Where it came from, a line each; empty where nobody wrote it down.
    public let backtrace: [String]
    /// When, in the words of whoever wrote it down.
    public let failedAt: String
    /// As it is stored: removing compares bytes.
    package let bytes: [UInt8]

    package init(_ entry: JSON, bytes: [UInt8]) {
        job = QueuedJob(payload: entry["payload"] ?? .null)
        queue = entry["queue"]?.stringValue ?? ""
        worker = entry["worker"]?.stringValue ?? ""
        exception = entry["exception"]?.stringValue ?? ""
        error = entry["error"]?.stringValue ?? ""
        backtrace = entry["backtrace"]?.arrayValue?.compactMap(\.stringValue) ?? []
        failedAt = entry["failed_at"]?.stringValue ?? ""
        self.bytes = bytes
    }
}

/// A slot of a process that runs one job at a time, ours or another program's.
public struct TaskWorker: Sendable, Hashable {
    /// `host:pid`, or `host:pid+number`.
    public let name: String
    /// What it works on, in its order; `*` for everything.
    public let queues: [String]
    /// What it runs; `nil` when it is idle.
    public let job: QueuedJob?
    /// Since when, in the words of whoever wrote it down; `nil` when it is idle.
    public let runningSince: String?

    package init(name: String, queues: [String], job: QueuedJob?, runningSince: String?) {
        self.name = name
        self.queues = queues
        self.job = job
        self.runningSince = runningSince
    }
}

/// The state of all queues and workers.
public struct TaskDetails: Sendable, Hashable {
    /// How many jobs wait, by queue.
    public let queues: [String: Int]
    /// All workers, sorted by name.
    public let workers: [TaskWorker]
    /// `processed` and `failed`, for all and, behind a colon, for each worker.
    public let stats: [String: Int]
    /// The process that moves delayed jobs; `nil` when there is none.
    public let leader: String?

    package init(queues: [String: Int], workers: [TaskWorker], stats: [String: Int], leader: String?) {
        self.queues = queues
        self.workers = workers
        self.stats = stats
        self.leader = leader
    }
}
