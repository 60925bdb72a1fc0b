// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A value that was in the cache.
///
/// Encoded as `key`, `value` and `createdAt`.
public struct CacheEntry<Value> {
    /// The key under which it was saved, without prefix.
    public let key: String
    /// The value.
    public let value: Value
    /// When it was saved, in milliseconds since 1970; 0 when whoever saved it did not say.
    public let createdAtMilliseconds: Int

    init(key: String, value: Value, createdAtMilliseconds: Int) {
        self.key = key
        self.value = value
        self.createdAtMilliseconds = createdAtMilliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case key, value
        case createdAtMilliseconds = "createdAt"
    }
}

extension CacheEntry: Sendable where Value: Sendable {}

extension CacheEntry: Encodable where Value: Encodable {}
