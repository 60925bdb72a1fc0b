// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Commands on their way from other threads to an event loop, which is woken once for many.
struct BatchInbox: ~Copyable, Sendable {
    private let batches = Mutex<[RedisBatch]>([])

    /// - Returns: Whether the loop has to be woken.
    func put(_ batch: RedisBatch) -> Bool {
        batches.withLock { batches in
            batches.append(batch)
            return batches.count == 1
        }
    }

    /// What has come since the last time, in its order.
    func takeAll() -> [RedisBatch] {
        batches.withLock { batches in
            defer { batches = [] }
            return batches
        }
    }
}
