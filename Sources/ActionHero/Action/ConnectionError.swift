// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Why a client cannot be sent a message.
public struct ConnectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Kinds of errors; there may be more in later versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private let name: String

        /// The client takes messages more slowly than they are sent: what waits for it has reached
        /// `general.maximumOutbox`.
        public static let outboxFull = Code(name: "outboxFull")
        /// What has been set on the connection has reached 64 kB, see ``Connection/set(_:_:)``.
        public static let valuesFull = Code(name: "valuesFull")
        /// The connection has ended.
        public static let closed = Code(name: "closed")

        package static let all = [outboxFull, valuesFull, closed]

        /// The name of the code.
        public var description: String { name }
    }

    /// The kind of error.
    public let code: Code
    /// What happened.
    public let message: String

    /// The message.
    public var description: String { message }

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package static let closed = ConnectionError(code: .closed, message: "the connection has ended")

    package static func outboxFull(waiting: Int, message: Int, limit: Int) -> ConnectionError {
        ConnectionError(
            code: .outboxFull,
            message:
                "\(waiting) bytes wait for the client, another \(message) exceed general.maximumOutbox (\(limit)); "
                + "send less, or end the connection of a client that is too slow")
    }

    package static func valuesFull(held: Int, value: Int, limit: Int) -> ConnectionError {
        ConnectionError(
            code: .valuesFull,
            message:
                "\(held) bytes are set on the connection, another \(value) exceed its \(limit); "
                + "keep large values in the cache")
    }
}
