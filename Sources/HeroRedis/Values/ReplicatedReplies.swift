// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Replies to a transaction, and how many replicas have it.
package struct ReplicatedReplies: Sendable, Hashable {
    package let values: [RESPValue]
    /// What `WAIT` has answered.
    package let replicas: Int
}
