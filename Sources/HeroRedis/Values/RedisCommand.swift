// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A word of a command.
package struct RedisArgument: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral
{
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: String) { bytes = Array(text.utf8) }
    package init(_ number: Int) { bytes = Array(String(number).utf8) }
    package init(stringLiteral text: String) { self.init(text) }
    package init(integerLiteral number: Int) { self.init(number) }
}

/// A command and what may be done with it.
package struct RedisCommand: Sendable, Hashable {
    /// Name first.
    package var arguments: [[UInt8]]
    /// Whether the call may run twice: only then it is sent again when the connection broke before its reply.
    ///
    /// A property of the call, not of the command's name: `SET k v` repeated late overwrites somebody's newer value.
    package var isRepeatable: Bool
    /// Milliseconds until the caller has waited long enough; `nil` for the client's own limit.
    package var timeout: Int?

    package init(_ arguments: RedisArgument..., isRepeatable: Bool = false, timeout: Int? = nil) {
        self.init(arguments.map(\.bytes), isRepeatable: isRepeatable, timeout: timeout)
    }

    package init(_ arguments: [[UInt8]], isRepeatable: Bool = false, timeout: Int? = nil) {
        self.arguments = arguments
        self.isRepeatable = isRepeatable
        self.timeout = timeout
    }

    /// The command's name in capitals.
    package var name: String { arguments.first.map { String(decoding: $0, as: UTF8.self).uppercased() } ?? "" }
}
