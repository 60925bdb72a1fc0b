// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// What the cache and the locks need of a store: Redis, or memory of this process.
///
/// Times are in milliseconds and above zero. Every method throws `RedisFailure`, or `CancellationError` when
/// the caller's task is cancelled meanwhile.
protocol KeyStore: Sendable {
    /// Values in the order of their keys.
    func get(_ keys: [String]) async throws -> [[UInt8]?]
    func set(_ key: String, _ value: [UInt8], expiry: Int?) async throws
    /// Sets values that do not expire.
    func set(_ entries: [(key: String, value: [UInt8])]) async throws
    /// - Returns: Whether there was none before.
    func setIfAbsent(_ key: String, _ value: [UInt8], expiry: Int) async throws -> Bool
    /// - Returns: Whether there is such a key.
    func expire(_ key: String, _ expiry: Int) async throws -> Bool
    /// - Returns: Those that there were.
    func delete(_ keys: [String]) async throws -> Set<ByteKey>
    /// Names that fit a pattern of Redis, each once.
    func keys(matching pattern: String, count: Int) async throws -> [String]
    func push(_ key: String, _ item: [UInt8]) async throws
    func pop(_ key: String) async throws -> [UInt8]?
    func length(_ key: String) async throws -> Int

    /// Removes a key that somebody else's value is not under.
    ///
    /// - Returns: `false` when there is somebody else's.
    func deleteUnlessOther(_ key: String, _ value: [UInt8]) async throws -> Bool
    /// Gives a key more time if the value is still there.
    ///
    /// - Returns: Whether it is. Throws when nobody knows in time.
    func renew(_ key: String, _ value: [UInt8], expiry: Int, timeout: Int) async throws -> Bool
    /// Takes a lock whose counter lies beside it; repeated with the same value it takes it again.
    ///
    /// - Returns: The fencing token, or `nil` when the lock is somebody else's.
    func acquire(_ key: String, counter: String, _ value: [UInt8], expiry: Int) async throws -> Int?
}

extension KeyStore {
    func get(_ key: String) async throws -> [UInt8]? { try await get([key])[0] }
    func delete(_ key: String) async throws -> Bool { try await delete([key]).contains(ByteKey(key)) }
}
