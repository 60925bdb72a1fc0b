// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A command and what may be done with it.
public struct RedisRequest: Sendable, Hashable {
    /// The name, then the arguments.
    public var words: [RedisBytes]
    /// Whether it may run twice: only then it is sent again when the connection broke before its reply.
    ///
    /// Default: `false`.
    public var isRepeatable: Bool
    /// How long to wait for the reply; `nil`, the default, for the limit of the connection.
    public var timeout: Duration?

    /// Makes a command.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - arguments: Its arguments.
    ///   - isRepeatable: Whether it may run twice.
    ///   - timeout: How long to wait for the reply.
    public init(_ name: String, _ arguments: [RedisBytes] = [], isRepeatable: Bool = false, timeout: Duration? = nil) {
        words = [RedisBytes(name)] + arguments
        self.isRepeatable = isRepeatable
        self.timeout = timeout
    }
}
