// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A reply of Redis, as RESP2 has them.
package enum RESPValue: Sendable, Hashable {
    /// A string or an array that is not there.
    case null
    case integer(Int)
    /// A short text: `OK`, `QUEUED`, `PONG`.
    case status(String)
    case bytes([UInt8])
    /// An error, code and message; inside an array when a command of a transaction or script has failed.
    case error(String)
    case array([RESPValue])

    /// A status or bytes as text; bytes that are no UTF-8 become U+FFFD.
    package var text: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .null, .integer, .error, .array: nil
        }
    }

    package var bytes: [UInt8]? {
        switch self {
        case .status(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        case .null, .integer, .error, .array: nil
        }
    }

    /// An integer, also one that is written as text.
    package var integer: Int? {
        if case .integer(let value) = self { return value }
        return text.flatMap { Int($0) }
    }

    package var elements: [RESPValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    package var isNull: Bool { self == .null }
}
