// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Where a `SCAN` through all primaries of a Redis Cluster is.
///
/// As text the node's own cursor, a dash, and the number of the primary in the sorted list of primaries, so that it can
/// go through a client, as the cursor of one server does. When the list changes between two steps, keys may be missing
/// or come twice, which also holds for a slot that moves.
package struct ScanCursor: Sendable, Hashable {
    package let shard: Int
    package let cursor: String

    package init(shard: Int, cursor: String) {
        self.shard = shard
        self.cursor = cursor
    }

    /// - Parameter text: `0` begins.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count <= 2, UInt64(parts[0]) != nil, let shard = parts.count == 2 ? Int(parts[1]) : 0, shard >= 0
        else { return nil }
        self.init(shard: shard, cursor: String(parts[0]))
    }

    /// What follows a node's answer.
    ///
    /// - Parameters:
    ///   - reply: The node's cursor.
    ///   - count: How many primaries there are.
    /// - Returns: The text of the cursor to go on with; `0` when all is done.
    package func next(after reply: String, of count: Int) -> String {
        if reply != "0" { return shard == 0 ? reply : "\(reply)-\(shard)" }
        return shard + 1 < count ? "0-\(shard + 1)" : "0"
    }
}
