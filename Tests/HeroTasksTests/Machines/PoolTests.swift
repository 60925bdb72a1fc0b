// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroTasks

@Suite("lists of queues")
struct QueueOrderTests {
    private func order(_ texts: [String], known: [String] = []) -> [String] {
        var order = QueueOrder(texts)
        _ = order.list(known)
        var random = SeededRandom(seed: 1)
        return order.next(now: 0, using: &random)
    }

    @Test("are in the order in which they are written, each once")
    func names() { #expect(order(["high", "low", "high"], known: ["other"]) == ["high", "low"]) }

    @Test("have all queues by their names for a star, where it stands")
    func all() {
        #expect(order(["*"], known: ["b", "a", "B"]) == ["B", "a", "b"])
        #expect(order(["z", "*", "a"], known: ["b", "a", "z"]) == ["z", "b", "a"])
        #expect(order([], known: ["b", "a"]) == ["a", "b"])
    }

    @Test("leave out what has an exclamation mark")
    func exceptions() {
        #expect(order(["*", "!b"], known: ["c", "b", "a"]) == ["a", "c"])
        #expect(order(["!b"], known: ["c", "b", "a"]) == ["a", "c"])
        #expect(order(["b", "!b", "a"]) == ["a"])
    }

    @Test("with weights begin with each as often as its weight says, and always name all")
    func weights() {
        var order = QueueOrder(["high,9", "low", "*"])
        _ = order.list(["other"])
        var random = SeededRandom(seed: 7)
        var first: [String: Int] = [:]
        for _ in 0..<1100 {
            let names = order.next(now: 0, using: &random)
            #expect(names.sorted() == ["high", "low", "other"])
            first[names[0], default: 0] += 1
        }
        #expect((800...1000).contains(first["high", default: 0]))
        #expect((50...150).contains(first["low", default: 0]))
    }

    @Test("leave out a bad queue for a while")
    func bad() {
        var order = QueueOrder(["a", "b"])
        var random = SeededRandom(seed: 1)
        order.exclude("a", until: 10)
        #expect(order.count(now: 5) == 1)
        #expect(order.next(now: 5, using: &random) == ["b"])
        #expect(order.next(now: 10, using: &random) == ["a", "b"])
    }

    @Test("are written in records as Resque writes them")
    func records() {
        #expect(QueueOrder(["*"]).text == "*")
        #expect(QueueOrder([]).text == "*")
        #expect(QueueOrder(["high,5", "low"]).text == "high,low")
    }
}

@Suite("the pool of workers")
struct PoolMachineTests {
    @Test("begins after the first look at the loop, grows while more than half are busy, and shrinks below")
    func grows() {
        var pool = PoolMachine(minimum: 1, maximum: 3, mostDelay: 5)
        #expect(pool.check(busy: 0) == .keep)
        pool.measured(delay: 0)
        #expect(pool.check(busy: 0) == .grow)
        #expect(pool.check(busy: 0) == .keep)
        #expect(pool.check(busy: 1) == .grow)
        #expect(pool.check(busy: 1) == .keep)
        #expect(pool.check(busy: 2) == .grow)
        #expect(pool.check(busy: 3) == .keep)
        #expect(pool.check(busy: 1) == .shrink)
        #expect(pool.workers == 2)
    }

    @Test("does not grow while the loop is late, and shrinks to the minimum")
    func blocked() {
        var pool = PoolMachine(minimum: 1, maximum: 10, mostDelay: 5)
        pool.measured(delay: 0)
        for busy in 0..<5 { _ = pool.check(busy: busy) }
        let grown = pool.workers
        #expect(grown > 1)
        pool.measured(delay: 6)
        for _ in 0..<20 { _ = pool.check(busy: 5) }
        #expect(pool.workers == 1)
    }

    @Test("has none without processors, and one where only a maximum is given")
    func bounds() {
        var none = PoolMachine(minimum: 0, maximum: 0, mostDelay: 5)
        none.measured(delay: 0)
        #expect(none.check(busy: 0) == .keep && none.workers == 0)
        #expect(PoolMachine(minimum: 0, maximum: 4, mostDelay: 5).minimum == 1)
        #expect(PoolMachine(minimum: 4, maximum: 2, mostDelay: 5).maximum == 4)
    }
}

@Suite("delays of retries")
struct RetryDelayTests {
    @Test("double from five seconds to an hour, a fifth more or less, ten times")
    func defaults() {
        let delay = RetryDelay()
        var random = SeededRandom(seed: 3)
        for _ in 0..<200 {
            for failures in 0..<10 {
                let middle = min(5000 << failures, 3_600_000)
                let wait = delay.next(failures: failures, using: &random) ?? -1
                #expect(wait >= middle * 8 / 10 && wait <= min(middle * 12 / 10, 3_600_000))
            }
            #expect(delay.next(failures: 10, using: &random) == nil)
        }
    }

    @Test("of odd settings are numbers all the same")
    func odd() {
        var random = SeededRandom(seed: 3)
        var delay = RetryDelay()
        delay.limit = 0
        #expect(delay.next(failures: 0, using: &random) == nil)
        delay.limit = .max
        #expect(delay.next(failures: .max - 1, using: &random).map { $0 <= 3_600_000 } == true)
        (delay.base, delay.factor, delay.jitter, delay.most) = (-5, 0, 9, -1)
        #expect(delay.next(failures: 3, using: &random) == 0)
        (delay.base, delay.factor, delay.jitter, delay.most) = (1, .infinity, 0, 1000)
        #expect(delay.next(failures: 3, using: &random) == 1000)
    }
}
