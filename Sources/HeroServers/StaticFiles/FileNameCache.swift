// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Remembers which files paths lead to, so that those asked for again and again need not be taken apart.
///
/// Clients choose what is remembered, so the cache is bounded: when it is full, it begins anew. Used by one loop only.
struct FileNameCache {
    struct Entry {
        /// `nil` for a path that leads nowhere.
        let name: FileName?
        let routePath: String?
    }

    private var entries: [ByteKey: Entry] = [:]

    static let limit = 1000
    /// Longer paths are not remembered.
    static let keyBytes = 256

    var count: Int { entries.count }

    /// - Parameter key: Method and path as they were received.
    /// - Returns: What was remembered for it, or `nil`.
    func find(_ key: String) -> Entry? { entries[ByteKey(key)] }

    mutating func remember(_ key: String, _ entry: Entry) {
        guard key.utf8.count <= Self.keyBytes else { return }
        if entries.count >= Self.limit { entries.removeAll(keepingCapacity: true) }
        entries[ByteKey(key)] = entry
    }
}
