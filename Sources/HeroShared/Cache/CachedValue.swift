// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// What lies under a key of the cache.
struct CachedValue {
    let value: JSON
    /// Milliseconds since 1970; 0 when it is not known.
    let createdAt: Int
    /// Milliseconds since 1970; version 19 of the reference writes it.
    let expiresAt: Int?

    /// `nil` for what no cache has written.
    init?(_ bytes: [UInt8]) {
        guard let object = try? JSON(parsing: bytes).objectValue else { return nil }
        value = object["value"] ?? .null
        createdAt = object["createdAt"]?.intValue ?? 0
        expiresAt = object["expireTimestamp"]?.doubleValue.flatMap { Int(exactly: $0.rounded()) }
    }
}
