// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Commands that wait for a connection, in the order in which they are sent when there is one.
struct OfflineQueue {
    /// Were on a connection already, and so come first.
    private var returned = CircularBuffer<RedisSlot>()
    private var waiting = CircularBuffer<RedisSlot>()
    private var bytes = 0
    private let limits: ConnectionMachine<RedisWaiter>.Limits
    /// The earliest deadline; may be too early, never too late.
    private(set) var earliest = Int.max

    init(limits: ConnectionMachine<RedisWaiter>.Limits) { self.limits = limits }

    var count: Int { returned.count + waiting.count }
    var isEmpty: Bool { count == 0 }

    /// - Returns: Why the batch is not taken; `nil` when it is.
    mutating func append(_ batch: RedisBatch) -> RedisError? {
        var size = 0
        for index in 0..<batch.count { size += batch.bytes(index) }
        let refusal = ConnectionMachine<RedisWaiter>.refusal(
            batch.commands.count, size, waiting: count, waitingBytes: bytes, limits)
        if let refusal { return refusal }
        for slot in (0..<batch.count).map({ RedisSlot(batch, $0) }) {
            waiting.append(slot)
            count(slot)
        }
        return nil
    }

    /// Takes back what was sent, in the order in which it was; without a limit, since its connection had one.
    mutating func putBack(_ slot: RedisSlot) {
        returned.append(slot)
        count(slot)
    }

    private mutating func count(_ slot: RedisSlot) {
        bytes += slot.bytes
        earliest = min(earliest, slot.deadline)
    }

    mutating func popFirst() -> RedisSlot? {
        guard let slot = returned.popFirst() ?? waiting.popFirst() else { return nil }
        bytes -= slot.bytes
        return slot
    }

    /// Removes those that have waited long enough.
    mutating func expire(now: Int) -> [RedisSlot] {
        guard now >= earliest else { return [] }
        let expired = Self.expire(&returned, now) + Self.expire(&waiting, now)
        for slot in expired { bytes -= slot.bytes }
        earliest = (returned.lazy.map(\.deadline) + waiting.lazy.map(\.deadline)).min() ?? .max
        return expired
    }

    private static func expire(_ queue: inout CircularBuffer<RedisSlot>, _ now: Int) -> [RedisSlot] {
        let expired = Array(queue.filter { $0.deadline <= now })
        if !expired.isEmpty { queue.removeAll(where: { $0.deadline <= now }) }
        return expired
    }
}
