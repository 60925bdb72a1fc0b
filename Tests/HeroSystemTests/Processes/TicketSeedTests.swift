// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroSystem
import Testing

@Suite("seeds of session tickets")
struct TicketSeedTests {
    @Test("give the same keys to whoever has them in a period, and others in the next")
    func advance() {
        var seed = TicketSeed()
        let (first, period) = (seed.keys(80), seed.period)
        #expect(first.count == 80 && first == seed.keys(80) && first != TicketSeed().keys(80))
        var late = seed
        seed.advance(to: period + 1)
        #expect(seed.keys(80) != first && seed.period == period + 1)
        seed.advance(to: period + 3)
        late.advance(to: period + 3)
        #expect(seed == late)
        // A clock that was put back does not bring back a key that is over.
        seed.advance(to: period)
        #expect(seed == late)
    }

    @Test("are on the board of a cluster, and survive the slot that they stand in")
    func board() throws {
        let board = try #require(WorkerBoard())
        #expect(board.ticketSeed() == nil)
        board.rotateTickets(at: TicketSeed.now)
        let first = try #require(board.ticketSeed())
        for number in 0..<board.slotCount { board.slot(number).clear() }
        board.rotateTickets(at: TicketSeed.now)
        #expect(board.ticketSeed() == first)
        board.rotateTickets(at: first.period + 1)
        var next = first
        next.advance(to: first.period + 1)
        #expect(board.ticketSeed() == next)
    }
}
