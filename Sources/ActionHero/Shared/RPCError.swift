// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Why a call has no answer.
public struct RPCError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Kinds of errors; there may be more in later versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private let name: String

        /// Nobody answered in time.
        public static let timedOut = Code(name: "timedOut")
        /// `general.rpcMaximumCalls` calls wait for answers already.
        public static let tooManyCalls = Code(name: "tooManyCalls")
        /// The call or its answer is larger than `general.rpcMaximumMessage`.
        public static let tooLarge = Code(name: "tooLarge")
        /// The process that was called says that it could not do it.
        public static let failed = Code(name: "failed")

        /// The name of the code.
        public var description: String { name }
    }

    /// The kind of error.
    public let code: Code
    /// What happened; `RPC Timeout` as in ActionHero for Node.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
