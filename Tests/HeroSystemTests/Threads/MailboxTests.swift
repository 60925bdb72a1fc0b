// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroSystem
import Testing

@Suite("A mailbox")
struct MailboxTests {
    private enum Word: Hashable, Sendable {
        case again
        case once(Int)

        var isRepeatable: Bool { self == .again }
    }

    @Test("what is repeated without end pushes nothing out")
    func storm() async {
        let box = Mailbox<Word>(limit: 4) { $0.isRepeatable }
        for number in 0..<3 {
            for _ in 0..<1000 { #expect(box.add(.again)) }
            #expect(box.add(.once(number)))
        }
        box.close()
        #expect(await box.elements.reduce(into: []) { $0.append($1) } == [.again, .once(0), .once(1), .once(2)])
    }

    @Test("what has been taken may come again")
    func again() async {
        let box = Mailbox<Word>(limit: 4) { $0.isRepeatable }
        var elements = box.elements.makeAsyncIterator()
        for _ in 0..<3 {
            box.add(.again)
            #expect(await elements.next() == .again)
        }
    }

    @Test("what counts each time is kept each time, up to the bound")
    func bound() async {
        let box = Mailbox<Word>(limit: 2) { $0.isRepeatable }
        #expect(box.add(.once(1)) && box.add(.once(1)))
        #expect(!box.add(.once(1)) && !box.add(.again))
        box.close()
        #expect(!box.add(.once(2)))
        #expect(await box.elements.reduce(into: []) { $0.append($1) } == [.once(1), .once(1)])
    }

    @Test("a taker that waits is woken, and is let go when it is cancelled")
    func waiting() async {
        let box = Mailbox<Word>(limit: 2) { $0.isRepeatable }
        async let first = box.elements.first { _ in true }
        box.add(.once(7))
        #expect(await first == .once(7))
        let waiting = Task { await box.elements.first { _ in true } }
        waiting.cancel()
        #expect(await waiting.value == nil)
    }
}
