// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Request line and headers as they arrived.
///
/// Fields are positions in the received bytes; strings are made only of what somebody asks for.
struct HTTPRequestHead: Sendable {
    struct Field: Sendable {
        let name: Range<Int>
        let value: Range<Int>
    }

    /// The bytes of the head; positions count from its reader index.
    let bytes: ByteBuffer
    let method: Range<Int>
    let target: Range<Int>
    /// 0 or 1: the second digit of the HTTP version.
    let minorVersion: Int
    let fields: [Field]
    /// What the framing of the body and the life of the connection depend on, read while parsing.
    let framing: Framing

    struct Framing: Sendable, Hashable {
        enum Body: Sendable, Hashable {
            case none
            case length(Int)
            case chunked
        }

        /// Whether the client would go on with another protocol, which the header `Upgrade` names.
        enum Upgrade: Sendable, Hashable {
            case none
            /// HTTP/1.1: or with an answer.
            case offered
            /// HTTP/2: and with nothing else.
            case demanded
        }

        var body = Body.none
        var upgrade = Upgrade.none
        var keepsAlive = true
        var expectsContinue = false
    }

    /// Text of a part of the head.
    ///
    /// Bytes that are no UTF-8 become U+FFFD.
    func string(_ range: Range<Int>) -> String {
        bytes.withUnsafeReadableBytes { String(decoding: UnsafeRawBufferPointer(rebasing: $0[range]), as: UTF8.self) }
    }

    /// Runs a function over a part of the head without copying it.
    func withBytes<T>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        bytes.withUnsafeReadableBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// The first header of that name.
    ///
    /// - Parameter name: In small letters.
    /// - Returns: Its value, or `nil` without such a header.
    func value(_ name: StaticString) -> String? { range(name).map(string) }

    /// - Parameter name: In small letters.
    /// - Returns: Where the value of the first such header stands, or `nil`.
    func range(_ name: StaticString) -> Range<Int>? {
        bytes.withUnsafeReadableBytes { buffer in
            fields.first { ASCII.isEqual(UnsafeRawBufferPointer(rebasing: buffer[$0.name]), to: name) }?.value
        }
    }

    /// The first header of that name, in any capitals.
    func value(named name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { string($0.name).lowercased() == wanted }.map { string($0.value) }
    }

    var headers: [(name: String, value: String)] { fields.map { (string($0.name), string($0.value)) } }
}

/// Comparisons of ASCII text without regard to capitals.
enum ASCII {
    /// - Parameters:
    ///   - bytes: In any capitals.
    ///   - text: In small letters.
    /// - Returns: Whether they are the same text.
    static func isEqual(_ bytes: UnsafeRawBufferPointer, to text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for position in 0..<bytes.count where lowercase(bytes[position]) != text.utf8Start[position] { return false }
        return true
    }

    /// - Parameters:
    ///   - bytes: Any.
    ///   - text: With its capitals.
    /// - Returns: Whether they are the same text, with the same capitals.
    static func isExactly(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for position in 0..<bytes.count where bytes[position] != text.utf8Start[position] { return false }
        return true
    }

    /// Whether the text occurs anywhere.
    ///
    /// - Parameters:
    ///   - bytes: In any capitals.
    ///   - text: In small letters.
    /// - Returns: `true` when it stands somewhere in the bytes.
    static func contains(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard bytes.count >= length else { return false }
        return (0...(bytes.count - length)).contains { start in
            isEqual(UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]), to: text)
        }
    }

    static func lowercase(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
