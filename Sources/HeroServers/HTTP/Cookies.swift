// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// The header `Cookie`: a value may hold equals signs, as base 64 and tokens do.
enum Cookies {
    static func parse(_ header: String) -> [(name: String, value: String)] {
        // By bytes: what ends a name or a value is no other character when an accent follows.
        header.utf8.split(separator: UInt8(ascii: ";")).compactMap { part -> (name: String, value: String)? in
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = part[..<equals].drop { $0 == UInt8(ascii: " ") }
            return (String(Substring(name)), String(Substring(part[part.index(after: equals)...])))
        }
    }

    /// All headers of that name as one: proxies that speak HTTP/2 with the client may pass each cookie on by itself.
    static func header(of head: HTTPRequestHead) -> String? {
        var header: String?
        // The length of the name rules out nearly every header with one comparison.
        for field in head.fields where field.name.count == 6 {
            guard head.withBytes(field.name, { ASCII.isEqual($0, to: "cookie") }) else { continue }
            let value = head.string(field.value)
            header = header.map { "\($0); \(value)" } ?? value
        }
        return header
    }

    static func value(_ name: String, in header: String) -> String? {
        parse(header).first { $0.name.isSame(as: name) }?.value
    }
}
