// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc

/// What the keys of TLS session tickets are made from: known to the processes of one cluster, kept in memory only, and
/// another one every twelve hours.
///
/// Each follows from the one before it, and not the other way round, so whoever reads the memory of a process learns
/// nothing about connections of earlier periods.
package struct TicketSeed: Sendable, Hashable {
    package static let periodSeconds = 12 * 3600
    /// More than three years of periods; a clock that jumps further begins anew.
    private static let longestChain: UInt32 = 2400

    /// Counts periods since 1970.
    package private(set) var period: UInt32
    private(set) var bytes: [UInt8]

    init(period: UInt32, bytes: [UInt8]) {
        (self.period, self.bytes) = (period, bytes)
    }

    /// A fresh one.
    package init() {
        period = Self.now
        bytes = [UInt8](repeating: 0, count: 32)
        _ = hero_random(&bytes, bytes.count)
    }

    package static var now: UInt32 { UInt32(clamping: time(nil) / periodSeconds) }

    /// - Parameter now: The period; an earlier one changes nothing.
    package mutating func advance(to now: UInt32) {
        guard now > period else { return }
        let steps = now - period
        for _ in 0..<min(steps, Self.longestChain) { bytes = SHA256.digest(bytes + Array("next".utf8)) }
        period = now
    }

    /// As many bytes as OpenSSL wants for a name, a key of the code and one of the cipher.
    package func keys(_ count: Int) -> [UInt8] {
        var keys: [UInt8] = []
        var block: UInt8 = 0
        while keys.count < count {
            keys += SHA256.digest(bytes + Array("ticket".utf8) + [block])
            block += 1
        }
        return Array(keys.prefix(count))
    }
}

extension WorkerBoard {
    /// Puts the seed of this period there; for the master, which alone does so.
    package func rotateTickets(at now: UInt32 = TicketSeed.now) {
        var seed = ticketSeed() ?? TicketSeed()
        let isNew = ticketSeed() == nil
        guard isNew || now > seed.period else { return }
        seed.advance(to: now)
        let (period, words) = (numbers(.ticketPeriod), numbers(.ticketSeed))
        // Whoever reads meanwhile sees a period of 0 and asks again.
        period.storeInOrder(0, 0)
        for position in 0..<min(words.count, 8) {
            let word = seed.bytes[position * 4..<position * 4 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            words.storeInOrder(word, position)
        }
        period.storeInOrder(seed.period, 0)
    }

    /// - Returns: `nil` when the master has put none there.
    package func ticketSeed() -> TicketSeed? {
        let (place, field) = (numbers(.ticketPeriod), numbers(.ticketSeed))
        for _ in 0..<1000 {
            let period = place.loadInOrder(0)
            let words = (0..<8).map { field.loadInOrder($0) }
            guard period == place.loadInOrder(0) else { continue }
            if period == 0 {
                if words.allSatisfy({ $0 == 0 }) { return nil }
                sched_yield()
                continue
            }
            let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
            return TicketSeed(period: period, bytes: bytes)
        }
        return nil
    }
}
