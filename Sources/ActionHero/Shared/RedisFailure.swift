// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Why Redis did not do what it was asked for.
public struct RedisFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Kinds of failures; there may be more in later versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private let name: String

        /// `redis.enabled` is `false`.
        public static let disabled = Code(name: "disabled")
        /// The command never left the process: there was no connection in time, or too many commands waited for one.
        public static let notConnected = Code(name: "notConnected")
        /// The command was sent and not answered, so nobody knows whether it ran.
        public static let outcomeUnknown = Code(name: "outcomeUnknown")
        /// Redis answered with an error.
        public static let refused = Code(name: "refused")
        /// The command cannot be sent as it is.
        public static let invalid = Code(name: "invalid")

        /// The name of the code.
        public var description: String { name }
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, with Redis' own words where it has spoken.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
