// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Dispatch
internal import NIOCore

/// Gives memory back that a crowd of clients has needed and nobody needs any more.
///
/// Once a minute while there are clients, and when the last has left: it takes milliseconds after a crowd and next to
/// nothing otherwise, on a thread of its own.
struct MemoryReturn {
    private var last = NIODeadline.now()
    private static let interval = TimeAmount.minutes(1)
    private static let queue = DispatchQueue(label: "actionhero.memory", qos: .utility)

    mutating func sweep(_ now: NIODeadline) {
        guard now - last >= Self.interval else { return }
        giveBack(now)
    }

    /// The last client has left.
    mutating func becameIdle() {
        let now = NIODeadline.now()
        // One client after the other, each with a connection of its own, is not worth it each time.
        guard now - last >= .seconds(2) else { return }
        giveBack(now)
    }

    private mutating func giveBack(_ now: NIODeadline) {
        last = now
        Self.queue.async { hero_trim_memory() }
    }
}
