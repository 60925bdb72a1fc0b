// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What became of a job that was to be enqueued.
public struct EnqueueResult: Sendable, Hashable {
    /// Kinds of ends; there may be more in later versions.
    public struct Outcome: Sendable, Hashable, CustomStringConvertible {
        private let name: String

        /// It waits in its queue, or for its time.
        public static let enqueued = Outcome(name: "enqueued")
        /// An equal one is there already: by ``JobOption/unique(for:key:)``, or delayed to the same second.
        public static let duplicate = Outcome(name: "duplicate")
        /// Middleware or a plugin did not want it, such as ``ResquePlugin/queueLock(lockTimeout:key:)``.
        public static let vetoed = Outcome(name: "vetoed")
        /// Redis is away, and the job waits in a file (``WhenAway/keep``).
        public static let kept = Outcome(name: "kept")

        /// The name of the outcome.
        public var description: String { name }
    }

    /// What became of it.
    public let outcome: Outcome
    /// By which its progress and its result can be asked for; `nil` where none is kept.
    public let jobID: String?

    package init(_ outcome: Outcome, jobID: String? = nil) {
        self.outcome = outcome
        self.jobID = jobID
    }

    /// Whether it will run: it was enqueued, or is kept until it can be.
    public var isEnqueued: Bool { outcome == .enqueued || outcome == .kept }
}
