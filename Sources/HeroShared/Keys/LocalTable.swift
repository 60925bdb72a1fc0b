// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Keys in memory, with times to live and a bound, without a clock.
///
/// When there is no room, what was used longest ago goes, as in a Redis that serves as a cache.
struct LocalTable {
    private enum Content {
        case value([UInt8])
        /// The items are in `lists`, where they can be changed in place.
        case list
    }

    private struct Items {
        private var items: [[UInt8]]
        /// Items before this one have been taken.
        private var first = 0

        init(_ item: [UInt8]) { items = [item] }

        var count: Int { items.count - first }
        mutating func append(_ item: [UInt8]) { items.append(item) }

        mutating func removeFirst() -> [UInt8] {
            let item = items[first]
            items[first] = []
            first += 1
            if first * 2 > items.count {
                items.removeFirst(first)
                first = 0
            }
            return item
        }
    }

    private struct Entry {
        var content: Content
        /// Milliseconds of the clock; `nil` for never.
        var expiresAt: Int?
        /// Grows with every use.
        var usedAt: Int
        var bytes: Int
    }

    /// What an entry costs beside its name and contents, about.
    static let overheadBytes = 96

    private let limitBytes: Int
    private var entries: [ByteKey: Entry] = [:]
    private var lists: [ByteKey: Items] = [:]
    /// Uses in order, with names; those that are not the last of their entry are stale.
    private var uses: [(stamp: Int, key: ByteKey)] = []
    private var firstUse = 0
    private var stamp = 0
    private(set) var bytes = 0

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    var count: Int { entries.count }

    private static let wrongType = RedisFailure(
        .refused, "WRONGTYPE Operation against a key holding the wrong kind of value")

    // MARK: Values

    mutating func get(_ key: String, now: Int) throws(RedisFailure) -> [UInt8]? {
        guard let entry = touch(key, now) else { return nil }
        guard case .value(let value) = entry.content else { throw Self.wrongType }
        return value
    }

    /// - Throws: `CacheError` when it is too large by itself.
    mutating func set(_ key: String, _ value: [UInt8], expiry: Int?, now: Int) throws(CacheError) {
        try store(key, .value(value), bytes: value.count, expiresAt: expiry.map { now + $0 }, now)
    }

    mutating func expire(_ key: String, _ expiry: Int, now: Int) -> Bool {
        guard touch(key, now) != nil else { return false }
        entries[ByteKey(key)]?.expiresAt = now + expiry
        return true
    }

    mutating func delete(_ key: String, now: Int) -> Bool {
        guard touch(key, now) != nil else { return false }
        remove(ByteKey(key))
        return true
    }

    mutating func keys(_ pattern: GlobPattern, now: Int) -> [String] {
        removeExpired(now)
        return entries.keys.map(\.text).filter { pattern.matches($0) }
    }

    // MARK: Lists

    /// - Throws: `RedisFailure` for a value, `CacheError` when the list becomes too large.
    mutating func push(_ key: String, _ item: [UInt8], now: Int) throws {
        let size = item.count + Self.itemBytes
        guard let entry = touch(key, now) else {
            try store(key, .list, bytes: size, expiresAt: nil, now)
            lists[ByteKey(key)] = Items(item)
            return
        }
        guard case .list = entry.content else { throw Self.wrongType }
        try makeRoom(for: size, beside: entry.bytes, key, now)
        lists[ByteKey(key)]?.append(item)
        entries[ByteKey(key)]?.bytes += size
        bytes += size
    }

    mutating func pop(_ key: String, now: Int) throws(RedisFailure) -> [UInt8]? {
        guard let entry = touch(key, now) else { return nil }
        guard case .list = entry.content else { throw Self.wrongType }
        let key = ByteKey(key)
        let item = lists[key]?.removeFirst() ?? []
        guard lists[key]?.count ?? 0 > 0 else {
            remove(key)
            return item
        }
        entries[key]?.bytes -= item.count + Self.itemBytes
        bytes -= item.count + Self.itemBytes
        return item
    }

    mutating func length(_ key: String, now: Int) throws(RedisFailure) -> Int {
        guard let entry = touch(key, now) else { return 0 }
        guard case .list = entry.content else { throw Self.wrongType }
        return lists[ByteKey(key)]?.count ?? 0
    }

    // MARK: Room

    private static let itemBytes = 24

    // `contents` is without what every entry costs.
    private mutating func store(
        _ key: String, _ content: Content, bytes contents: Int, expiresAt: Int?, _ now: Int
    ) throws(CacheError) {
        remove(ByteKey(key))
        let size = Self.overheadBytes + key.utf8.count + contents
        try makeRoom(for: size, beside: 0, key, now)
        entries[ByteKey(key)] = Entry(content: content, expiresAt: expiresAt, usedAt: 0, bytes: size)
        bytes += size
        use(ByteKey(key))
    }

    // `own` is what the key has already; it is the one that was used last, so it stays.
    private mutating func makeRoom(for size: Int, beside own: Int, _ key: String, _ now: Int) throws(CacheError) {
        guard own + size <= limitBytes else {
            throw CacheError(
                .tooLarge,
                "\(key) needs \(own + size) bytes and redis.localCacheLimit is \(limitBytes): raise it or use Redis")
        }
        if bytes + size > limitBytes { removeExpired(now) }
        while bytes + size > limitBytes, removeLeastUsed() {}
    }

    /// The entry, if it has not expired; it has been used then.
    private mutating func touch(_ key: String, _ now: Int) -> Entry? {
        let key = ByteKey(key)
        guard let entry = entries[key] else { return nil }
        if let expiresAt = entry.expiresAt, expiresAt <= now {
            remove(key)
            return nil
        }
        use(key)
        return entry
    }

    private mutating func use(_ key: ByteKey) {
        stamp += 1
        entries[key]?.usedAt = stamp
        uses.append((stamp, key))
        // Stale uses would otherwise grow with every read.
        if uses.count - firstUse > 2 * entries.count + 64 {
            uses = uses[firstUse...].filter { entries[$0.key]?.usedAt == $0.stamp }
            firstUse = 0
        }
    }

    private mutating func removeLeastUsed() -> Bool {
        while firstUse < uses.count {
            let oldest = uses[firstUse]
            firstUse += 1
            guard entries[oldest.key]?.usedAt == oldest.stamp else { continue }
            remove(oldest.key)
            return true
        }
        return false
    }

    private mutating func removeExpired(_ now: Int) {
        for (key, entry) in entries where (entry.expiresAt ?? .max) <= now { remove(key) }
    }

    private mutating func remove(_ key: ByteKey) {
        if let entry = entries.removeValue(forKey: key) { bytes -= entry.bytes }
        lists[key] = nil
    }
}
