// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// The cache, with the keys and values of the reference.
final class CacheService: CacheHost {
    let settings: SharedSettings
    let store: any KeyStore
    let keeper: LeaseKeeper
    let log: any LogHost
    let time: Timekeeper
    let flights = FetchFlights()

    /// Milliseconds between two looks at a lock.
    static let lockRetry = 100

    init(_ settings: SharedSettings, _ store: any KeyStore, _ keeper: LeaseKeeper, log: any LogHost, time: Timekeeper) {
        self.settings = settings
        self.store = store
        self.keeper = keeper
        self.log = log
        self.time = time
    }

    func name(_ key: String) -> String { settings.cachePrefix + key }
    func lockName(_ key: String) -> String { settings.lockPrefix + key }

    // MARK: Values

    func save(_ key: String, _ value: JSON, expiry: Int?, owner: String) async throws {
        try await requireLock(key, owner: owner)
        try await write(key, value, expiry: expiry)
    }

    /// Writes without a look at locks.
    func write(_ key: String, _ value: JSON, expiry: Int?) async throws {
        // Redis refuses to set what has expired already.
        if let expiry, expiry <= 0 {
            _ = try await store.delete(name(key))
            return
        }
        let object: JSON = ["value": value, "createdAt": .integer(time.wall())]
        try await store.set(name(key), Array(object.description.utf8), expiry: expiry)
    }

    func load(_ key: String, expiry: Int?, retry: Int, owner: String) async throws -> (value: JSON, createdAt: Int) {
        try await requireLock(key, retry: retry, owner: owner)
        guard let bytes = try await store.get(name(key)), let found = CachedValue(bytes) else {
            throw CacheError(.notFound, "Object not found")
        }
        if let end = found.expiresAt, end < time.wall() { throw CacheError(.notFound, "Object expired") }
        // Whoever has locked it meanwhile may be changing it.
        try await requireLock(key, retry: retry, owner: owner)
        if let expiry {
            if expiry > 0 {
                _ = try await store.expire(name(key), expiry)
            } else {
                _ = try await store.delete(name(key))
            }
        }
        return (found.value, found.createdAt)
    }

    func destroy(_ key: String, owner: String) async throws -> Bool {
        try await requireLock(key, owner: owner)
        return try await store.delete(name(key))
    }

    // MARK: Lists

    func push(_ key: String, _ item: JSON) async throws {
        let object: JSON = ["data": item]
        try await store.push(name(key), Array(object.description.utf8))
    }

    func pop(_ key: String) async throws -> JSON? {
        guard let bytes = try await store.pop(name(key)) else { return nil }
        guard let object = try? JSON(parsing: bytes).objectValue else {
            throw CacheError(.unreadable, "an item of the list \(key) is not what a cache writes")
        }
        return object["data"]
    }

    func listLength(_ key: String) async throws -> Int { try await store.length(name(key)) }

    // MARK: Keys

    func keys(_ prefix: String) async throws -> [String] {
        try await names(beginning: settings.cachePrefix + prefix)
    }

    func locks(_ prefix: String) async throws -> [String] {
        try await names(beginning: settings.lockPrefix + prefix).filter { !settings.isLease($0) }
    }

    private func names(beginning start: String) async throws -> [String] {
        try await store.keys(matching: GlobPattern.prefix(start), count: settings.scanCount)
            .filter { $0.utf8.starts(with: start.utf8) }
    }

    func keys(matching pattern: String, count: Int?) async throws -> [String] {
        try await store.keys(matching: pattern, count: max(1, count ?? settings.scanCount))
    }

    func clear() async throws -> [String] {
        let names = try await keys("")
        let deleted = try await store.delete(names)
        return names.filter { deleted.contains(ByteKey($0)) }
    }

    // MARK: Locks

    func lock(_ key: String, milliseconds: Int?, owner: String) async throws -> Bool {
        try await store.setIfAbsent(
            lockName(key), Array(owner.utf8), expiry: max(1, milliseconds ?? settings.lockDuration))
    }

    func unlock(_ key: String, owner: String) async throws -> Bool {
        try await store.deleteUnlessOther(lockName(key), Array(owner.utf8))
    }

    func checkLock(_ key: String, retry: Int, owner: String) async throws -> Bool {
        let began = time.monotonic()
        while true {
            if try mayUse(try await store.get(lockName(key)), key, owner: owner) { return true }
            guard retry > 0, time.monotonic() - began <= retry else { return false }
            try await time.sleep(Self.lockRetry)
        }
    }

    /// Longer than any name of an owner.
    private static let longestHolder = 65_536

    /// - Parameters:
    ///   - holder: What lies under the key of the lock.
    ///   - key: What is locked.
    ///   - owner: Who asks.
    /// - Returns: Whether nobody else has locked the key.
    /// - Throws: ``CacheError`` for what no lock can be: whoever waited for it to go would wait in vain.
    func mayUse(_ holder: [UInt8]?, _ key: String, owner: String) throws -> Bool {
        guard let holder else { return true }
        guard holder.count <= Self.longestHolder else {
            throw CacheError(
                .unreadable,
                "what Redis has for the lock of \(key) is no lock: \(holder.count) bytes; is that server Redis?")
        }
        return holder == Array(owner.utf8)
    }

    private func requireLock(_ key: String, retry: Int = 0, owner: String) async throws {
        guard try await checkLock(key, retry: retry, owner: owner) else {
            throw CacheError(.locked, "Object locked")
        }
    }
}
