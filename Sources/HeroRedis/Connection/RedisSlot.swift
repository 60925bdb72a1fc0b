// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One command of a batch, or a transaction as a whole.
package struct RedisSlot: Sendable {
    package let batch: RedisBatch
    package let index: Int

    package init(_ batch: RedisBatch, _ index: Int) {
        self.batch = batch
        self.index = index
    }

    package func settle(_ result: RedisBatch.Outcome) { batch.settle(index, result) }
    package var deadline: Int { batch.deadline(index) }
    package var isRepeatable: Bool { batch.isRepeatable(index) }
    package var name: String { batch.name(index) }
    package var bytes: Int { batch.bytes(index) }
}
