// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How far a job is, or how it ended.
public struct JobResult: Sendable, Hashable {
    /// Kinds of states; there may be more in later versions.
    public struct State: Sendable, Hashable, CustomStringConvertible {
        /// As it is stored.
        package let name: String

        package init(name: String) { self.name = name }

        /// It waits in its queue, for its time, or to be tried again.
        public static let waiting = State(name: "waiting")
        /// Somebody runs it.
        public static let running = State(name: "running")
        /// It has returned.
        public static let succeeded = State(name: "succeeded")
        /// It has thrown, and is not tried again.
        public static let failed = State(name: "failed")
        /// It was too old when its turn came, or middleware did not want it to run.
        public static let dropped = State(name: "dropped")

        /// The name of the state.
        public var description: String { name }
    }

    /// Where it stands.
    public let state: State
    /// How far it is, 0 to 1.
    public let progress: Double
    /// What it is at, in its own words.
    public let message: String
    /// What it has returned; `null` before, and for a task that returns nothing.
    public let output: JSON
    /// Why it has failed; `nil` when it has not.
    public let error: String?

    package init(state: State, progress: Double = 0, message: String = "", output: JSON = .null, error: String? = nil) {
        self.state = state
        self.progress = progress
        self.message = message
        self.output = output
        self.error = error
    }

    /// Whether nothing will change any more.
    public var isOver: Bool { state == .succeeded || state == .failed || state == .dropped }
}

/// Jobs of which something is to be done when the last one has ended.
///
///     let batch = JobBatch(jobs, onSuccess: Job("announceImport", ["file": "7.csv"]))
///     let id = try await context.tasks.enqueue(batch)
///
/// A job has ended when it has returned, or is not tried again. The counters are kept with the outcomes of the jobs, so
/// that a crash between two steps changes nothing.
public struct JobBatch: Sendable {
    /// The jobs, in the order in which they are enqueued.
    public var jobs: [Job]
    /// Enqueued when all have ended, however.
    public var onCompletion: Job?
    /// Enqueued when all have ended well.
    public var onSuccess: Job?
    /// Enqueued when all have ended, and not all of them well.
    public var onFailure: Job?
    /// The batch that waits for this one as for one job of its own; `nil` for none.
    public var parentID: String?

    /// Makes a batch.
    ///
    /// - Parameters:
    ///   - jobs: The jobs, in the order in which they are enqueued.
    ///   - onCompletion: Enqueued when all have ended, however. Default: none.
    ///   - onSuccess: Enqueued when all have ended well. Default: none.
    ///   - onFailure: Enqueued when all have ended, and not all of them well. Default: none.
    ///   - parentID: The batch that waits for this one, as ``TaskContext/batchID`` says it. Default: none.
    public init(
        _ jobs: [Job], onCompletion: Job? = nil, onSuccess: Job? = nil, onFailure: Job? = nil, parentID: String? = nil
    ) {
        self.jobs = jobs
        self.onCompletion = onCompletion
        self.onSuccess = onSuccess
        self.onFailure = onFailure
        self.parentID = parentID
    }
}

/// How far the jobs of a batch are.
public struct BatchStatus: Sendable, Hashable {
    /// How many have not ended, with batches within as one each.
    public let pending: Int
    /// How many have failed, or were dropped.
    public let failed: Int
    /// Whether all have ended, and what follows them is enqueued.
    public let isComplete: Bool

    package init(pending: Int, failed: Int, isComplete: Bool) {
        self.pending = pending
        self.failed = failed
        self.isComplete = isComplete
    }
}
