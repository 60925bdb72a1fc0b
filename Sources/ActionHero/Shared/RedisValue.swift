// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A reply of Redis.
///
/// There may be more kinds in later versions; ``text``, ``integer`` and ``elements`` are the easiest way to read one.
public enum RedisValue: Sendable, Hashable {
    /// A string or an array that is not there.
    case null
    /// A whole number.
    case integer(Int)
    /// A short text of Redis' own, such as `OK`.
    case status(String)
    /// Stored bytes.
    case bytes([UInt8])
    /// An error inside of an array.
    case error(String)
    /// Replies in order.
    case array([RedisValue])

    /// A status or bytes as text, with U+FFFD where bytes are no UTF-8; otherwise `nil`.
    public var text: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .null, .integer, .error, .array: nil
        }
    }

    /// A status or bytes; otherwise `nil`.
    public var bytes: [UInt8]? {
        switch self {
        case .status(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        case .null, .integer, .error, .array: nil
        }
    }

    /// A whole number, also one that is stored as text; otherwise `nil`.
    public var integer: Int? {
        if case .integer(let value) = self { return value }
        return text.flatMap { Int($0) }
    }

    /// The elements of an array; otherwise `nil`.
    public var elements: [RedisValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// Whether there is nothing.
    public var isNull: Bool { self == .null }
}
