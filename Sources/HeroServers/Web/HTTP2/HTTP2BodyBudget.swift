// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOHTTP2

/// How much of the bodies of a connection's requests is in memory.
///
/// Once they are many, only the oldest of them may go on: one body has a limit of its own, so it will end, and the others
/// wait for it. Without that a client could have as many bodies of full size as requests.
struct HTTP2BodyBudget {
    private let bytes: Int
    private var held: [HTTP2StreamID: Int] = [:]
    /// In the order in which their bodies began.
    private var order: [HTTP2StreamID] = []
    private var total = 0

    /// - Parameter bytes: What all bodies may take before they wait for each other.
    init(bytes: Int) {
        self.bytes = bytes
    }

    /// - Returns: Those of which more may be sent now, because less is in memory.
    mutating func set(_ count: Int, _ id: HTTP2StreamID) -> [HTTP2StreamID] {
        let before = held.updateValue(count, forKey: id)
        if before == nil { order.append(id) }
        let wasFull = total > bytes
        total += count - (before ?? 0)
        return wasFull && total <= bytes ? order : []
    }

    /// Whether the client may send more of this body.
    func mayReceive(_ id: HTTP2StreamID) -> Bool { total <= bytes || order.first == id }

    /// Forgets a body.
    ///
    /// - Returns: Those of which more may be sent from now on.
    mutating func remove(_ id: HTTP2StreamID) -> [HTTP2StreamID] {
        guard let count = held.removeValue(forKey: id) else { return [] }
        total -= count
        order.removeAll { $0 == id }
        return total <= bytes ? order : Array(order.prefix(1))
    }
}
