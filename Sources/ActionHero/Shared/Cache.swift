// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Values that all processes of a cluster share, for a time.
///
///     try await context.cache.save("price:\(id)", price, expiresAfter: .seconds(60))
///     let entry = try await context.cache.load("price:\(id)", as: Price.self)
///
/// Values are kept as JSON in Redis, in the form that ActionHero for Node reads and writes, or in this process when
/// `redis.enabled` is `false`. Every method throws ``RedisFailure`` when Redis cannot be asked.
public struct Cache: Sendable {
    let host: any CacheHost
    /// Who owns the locks that are taken here: the server id, unless ``withLockName(_:)`` gave another.
    public let lockName: String

    package init(host: any CacheHost, lockName: String) {
        self.host = host
        self.lockName = lockName
    }

    /// The same cache, whose locks belong to somebody else.
    ///
    /// - Parameter name: The owner; two views with the same name share their locks.
    /// - Returns: The view; this one stays as it is.
    public func withLockName(_ name: String) -> Cache { Cache(host: host, lockName: name) }

    // MARK: Values

    /// Stores a value, replacing an earlier one.
    ///
    /// - Parameters:
    ///   - key: Its name; `general.cachePrefix` is put in front of it in Redis.
    ///   - value: Anything that has a JSON form.
    ///   - expiresAfter: When it goes, rounded up to milliseconds; `nil` for never, zero and less for at once.
    /// - Throws: ``CacheError`` when the key is locked by another owner, ``JSONEncodingError``, ``RedisFailure``.
    public func save(_ key: String, _ value: some Encodable, expiresAfter: Duration? = nil) async throws {
        try await host.save(key, JSON(value), expiry: expiresAfter?.wholeMilliseconds, owner: lockName)
    }

    /// Reads a value.
    ///
    /// - Parameters:
    ///   - key: Its name.
    ///   - type: What it is.
    ///   - expiresAfter: Gives the value a new time to live; `nil` leaves it as it is.
    ///   - retry: How long to wait for another owner's lock, looking every 100 ms.
    /// - Returns: The value and when it was saved.
    /// - Throws: ``CacheError`` when there is none, it is of another type, or it is locked by another owner;
    ///   ``RedisFailure``.
    public func load<Value: Decodable>(
        _ key: String, as type: Value.Type = Value.self, expiresAfter: Duration? = nil, retry: Duration = .zero
    ) async throws -> CacheEntry<Value> {
        let (value, createdAt) = try await host.load(
            key, expiry: expiresAfter?.wholeMilliseconds, retry: retry.wholeMilliseconds, owner: lockName)
        return CacheEntry(key: key, value: try Self.decode(value, key), createdAtMilliseconds: createdAt)
    }

    /// Removes a value or a list.
    ///
    /// - Parameter key: Its name.
    /// - Returns: Whether there was one.
    /// - Throws: ``CacheError`` when the key is locked by another owner; ``RedisFailure``.
    @discardableResult
    public func destroy(_ key: String) async throws -> Bool { try await host.destroy(key, owner: lockName) }

    /// The value of that key, which is computed when there is none: by one caller in the whole cluster, while all others
    /// wait for it.
    ///
    ///     let rates = try await context.cache.fetch("rates", expiresAfter: .seconds(300)) { try await bank.rates() }
    ///
    /// When the process that computes dies, another one takes over after the lease. A failure is thrown to those who wait
    /// in the same process and is not kept. The computation is cancelled when nobody waits for it any more, or when its
    /// lease is lost. A stored value that cannot be read as `Value` is computed anew.
    ///
    /// - Parameters:
    ///   - key: The name under which the value is kept, also for ``load(_:as:expiresAfter:retry:)``.
    ///   - expiresAfter: When the value goes; `nil` for never.
    ///   - waitingAtMost: How long to wait for others who compute it. Default: 30 s.
    ///   - lease: How long a process that has died keeps others from computing; renewed while the computation goes on.
    ///     `nil` for `general.lockDuration`.
    ///   - compute: Makes the value; must not fetch the same key.
    /// - Returns: The value.
    /// - Throws: What the computation throws; ``CacheError`` when others took too long; ``RedisFailure``.
    public func fetch<Value: Codable & Sendable>(
        _ key: String, expiresAfter: Duration? = nil, waitingAtMost: Duration = .seconds(30), lease: Duration? = nil,
        compute: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // Most calls find the value and need none of what follows.
        if let found = try await host.find(key, owner: lockName), let value = try? found.decode(Value.self) {
            return value
        }
        let request = FetchRequest(
            key: key, expiry: expiresAfter?.wholeMilliseconds, wait: waitingAtMost.wholeMilliseconds,
            lease: lease?.wholeMilliseconds, owner: lockName,
            isUsable: { (try? $0.decode(Value.self)) != nil }, compute: { try await JSON(compute()) })
        return try Self.decode(try await host.fetch(request), key)
    }

    private static func decode<Value: Decodable>(_ json: JSON, _ key: String) throws -> Value {
        do {
            return try json.decode(Value.self)
        } catch {
            throw CacheError(.unreadable, "the value of \(key) cannot be read as \(Value.self): \(error)")
        }
    }

    // MARK: Lists

    /// Appends to a list, which is made when there is none.
    ///
    /// - Parameters:
    ///   - key: The list's name; locks do not apply to lists.
    ///   - item: Anything that has a JSON form.
    /// - Throws: ``JSONEncodingError``; ``RedisFailure``, also when the key holds a value.
    public func push(_ key: String, _ item: some Encodable) async throws { try await host.push(key, JSON(item)) }

    /// Takes the first item of a list.
    ///
    /// - Parameters:
    ///   - key: The list's name.
    ///   - type: What the item is.
    /// - Returns: The item; `nil` when the list is empty or the item is `null`.
    /// - Throws: ``CacheError`` when the item, which is gone then, is of another type; ``RedisFailure``.
    public func pop<Item: Decodable>(_ key: String, as type: Item.Type = Item.self) async throws -> Item? {
        guard let item = try await host.pop(key), !item.isNull else { return nil }
        return try Self.decode(item, key)
    }

    /// How many items a list has; 0 when there is none.
    ///
    /// - Parameter key: The list's name.
    /// - Returns: The number.
    /// - Throws: ``RedisFailure``, also when the key holds a value.
    public func listLength(_ key: String) async throws -> Int { try await host.listLength(key) }
}
