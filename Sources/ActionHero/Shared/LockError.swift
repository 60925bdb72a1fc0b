// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Why a body did not run, or not to its end, while it held a lock.
public struct LockError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Kinds of errors; there may be more in later versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private let name: String

        /// Somebody else had the lock until the caller had waited long enough; the body did not run.
        public static let busy = Code(name: "busy")
        /// The lease ended before the body did; others may have run meanwhile.
        public static let lost = Code(name: "lost")

        /// The name of the code.
        public var description: String { name }
    }

    /// The kind of error.
    public let code: Code
    /// What happened to which lock.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
