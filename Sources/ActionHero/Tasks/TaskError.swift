// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Why a job cannot be enqueued or run as it is.
public struct TaskError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Kinds of errors; there may be more in later versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private let name: String

        /// No bundle of this process defines the task.
        public static let unknownTask = Code(name: "unknownTask")
        /// An input is missing, or has a value that its task does not take.
        public static let invalidInputs = Code(name: "invalidInputs")
        /// An input was set to something that cannot be written as JSON.
        public static let notEncodable = Code(name: "notEncodable")
        /// The job is enqueued, but not on as many replicas as were asked for.
        public static let notReplicated = Code(name: "notReplicated")
        /// The file of jobs that wait for Redis is full, or cannot be written.
        public static let cannotKeep = Code(name: "cannotKeep")
        /// There is no such job among those that have failed.
        public static let notFailed = Code(name: "notFailed")
        /// Something is too large to be stored.
        public static let tooLarge = Code(name: "tooLarge")
        /// The lease is lost: another process may have begun the job.
        public static let leaseLost = Code(name: "leaseLost")
        /// What was asked for is not possible here.
        public static let unavailable = Code(name: "unavailable")

        /// The name of the code.
        public var description: String { name }
    }

    /// The kind of error.
    public let code: Code
    /// What is wrong with which job.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
