// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import HeroTasks

@Suite("what other programs are told about workers")
struct WorkerBookTests {
    private func run(_ slot: Int, since: Int) -> (slot: Int, job: HeldJob, since: Int) {
        (slot, HeldJob(number: slot, queue: "q", payload: []), since)
    }

    @Test("is which there are, and what runs for longer than a tick; each change once")
    func steps() {
        var book = WorkerBook()
        let tick = WorkerBook.tick
        var step = book.step(slots: 2, running: [run(1, since: 0)], now: 1)
        #expect(step.register == [1, 2] && step.working.isEmpty)
        #expect(book.isWaiting(for: [run(1, since: 0)]))
        step = book.step(slots: 2, running: [run(1, since: 0)], now: tick)
        #expect(step.working.map(\.slot) == [1] && step.register.isEmpty)
        #expect(book.step(slots: 2, running: [run(1, since: 0)], now: 2 * tick).isEmpty)
        #expect(!book.isWaiting(for: [run(1, since: 0)]))
        // The next job of the same worker has not run for long.
        book.ended(1, .done)
        step = book.step(slots: 2, running: [run(1, since: 2 * tick)], now: 2 * tick + 1)
        #expect(step.idle == [1] && step.working.isEmpty)
        #expect(step.counts.map(\.processed) == [1] && step.counts.map(\.failed) == [0])
        #expect(book.step(slots: 2, running: [], now: 3 * tick).isEmpty)
    }

    @Test("a worker that is one too many is there until its job has ended, and nothing is left of it then")
    func shrinks() {
        var book = WorkerBook()
        _ = book.step(slots: 3, running: [run(3, since: 0)], now: WorkerBook.tick)
        var step = book.step(slots: 1, running: [run(3, since: 0)], now: WorkerBook.tick)
        #expect(step.unregister == [2] && step.idle.isEmpty)
        book.ended(3, .retry(milliseconds: 1))
        step = book.step(slots: 1, running: [], now: WorkerBook.tick)
        #expect(step.unregister == [3] && step.idle.isEmpty && step.counts.isEmpty)
        book.forget()
        #expect(book.step(slots: 1, running: [], now: WorkerBook.tick).register == [1])
    }

    @Test("a worker that may be in Redis, since nobody has heard how it was written, is removed with the others")
    func doubts() {
        var book = WorkerBook()
        _ = book.step(slots: 2, running: [], now: 0)
        book.forget()
        #expect(book.known == [1, 2])
        let step = book.step(slots: 1, running: [], now: 0)
        #expect(step.register == [1] && step.unregister == [2])
        #expect(book.known == [1])
    }

    @Test("a lease is valid until its deadline for whoever asks, and never again after its end")
    func lease() {
        let flag = LeaseFlag()
        #expect(flag.isValid)
        flag.lasts(until: 1)
        #expect(!flag.isValid, "its deadline is over although nobody has ended it")
        flag.lasts(until: .max)
        #expect(flag.isValid)
        flag.end()
        flag.lasts(until: .max)
        #expect(!flag.isValid)
    }
}
