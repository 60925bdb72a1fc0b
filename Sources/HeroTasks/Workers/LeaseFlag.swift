// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// Whether a lease holds, where jobs of any thread look: it has a deadline also when the loop is too busy to end it.
final class LeaseFlag: Sendable {
    /// Nanoseconds of the loop's clock; 0 when it has ended.
    private let deadline = Atomic<Int>(Int.max)

    var isValid: Bool {
        deadline.load(ordering: .acquiring) > Int(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds)
    }

    /// Ended is ended: an end is never taken back.
    func lasts(until time: Int) {
        var old = deadline.load(ordering: .acquiring)
        while old != 0, old != time {
            let result = deadline.weakCompareExchange(
                expected: old, desired: time, ordering: .acquiringAndReleasing)
            if result.exchanged { return }
            old = result.original
        }
    }

    func end() { deadline.store(0, ordering: .releasing) }
}
