// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A list of entity tags (RFC 9110, 8.8.3); reading ends where it is malformed.
struct EntityTags {
    private(set) var isAny = false
    /// With quotes, and `W/` before those of weak ones.
    private(set) var tags: [Substring] = []

    init(_ header: String) {
        var rest = header[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
            if rest.first == "*" {
                isAny = true
                return
            }
            let start = rest.startIndex
            if rest.hasPrefix("W/") { rest = rest.dropFirst(2) }
            guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return }
            tags.append(header[start...end])
            rest = header[header.index(after: end)...]
        }
    }

    /// Compares weakly (RFC 9110, 8.8.3.2): proxies that unpack or repack a body take `W/` away, or add it.
    ///
    /// - Parameter tag: With its quotes.
    /// - Returns: Whether the list covers it.
    func contains(_ tag: String?) -> Bool {
        if isAny { return true }
        guard let tag else { return false }
        let wanted = Self.opaque(tag[...])
        return tags.contains { Self.opaque($0).utf8.elementsEqual(wanted.utf8) }
    }

    private static func opaque(_ tag: Substring) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag }
}
