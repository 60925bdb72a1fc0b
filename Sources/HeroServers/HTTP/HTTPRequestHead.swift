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

extension HTTPRequestHead {
    /// The method as routes have it, in small letters; empty for one that has small letters, which is another method
    /// (RFC 9110, 9.1) and one that no route has.
    var routedMethod: String {
        let text = string(method)
        return text.utf8.contains { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ? "" : text.lowercased()
    }
}
