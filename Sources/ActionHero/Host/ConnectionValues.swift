// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What an application has set on one connection.
///
/// Bounded, because all of it travels with each description of the connection to other processes.
package struct ConnectionValues: Sendable {
    /// Bytes of all names and of all values as JSON.
    package static let limitBytes = 65_536

    /// What the framework knows about every connection, in the reference's words.
    package static let reserved: Set<String> = [
        "type", "id", "fingerprint", "remotePort", "remoteIP", "connectedAt", "rooms", "pendingActions", "totalActions",
        "canChat", "destroyed",
    ]

    package private(set) var all = JSON.Object()
    private var bytes = 0

    package init() {}

    /// Sets a value.
    ///
    /// - Parameters:
    ///   - name: Not one of ``reserved``.
    ///   - value: `null` removes it.
    /// - Throws: `ActionError`, `ConnectionError` when it does not fit; nothing has changed then.
    package mutating func set(_ name: String, _ value: JSON) throws {
        guard !Self.reserved.contains(name) else {
            throw ActionError("\(name) is known about every connection and cannot be set; choose another name")
        }
        let others = bytes - (all[name].map { Self.size(name, $0) } ?? 0)
        guard value != .null else {
            (all[name], bytes) = (nil, others)
            return
        }
        let size = Self.size(name, value)
        guard size <= Self.limitBytes - others else {
            throw ConnectionError.valuesFull(held: others, value: size, limit: Self.limitBytes)
        }
        (all[name], bytes) = (value, others + size)
    }

    private static func size(_ name: String, _ value: JSON) -> Int {
        name.utf8.count + value.description.utf8.count
    }
}
