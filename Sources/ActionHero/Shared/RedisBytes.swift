// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A word of a command: text, bytes or a whole number.
public struct RedisBytes: Sendable, Hashable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    /// What is sent.
    public let bytes: [UInt8]

    /// Makes a word of bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Makes a word of text, in UTF-8.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// Makes a word of a number, in decimal.
    public init(_ number: Int) { bytes = Array(String(number).utf8) }

    /// Makes a word of text.
    public init(stringLiteral text: String) { self.init(text) }

    /// Makes a word of a number.
    public init(integerLiteral number: Int) { self.init(number) }
}
