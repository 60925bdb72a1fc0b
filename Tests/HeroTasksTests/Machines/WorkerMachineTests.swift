// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroTasks

@Suite("the machine of a process' workers")
struct WorkerMachineTests {
    private static let millisecond = 1_000_000
    private static let second = 1_000_000_000

    /// A process with some workers, whose lease has begun.
    private func rig(
        _ redis: inout FakeJobs, queues: [String] = ["a", "b"], slots: Int = 2,
        settings: WorkerSettings = WorkerSettings()
    ) -> WorkerRig {
        var rig = WorkerRig(name: "p", settings: settings, queues: queues)
        rig.take(rig.machine.begin(now: 0))
        rig.take(rig.machine.resize(to: slots, now: 0))
        rig.settle(&redis, now: 0)
        return rig
    }

    private func jobs(_ names: String...) -> [[UInt8]] { names.map { Array($0.utf8) } }
    private func running(_ rig: WorkerRig) -> [String] {
        rig.runs.sorted { $0.key.number < $1.key.number }.map { String(decoding: $0.value.payload, as: UTF8.self) }
    }

    @Test("takes as many jobs as it has workers, from the first queue that has some")
    func strictOrder() {
        var redis = FakeJobs()
        redis.queues = ["a": jobs("a1"), "b": jobs("b1", "b2")]
        var rig = rig(&redis)
        #expect(running(rig) == ["a1", "b1"])
        redis.queues["a"] = jobs("a2")
        rig.finish(RunKey(era: 1, number: 1), now: Self.millisecond)
        rig.settle(&redis, now: Self.millisecond)
        #expect(running(rig) == ["b1", "a2"])
        #expect(redis.done == jobs("a1"))
    }

    @Test("finishes and claims in one turn, and has one turn at a time")
    func turns() {
        var redis = FakeJobs()
        redis.queues = ["a": jobs("1", "2", "3", "4", "5")]
        var rig = rig(&redis, slots: 3)
        rig.turns = []
        for number in 1...3 { rig.finish(RunKey(era: 1, number: number), now: 1000) }
        // The first outcome was sent at once; those behind it wait for its answer.
        #expect(rig.turns.map(\.finish.count) == [1])
        rig.settle(&redis, now: 2000)
        #expect(rig.turns.prefix(2).map(\.finish.count) == [1, 2])
        #expect(running(rig) == ["4", "5"])
        #expect(rig.violations == [])
    }

    @Test("repeats a turn whose reply was lost, with the same numbers, and loses nothing")
    func lostReply() {
        var redis = FakeJobs()
        var rig = rig(&redis)
        redis.queues = ["a": jobs("1", "2", "3")]
        rig.take(rig.machine.woken(now: 0))
        rig.answer(0, &redis, now: 0, .lostReply)
        #expect(running(rig) == [] && redis.held["p~1"]?.count == 2)
        // Not at once.
        #expect(rig.pending == [])
        rig.take(rig.machine.tick(now: 50 * Self.millisecond))
        #expect(
            rig.turns.suffix(2).map(\.claim?.first) == [rig.turns.last?.claim?.first, rig.turns.last?.claim?.first])
        rig.settle(&redis, now: 50 * Self.millisecond)
        #expect(running(rig) == ["1", "2"])
    }

    @Test("with an empty queue it is woken, or polls")
    func idle() {
        var redis = FakeJobs()
        var rig = rig(&redis)
        #expect(rig.watched == [["a", "b"]])
        #expect(rig.machine.wakeUp == 100 * Self.millisecond)
        rig.machine.watching(true, now: 0)
        #expect(rig.machine.wakeUp == Self.second)
        redis.queues = ["b": jobs("1")]
        rig.take(rig.machine.woken(now: Self.millisecond))
        rig.settle(&redis, now: Self.millisecond)
        #expect(running(rig) == ["1"])
    }

    @Test("who is woken in vain polls for a while, as a paused queue would wake it again and again")
    func wokenInVain() {
        var redis = FakeJobs()
        redis.paused = ["a"]
        redis.queues = ["a": jobs("1")]
        var rig = rig(&redis)
        rig.machine.watching(true, now: 0)
        rig.watched = []
        rig.take(rig.machine.woken(now: Self.second))
        rig.settle(&redis, now: Self.second)
        #expect(rig.watched == [])
        #expect(rig.machine.wakeUp == Self.second + 100 * Self.millisecond)
    }

    @Test("a lost lease cancels everything, drops the results, and the process goes on as a new owner")
    func lostLease() {
        var redis = FakeJobs()
        redis.queues = ["a": jobs("1", "2")]
        var rig = rig(&redis)
        redis.reap("p~1", isProven: true)
        let key = RunKey(era: 1, number: 1)
        #expect(rig.machine.isLeaseValid(key, now: Self.second))
        rig.take(rig.machine.tick(now: 10 * Self.second))
        rig.answer(0, &redis, now: 10 * Self.second)
        #expect(rig.cancelled == [key: .leaseLost, RunKey(era: 1, number: 2): .leaseLost])
        #expect(!rig.machine.isLeaseValid(key, now: Self.second))
        rig.finish(key, now: 10 * Self.second)
        rig.settle(&redis, now: 10 * Self.second)
        #expect(redis.done == [])
        // One of the two still occupies its worker.
        #expect(running(rig).count == 2 && rig.runs.keys.contains { $0.era == 2 })
    }

    @Test("without an answer of Redis it gives its lease up one interval before its end")
    func ownDeadline() {
        var redis = FakeJobs()
        redis.queues = ["a": jobs("1")]
        var rig = rig(&redis)
        var now = 0
        while rig.cancelled.isEmpty, let wakeUp = rig.machine.wakeUp, now < 60 * Self.second {
            now = wakeUp
            rig.take(rig.machine.tick(now: now))
            while let index = rig.pending.firstIndex(where: { _ in true }) {
                rig.answer(index, &redis, now: now, .lostRequest)
            }
        }
        #expect(now == 20 * Self.second)
        #expect(rig.notes.contains(.leaseLost(isOwn: true, runs: 1, results: 0)))
    }

    @Test("what Redis does not hold any more is cancelled, and what only Redis holds goes back, as after a failover")
    func reconciliation() {
        var redis = FakeJobs()
        redis.queues = ["a": jobs("1", "2")]
        var rig = rig(&redis)
        let forgotten = redis.held["p~1"]?.removeValue(forKey: 1)
        redis.held["p~1"]?[0] = PackedJob(queue: "b", payload: Array("lost".utf8))
        #expect(forgotten != nil)
        redis.paused = ["b"]
        rig.take(rig.machine.tick(now: 10 * Self.second))
        rig.settle(&redis, now: 10 * Self.second)
        #expect(rig.cancelled == [RunKey(era: 1, number: 1): .notHeld])
        // An outcome as others, which waits for company while no worker is free.
        rig.take(rig.machine.tick(now: 10_010 * Self.millisecond))
        rig.settle(&redis, now: 10_010 * Self.millisecond)
        #expect(redis.queues["b"] == jobs("lost"))
        rig.finish(RunKey(era: 1, number: 1), now: 10 * Self.second)
        rig.settle(&redis, now: 10 * Self.second)
        #expect(redis.done == [])
    }

    @Test("suspects start one at a time, each after its mark, and do not keep others from running")
    func suspects() {
        var redis = FakeJobs()
        for name in ["s1", "s2"] { redis.crashes[Array(name.utf8)] = 1 }
        redis.queues = ["a": jobs("s1", "s2", "1", "2")]
        var rig = rig(&redis, slots: 4)
        #expect(running(rig) == ["s1", "1", "2"])
        #expect(redis.marked["p~1"] == [1])
        rig.finish(RunKey(era: 1, number: 1), now: Self.millisecond)
        rig.settle(&redis, now: Self.millisecond)
        #expect(redis.marked["p~1"] == [2])
        #expect(running(rig).contains("s2"))
    }

    @Test("the next suspect also starts when one has run for five seconds")
    func slowSuspect() {
        var redis = FakeJobs()
        for name in ["s1", "s2"] { redis.crashes[Array(name.utf8)] = 1 }
        redis.queues = ["a": jobs("s1")]
        var rig = rig(&redis, slots: 4)
        redis.queues = ["a": jobs("s2")]
        rig.take(rig.machine.woken(now: 4 * Self.second))
        rig.settle(&redis, now: 4 * Self.second)
        #expect(running(rig) == ["s1"])
        rig.take(rig.machine.tick(now: 5 * Self.second))
        rig.settle(&redis, now: 5 * Self.second)
        #expect(running(rig) == ["s1", "s2"])
        #expect(redis.marked["p~1"]?.count == 2)
    }

    @Test("short jobs are fetched before there is a worker for them, long ones and large ones are not")
    func prefetch() {
        let settings = WorkerSettings()
        var pace = RunPace()
        #expect(pace.prefetch(slots: 10, settings) == 0)
        pace.ran(for: 20 * Self.millisecond)
        #expect(pace.prefetch(slots: 10, settings) == 10)
        pace.ran(for: 21 * 16 * Self.millisecond)
        #expect(pace.prefetch(slots: 10, settings) == 0)
        pace = RunPace()
        pace.ran(for: 1000)
        #expect(pace.prefetch(slots: 10, settings) == 50)
        pace.fetched(65_537)
        #expect(pace.prefetch(slots: 10, settings) == 0)
    }

    @Test("what was fetched and has not started after a second goes back, and at once when its queue is paused")
    func givesBack() {
        for isPaused in [false, true] {
            var redis = FakeJobs()
            redis.queues = ["a": jobs("0")]
            var rig = rig(&redis, slots: 1)
            redis.queues = ["a": jobs("1", "2", "3", "4")]
            rig.finish(RunKey(era: 1, number: 1), now: 1000)
            rig.settle(&redis, now: 1000)
            #expect(running(rig) == ["1"] && rig.machine.heldCount == 4)
            redis.paused = ["a"]
            rig.take(rig.machine.tick(now: 500 * Self.millisecond))
            #expect(rig.machine.heldCount == 4)
            if isPaused {
                rig.take(rig.machine.paused(["a"], now: 600 * Self.millisecond))
                rig.take(rig.machine.tick(now: 620 * Self.millisecond))
            } else {
                rig.take(rig.machine.tick(now: 1001 * Self.millisecond))
                rig.take(rig.machine.tick(now: 1020 * Self.millisecond))
            }
            rig.settle(&redis, now: 1100 * Self.millisecond)
            #expect(redis.queues["a"] == jobs("2", "3", "4"), "in their order")
        }
    }

    @Test("a queue of another type is left out, and the others go on")
    func badQueue() {
        var redis = FakeJobs()
        redis.badQueues = ["a"]
        redis.queues = ["b": jobs("1")]
        let rig = rig(&redis)
        #expect(running(rig) == ["1"])
        #expect(rig.notes.contains(.badQueue("a", "WRONGTYPE of key")))
    }

    @Test("more than a hundred queues are asked in several claims, and strictly in order")
    func manyQueues() {
        var redis = FakeJobs()
        let names = (100..<350).map { "q\($0)" }
        redis.queues = ["q300": jobs("1")]
        var rig = rig(&redis, queues: names, slots: 1)
        #expect(running(rig) == ["1"])
        #expect(rig.turns.compactMap(\.claim).allSatisfy { $0.queues.count <= 100 })
        redis.queues = ["q300": jobs("3"), "q100": jobs("2")]
        rig.finish(RunKey(era: 1, number: 3), now: 1000)
        rig.settle(&redis, now: 200 * Self.millisecond)
        rig.take(rig.machine.tick(now: 200 * Self.millisecond))
        rig.settle(&redis, now: 200 * Self.millisecond)
        #expect(running(rig) == ["2"])
    }

    @Test("stops by giving back what has not started, waiting for what runs, and saying farewell")
    func stops() {
        var redis = FakeJobs()
        redis.queues = ["a": jobs("1", "2", "3")]
        var rig = rig(&redis)
        rig.take(rig.machine.stop(within: 5 * Self.second, now: 0))
        rig.settle(&redis, now: 0)
        #expect(rig.end == nil && redis.queues["a"] == jobs("3"))
        for number in 1...2 { rig.finish(RunKey(era: 1, number: number), now: Self.second) }
        rig.settle(&redis, now: Self.second)
        #expect(rig.end == true)
        #expect(redis.done == jobs("1", "2") && redis.gone == ["p~1"])
    }

    @Test("at the stop's limit jobs are told to end and go back to the heads of their queues, not counted as failures")
    func interrupts() {
        var redis = FakeJobs()
        redis.queues = ["a": jobs("1", "2", "3")]
        var rig = rig(&redis)
        rig.take(rig.machine.stop(within: 5 * Self.second, now: 0))
        rig.settle(&redis, now: 0)
        rig.take(rig.machine.tick(now: 5 * Self.second))
        #expect(rig.cancelled.values.allSatisfy { $0 == .stopping } && rig.cancelled.count == 2)
        // The one throws since it was cancelled, the other does not listen.
        rig.finish(RunKey(era: 1, number: 1), .retry(milliseconds: 5), now: 5 * Self.second)
        rig.settle(&redis, now: 5 * Self.second)
        rig.take(rig.machine.tick(now: 6 * Self.second))
        rig.settle(&redis, now: 6 * Self.second)
        #expect(rig.end == true)
        #expect(Set(redis.queues["a"] ?? []) == Set(jobs("1", "2", "3")) && redis.retry.isEmpty)
        let abandoned = rig.notes.compactMap { if case .abandoned(let jobs) = $0 { jobs.map(\.number) } else { nil } }
        #expect(abandoned == [[2]])
    }

    @Test("a stop ends although Redis is away")
    func stopsAlone() {
        var redis = FakeJobs()
        redis.queues = ["a": jobs("1")]
        var rig = rig(&redis)
        var now = Self.second
        rig.take(rig.machine.stop(within: 5 * Self.second, now: now))
        rig.finish(RunKey(era: 1, number: 1), now: now)
        while rig.end == nil, let wakeUp = rig.machine.wakeUp, now < 60 * Self.second {
            while !rig.pending.isEmpty { rig.answer(0, &redis, now: now, .lostRequest) }
            now = max(now, wakeUp)
            rig.take(rig.machine.tick(now: now))
        }
        #expect(rig.end == false && now <= 11 * Self.second)
    }

    @Test("nothing is lost and no number is used twice, whatever fails and dies", arguments: 1...8)
    func model(seed: UInt64) {
        var model = WorkerModel(seed: seed)
        for _ in 0..<1000 where model.violations.isEmpty { model.step() }
        if model.violations.isEmpty { model.calm() }
        #expect(model.violations == [])
        #expect(model.left == 0, "\(model.state)")
    }

    @Test("without work it asks for the list of queues once a second, and at once when it hears of a new one")
    func lists() {
        var machine = WorkerMachine(queues: QueueOrder(["*"]), seed: 1)
        _ = machine.begin(now: 0)
        var asked = 0
        func take(_ actions: [WorkerAction]) -> Bool {
            let isAsked = actions.contains(.listQueues)
            asked += isAsked ? 1 : 0
            return isAsked
        }
        if take(machine.started(era: 1, isOwner: true, now: 0)) { _ = machine.listed([], now: 0) }
        _ = machine.resize(to: 1, now: 0)
        for step in 1...100 {
            let now = step * 100_000_000
            if take(machine.tick(now: now)) { _ = machine.listed([], now: now) }
        }
        #expect((10...12).contains(asked))
        let now = 10_050_000_000
        #expect(take(machine.heardOfQueue(now: now)))
        #expect(!take(machine.heardOfQueue(now: now)), "one list at a time")
        // That one may be older than the second word.
        #expect(take(machine.listed(["a"], now: now)))
        #expect(!take(machine.listed(["a", "b"], now: now)))
    }
}
