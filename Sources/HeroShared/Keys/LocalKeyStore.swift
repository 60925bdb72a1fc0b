// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Synchronization

/// Keys in memory of this process, for applications without Redis.
final class LocalKeyStore: KeyStore {
    private struct Held {
        let value: [UInt8]
        /// Milliseconds of the clock.
        var expiresAt: Int
    }

    private struct State {
        var table: LocalTable
        /// Locks are no part of the table: they must not go because the cache is full.
        var locks: [ByteKey: Held] = [:]
        /// How many locks there may be before those that have expired are looked for.
        var locksLimit = leastLocksLimit
        var lastToken = 0

        mutating func lock(_ key: String, _ value: [UInt8], until end: Int, now: Int) {
            locks[ByteKey(key)] = Held(value: value, expiresAt: end)
            guard locks.count > locksLimit else { return }
            // Nobody asks again for a lock that was taken once and left to expire.
            locks = locks.filter { $0.value.expiresAt > now }
            locksLimit = max(leastLocksLimit, 2 * locks.count)
        }
    }

    private static let leastLocksLimit = 1024

    private let state: Mutex<State>
    private let time: Timekeeper

    /// - Parameters:
    ///   - limitBytes: For all values and lists.
    ///   - time: What clocks say.
    init(limitBytes: Int, time: Timekeeper) {
        state = Mutex(State(table: LocalTable(limitBytes: limitBytes)))
        self.time = time
    }

    func get(_ keys: [String]) async throws -> [[UInt8]?] {
        let now = time.monotonic()
        return try state.withLock { state in
            try keys.map { key in
                if let held = Self.held(&state, key, now) { return held.value }
                return try state.table.get(key, now: now)
            }
        }
    }

    func set(_ key: String, _ value: [UInt8], expiry: Int?) async throws {
        let now = time.monotonic()
        try state.withLock { try $0.table.set(key, value, expiry: expiry, now: now) }
    }

    func set(_ entries: [(key: String, value: [UInt8])]) async throws {
        for entry in entries { try await set(entry.key, entry.value, expiry: nil) }
    }

    func setIfAbsent(_ key: String, _ value: [UInt8], expiry: Int) async throws -> Bool {
        let now = time.monotonic()
        return state.withLock { state in
            guard Self.held(&state, key, now) == nil else { return false }
            state.lock(key, value, until: now + expiry, now: now)
            return true
        }
    }

    func expire(_ key: String, _ expiry: Int) async throws -> Bool {
        let now = time.monotonic()
        return state.withLock { $0.table.expire(key, expiry, now: now) }
    }

    func delete(_ keys: [String]) async throws -> Set<ByteKey> {
        let now = time.monotonic()
        return state.withLock { state in
            Set(
                keys.map(ByteKey.init).filter {
                    state.table.delete($0.text, now: now) || state.locks.removeValue(forKey: $0) != nil
                })
        }
    }

    func keys(matching pattern: String, count: Int) async throws -> [String] {
        let (now, pattern) = (time.monotonic(), GlobPattern(pattern))
        return state.withLock { state in
            state.locks = state.locks.filter { $0.value.expiresAt > now }
            return state.table.keys(pattern, now: now) + state.locks.keys.map(\.text).filter { pattern.matches($0) }
        }
    }

    func push(_ key: String, _ item: [UInt8]) async throws {
        let now = time.monotonic()
        try state.withLock { try $0.table.push(key, item, now: now) }
    }

    func pop(_ key: String) async throws -> [UInt8]? {
        let now = time.monotonic()
        return try state.withLock { try $0.table.pop(key, now: now) }
    }

    func length(_ key: String) async throws -> Int {
        let now = time.monotonic()
        return try state.withLock { try $0.table.length(key, now: now) }
    }

    func deleteUnlessOther(_ key: String, _ value: [UInt8]) async throws -> Bool {
        let now = time.monotonic()
        return state.withLock { state in
            guard let held = Self.held(&state, key, now) else { return true }
            guard held.value == value else { return false }
            state.locks[ByteKey(key)] = nil
            return true
        }
    }

    func renew(_ key: String, _ value: [UInt8], expiry: Int, timeout: Int) async throws -> Bool {
        let now = time.monotonic()
        return state.withLock { state in
            guard Self.held(&state, key, now)?.value == value else { return false }
            state.locks[ByteKey(key)]?.expiresAt = now + expiry
            return true
        }
    }

    func acquire(_ key: String, counter: String, _ value: [UInt8], expiry: Int) async throws -> Int? {
        let now = time.monotonic()
        let wall = time.wall()
        return state.withLock { state in
            if let held = Self.held(&state, key, now), held.value != value { return nil }
            state.lock(key, value, until: now + expiry, now: now)
            state.lastToken = max(state.lastToken + 1, wall)
            return state.lastToken
        }
    }

    /// Locks that take up memory, also those that have expired.
    var lockCount: Int { state.withLock { $0.locks.count } }

    private static func held(_ state: inout State, _ key: String, _ now: Int) -> Held? {
        guard let held = state.locks[ByteKey(key)] else { return nil }
        if held.expiresAt > now { return held }
        state.locks[ByteKey(key)] = nil
        return nil
    }
}
