// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The target of a request, divided into path and query.
///
/// Parts are positions in the head's bytes.
struct RequestTarget: Sendable {
    let path: Range<Int>
    /// Behind the question mark; `nil` without one.
    let query: Range<Int>?
    /// Host and port of the absolute form, which count more than the header `Host` (RFC 9112, 3.2.2).
    let authority: Range<Int>?

    /// Whether it is a path, a URL of HTTP, or the asterisk of OPTIONS (RFC 9112, 3.2).
    ///
    /// Anything else could be read as one thing here and as another by the proxy in front.
    static func isAcceptable(_ target: UnsafeRawBufferPointer, method: UnsafeRawBufferPointer) -> Bool {
        guard let first = target.first else { return false }
        if first == UInt8(ascii: "/") { return true }
        if target.count == 1, first == UInt8(ascii: "*") { return ASCII.isEqual(method, to: "options") }
        for scheme: StaticString in ["http://", "https://"] {
            let length = scheme.utf8CodeUnitCount
            if target.count > length, ASCII.isEqual(UnsafeRawBufferPointer(rebasing: target[..<length]), to: scheme) {
                let authority = target[length...].prefix { !endsAuthority($0) }
                return !authority.isEmpty && HTTPCharacter.isAuthority(UnsafeRawBufferPointer(rebasing: authority))
            }
        }
        return false
    }

    /// Reads origin-form (`/a?b`), absolute-form (`http://host/a?b`) and asterisk-form (`*`) targets (RFC 9112, 3.2).
    init(_ head: HTTPRequestHead) {
        let target = head.target
        (path, query, authority) = head.bytes.withUnsafeReadableBytes { bytes in
            var start = target.lowerBound
            var authority: Range<Int>?
            if bytes[start] != UInt8(ascii: "/"), let range = Self.authority(bytes, target) {
                authority = range
                start = range.upperBound
            }
            // A fragment is not sent by correct clients and means nothing here.
            let end = bytes[start..<target.upperBound].firstIndex(of: UInt8(ascii: "#")) ?? target.upperBound
            guard let mark = bytes[start..<end].firstIndex(of: UInt8(ascii: "?")) else {
                return (start..<end, nil, authority)
            }
            return (start..<mark, (mark + 1)..<end, authority)
        }
    }

    private static func authority(_ bytes: UnsafeRawBufferPointer, _ target: Range<Int>) -> Range<Int>? {
        let text = bytes[target]
        guard let scheme = text.firstRange(of: "://".utf8) else { return nil }
        let end = text[scheme.upperBound...].firstIndex(where: endsAuthority) ?? target.upperBound
        return scheme.upperBound..<end
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    /// The parts of the path between slashes, without empty ones at the beginning and one at the end.
    func segments(_ head: HTTPRequestHead) -> [String] {
        head.withBytes(path) { bytes in
            var segments: [String] = []
            var start = 0
            while start < bytes.count, bytes[start] == UInt8(ascii: "/") { start += 1 }
            var position = start
            while position < bytes.count {
                if bytes[position] == UInt8(ascii: "/") {
                    segments.append(Self.text(bytes, start..<position))
                    start = position + 1
                }
                position += 1
            }
            if start < bytes.count { segments.append(Self.text(bytes, start..<bytes.count)) }
            return segments
        }
    }

    /// Whether the path ends with a slash, and so names a directory.
    func endsWithSlash(_ head: HTTPRequestHead) -> Bool {
        head.withBytes(path) { $0.last.map { $0 == UInt8(ascii: "/") } ?? true }
    }

    /// What stands behind the last dot; `nil` without a dot.
    func fileExtension(_ head: HTTPRequestHead) -> String? {
        head.withBytes(path) { bytes in
            bytes.lastIndex(of: UInt8(ascii: ".")).map { Self.text(bytes, ($0 + 1)..<bytes.count) }
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }
}
