// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Why a command has no reply, or which error it was answered with.
package struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The command never left the process: there was no connection until its deadline, or the queue was full.
        case notSent
        /// The command was written and not answered, so nobody knows whether it ran.
        case connectionLost
        /// Redis answered with an error.
        case refused
        /// The command cannot be sent as it is: keys in several slots, no arguments.
        case invalid
        /// The caller's task was cancelled; the command may have been run or not.
        case cancelled
    }

    package let kind: Kind
    /// What happened, with the server's own words where it has spoken.
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The first word of what the server answered, such as `WRONGTYPE` or `NOSCRIPT`; empty for other kinds.
    package var code: Substring { kind == .refused ? message.prefix { $0 != " " } : "" }

    package var description: String { message }
}
