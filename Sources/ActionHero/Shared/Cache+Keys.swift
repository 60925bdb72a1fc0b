// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension Cache {
    /// The names of everything in the cache, as they are in Redis, with `general.cachePrefix`.
    ///
    /// - Parameter prefix: What the keys begin with.
    /// - Returns: The names, in no order.
    /// - Throws: ``RedisFailure``.
    public func keys(_ prefix: String = "") async throws -> [String] { try await host.keys(prefix) }

    /// The names of all locks, as they are in Redis, with `general.lockPrefix`.
    ///
    /// - Parameter prefix: What the locked keys begin with.
    /// - Returns: The names, in no order.
    /// - Throws: ``RedisFailure``.
    public func locks(_ prefix: String = "") async throws -> [String] { try await host.locks(prefix) }

    /// Names of keys that fit a pattern of Redis, whoever they belong to.
    ///
    /// - Parameters:
    ///   - pattern: `*`, `?`, `[a-z]`, and `\` before a character that is meant literally.
    ///   - count: How many keys Redis looks at in one go. `nil` for `redis.scanCount`.
    /// - Returns: The names, in no order.
    /// - Throws: ``RedisFailure``.
    public func keys(matching pattern: String, count: Int? = nil) async throws -> [String] {
        try await host.keys(matching: pattern, count: count)
    }

    /// How many values and lists there are.
    ///
    /// - Returns: The number; Redis is asked for all names to find out.
    /// - Throws: ``RedisFailure``.
    public func size() async throws -> Int { try await host.keys("").count }

    /// Removes every value and every list, whoever has locked them.
    ///
    /// - Returns: The names of what was removed, as they were in Redis.
    /// - Throws: ``RedisFailure``.
    @discardableResult
    public func clear() async throws -> [String] { try await host.clear() }

    /// Writes all values to a file, which readers see as a whole.
    ///
    /// - Parameter file: A path; relative ones lie in the project.
    /// - Returns: How many values there were.
    /// - Throws: ``RedisFailure`` when there is a list in the cache, which has no place in a dump; an error of the file.
    @discardableResult
    public func dumpWrite(_ file: String) async throws -> Int { try await host.dumpWrite(file) }

    /// Replaces the whole cache by the contents of a file; times to live are not part of it.
    ///
    /// - Parameter file: A path; relative ones lie in the project.
    /// - Returns: How many values there are now.
    /// - Throws: ``CacheError`` when the file is no dump, which leaves the cache as it was; ``RedisFailure``; an error of
    ///   the file.
    @discardableResult
    public func dumpRead(_ file: String) async throws -> Int { try await host.dumpRead(file) }

    // MARK: Locks

    /// Keeps other owners from saving, loading and destroying a key.
    ///
    /// Does not keep them from lists, and not from the lock's owner in other tasks: see ``Locks`` for locks that do.
    ///
    /// - Parameters:
    ///   - key: What to lock; there may be no value.
    ///   - duration: When the lock goes by itself. `nil` for `general.lockDuration`.
    /// - Returns: `false` when it is locked already, also by this owner.
    /// - Throws: ``RedisFailure``.
    @discardableResult
    public func lock(_ key: String, for duration: Duration? = nil) async throws -> Bool {
        try await host.lock(key, milliseconds: duration?.wholeMilliseconds, owner: lockName)
    }

    /// Gives a lock back.
    ///
    /// - Parameter key: What was locked.
    /// - Returns: `false` when another owner has it; `true` also when nobody had.
    /// - Throws: ``RedisFailure``.
    @discardableResult
    public func unlock(_ key: String) async throws -> Bool { try await host.unlock(key, owner: lockName) }

    /// Whether a key can be used here.
    ///
    /// - Parameters:
    ///   - key: What may be locked.
    ///   - retry: How long to wait for another owner's lock, looking every 100 ms.
    /// - Returns: `true` when nobody or this owner has locked it.
    /// - Throws: ``RedisFailure``.
    public func checkLock(_ key: String, retry: Duration = .zero) async throws -> Bool {
        try await host.checkLock(key, retry: retry.wholeMilliseconds, owner: lockName)
    }
}

extension Duration {
    /// Rounded up, so that nothing lasts shorter than asked for, and within what Redis takes.
    package var wholeMilliseconds: Int {
        let limit: Int64 = 1_000_000_000_000
        let (seconds, attoseconds) = components
        guard seconds.magnitude < UInt64(limit) else { return seconds > 0 ? Int(limit) * 1000 : -Int(limit) * 1000 }
        let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000)
        return Int(seconds * 1000 + whole + (rest > 0 ? 1 : 0))
    }
}
