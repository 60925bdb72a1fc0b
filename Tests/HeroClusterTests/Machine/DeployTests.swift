// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCluster

@Suite("a deploy")
struct DeployTests {
    // MARK: The first start

    @Test("the first start checks, tries one worker, then starts the others one by one")
    func firstStart() {
        var rig = Rig(workers: 3)
        #expect(rig.send(.start).checks == 1)
        #expect(rig.state == "checking")
        rig.checked()
        #expect(rig.state == "candidate")
        #expect(rig.machine.workers.map(\.id) == [1])
        rig.step()
        #expect(rig.servingIDs == [1])
        #expect(rig.machine.workers.map(\.id) == [1, 2])
        rig.step()
        #expect(rig.machine.workers.map(\.id) == [1, 2, 3])
        #expect(!rig.log.contains { $0.contains("equilibrium") })
        rig.step()
        #expect(rig.log.last == "notice: cluster equilibrium state reached with 3 workers")
        #expect(rig.state == "steady")
        #expect(rig.notes.last == .ready("steady: 3 of 3 workers serve generation 1"))
    }

    @Test("a first generation that is refused ends the master with 78 and every problem")
    func firstRefused() {
        var rig = Rig()
        rig.refusal = ["HB101 a", "HB102 b"]
        rig.send(.start)
        let waiting = rig.ask(.reload(wait: true, force: false))
        rig.run()
        #expect(rig.exitCode == 78)
        #expect(rig.log.contains("error: HB101 a") && rig.log.contains("error: HB102 b"))
        #expect(rig.answer(waiting)?.lines == ["deploy rejected: HB101 a\nHB102 b"])
        #expect(rig.send(.tick([:])).actions.isEmpty)
    }

    @Test("a first candidate that says no ends the master with its exit code", arguments: [(78, 78), (1, 1), (0, 1)])
    func firstCandidate(code: Int32, expected: Int32) {
        var rig = Rig()
        rig.send(.start)
        rig.checked()
        let candidate = rig.newest
        rig.send(.worker(serial: candidate, .refused(["the port is taken"])))
        rig.end(candidate, .exit(code))
        #expect(rig.exitCode == expected)
        #expect(rig.log.contains("error: the port is taken"))
    }

    @Test("with no workers wanted, a deploy is checked and the cluster stays ready")
    func noWorkers() {
        var rig = Rig.steady(workers: 1)
        rig.ask(.scale(0))
        rig.run()
        #expect(rig.machine.workers.isEmpty)
        rig.disk = 2
        let client = rig.ask(.reload(wait: true, force: false))
        rig.live(61_000)
        #expect(rig.answer(client)?.isSuccess == true)
        #expect(rig.machine.workers.isEmpty)
        #expect(rig.machine.current == Rig.generation(2))
        #expect(rig.notes.contains { if case .ready = $0 { true } else { false } })
    }

    // MARK: Rejections

    @Test("a generation that is refused changes nothing, says why, and tells who waits")
    func refused() {
        var rig = Rig.steady()
        rig.refusal = ["HB104 actions/x.so: built for SDK 1.4.0"]
        let client = rig.ask(.reload(wait: true, force: false))
        let doings = rig.send(.checked(.refused(rig.refusal ?? [], exitCode: 78)))
        #expect(doings.spawned == [] && doings.stopped == [] && doings.killed == [])
        #expect(rig.state == "rejected")
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.answer(client)?.lines == ["deploy rejected: HB104 actions/x.so: built for SDK 1.4.0"])
        #expect(rig.log.contains("alert: the new generation was refused; generation 1 stays in service"))
        #expect(doings.notes.contains { if case .ready = $0 { true } else { false } }, "RELOADING has an end")
    }

    @Test("a refusal without a word is still a refusal with a reason")
    func noReason() {
        var rig = Rig.steady()
        rig.signal(.user2)
        rig.send(.checked(.refused([], exitCode: 1)))
        #expect(rig.machine.lastRejection == ["no reason is known"])
    }

    @Test("what a candidate says before it ends with 78 is the reason")
    func candidateRefuses() {
        var rig = candidate()
        rig.send(.worker(serial: rig.newest, .refused(["config/web.yml: port must be a number"])))
        rig.end(rig.newest, .exit(78))
        #expect(rig.machine.lastRejection == ["config/web.yml: port must be a number"])
        #expect(rig.servingGenerations == [1, 1])
        #expect(!rig.log.contains { $0.contains("exit code 78") })
    }

    @Test("a candidate that crashes is rejected with what it was doing, its words and its backtrace")
    func candidateCrashes() {
        var rig = candidate()
        rig.send(.worker(serial: rig.newest, .starting))
        rig.send(.worker(serial: rig.newest, .progress("loading bundles")))
        rig.crash(rig.newest)
        #expect(
            rig.machine.lastRejection == ["the worker crashed (loading bundles): Fatal error: boom (HB304)", "0 boom"])
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.state == "rejected")
    }

    @Test("a candidate that crashes late is given time for its last words: it crashed, and was not slow")
    func candidateCrashesSlowly() {
        var rig = candidate()
        let serial = rig.newest
        rig.send(.worker(serial: serial, .starting))
        rig.send(.worker(serial: serial, .progress("loading bundles")))
        rig.pending = []
        rig.pass(29_000)
        rig.send(.crashing(serial: serial))
        rig.pass(34_000)
        #expect(rig.pending.isEmpty)
        rig.pass(1000)
        #expect(rig.pending.compactMap(\.serial) == [serial], "a backtracer that hangs is not waited for")
        rig.crash(serial)
        #expect(rig.machine.lastRejection.first == "the worker crashed (loading bundles): Fatal error: boom (HB304)")
    }

    @Test("a candidate that ends without a word is rejected with its last lines")
    func candidateEnds() {
        var rig = candidate()
        rig.end(rig.newest, .exit(1), lines: ["connection refused"])
        #expect(rig.machine.lastRejection == ["the worker ended with exit code 1 (HB304)", "connection refused"])
    }

    @Test("a candidate that throws is rejected with what it threw")
    func candidateThrows() {
        var rig = candidate()
        rig.send(.worker(serial: rig.newest, .refused(["initializer `database`: no host"])))
        rig.end(rig.newest, .exit(1))
        #expect(rig.machine.lastRejection == ["initializer `database`: no host"])
    }

    @Test("a candidate that is not ready in time is killed, and the reason names what it was doing")
    func candidateHangs() {
        var rig = candidate()
        let serial = rig.newest
        rig.send(.worker(serial: serial, .starting))
        rig.send(.worker(serial: serial, .progress("initializer `database` has not returned from start")))
        rig.pending = []
        rig.pass(29_000)
        #expect(rig.pending.isEmpty)
        rig.pass(1000)
        #expect(rig.pending.compactMap(\.serial) == [serial])
        rig.end(serial, .signal(9))
        #expect(
            rig.machine.lastRejection == [
                "the worker was not ready after 30 s (initializer `database` has not returned from start) (HB305)"
            ])
        #expect(!rig.log.contains { $0.contains("killed by SIGKILL") }, "the master itself did it")
        #expect(rig.servingGenerations == [1, 1])
    }

    @Test("content that only failed as a candidate is tried anew each time")
    func triedAnew() {
        var rig = candidate()
        rig.end(rig.newest, .exit(1))
        rig.signal(.user2)
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
    }

    @Test("a rejection is forgotten with the next deploy that is accepted")
    func forgotten() {
        var rig = candidate()
        rig.end(rig.newest, .exit(1))
        #expect(rig.state == "rejected")
        rig.signal(.user2)
        rig.run()
        #expect(rig.machine.lastRejection == [])
        #expect(rig.state == "probation")
    }

    // MARK: Rolls

    @Test("one by one: a new worker serves before an old one is told to stop, the highest number first")
    func oneByOne() {
        var rig = Rig.steady(workers: 3)
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        #expect(rig.machine.workers.map(\.id) == [1, 2, 3, 4])
        rig.step()
        #expect(rig.state == "rolling")
        #expect(rig.servingIDs == [1, 2, 4])
        #expect(rig.machine.workers.filter { $0.phase == .stopping }.map(\.id) == [3])
        #expect(rig.alive.count == 4, "the next one starts when the old one has gone, or after a while")
        rig.step()
        #expect(rig.servingIDs == [1, 2, 4])
        #expect(rig.machine.workers.map(\.id).sorted() == [1, 2, 3, 4], "the lowest free number is used again")
        rig.step()
        #expect(rig.servingIDs == [1, 3, 4])
        rig.run()
        #expect(rig.servingIDs == [1, 2, 4] || rig.servingIDs.count == 3)
        #expect(rig.servingGenerations == [2, 2, 2])
        #expect(rig.state == "probation")
    }

    @Test("an old worker that takes its time does not hold up the roll")
    func slowDrain() {
        var rig = Rig.steady(workers: 2)
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        rig.step()
        let draining = rig.pending
        rig.pending = []
        rig.pass(1000)
        rig.run()
        rig.pass(1000)
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
        rig.pending = draining
        rig.run()
        #expect(rig.machine.workers.count == 2)
    }

    @Test("an old worker that never ends is killed after its deadline and a grace")
    func stuckDrain() {
        var rig = Rig.steady(workers: 1)
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        rig.step()
        rig.pending = []
        rig.pass(34_000)
        #expect(rig.pending.isEmpty)
        rig.pass(1000)
        rig.run()
        #expect(rig.log.contains { $0.hasSuffix("did not stop in time and is killed") })
        #expect(rig.machine.workers.count == 1)
    }

    @Test("all at once: after the candidate all others start together, and still before the old ones stop")
    func allAtOnce() {
        var rig = Rig.steady(workers: 4)
        rig.disk = 2
        rig.signal(.hangUp)
        #expect(rig.log.suffix(2) == ["info: Signal: SIGHUP", "info: reload all workers now"])
        rig.checked()
        rig.step()
        #expect(rig.machine.workers.count { $0.isYetToServe } == 3)
        #expect(rig.servingIDs.count == 4)
        rig.run()
        #expect(rig.servingGenerations == [2, 2, 2, 2])
    }

    @Test("one worker is enough")
    func oneWorker() {
        var rig = Rig.steady(workers: 1)
        for number in 2...6 {
            rig.disk = number
            rig.signal(number.isMultiple(of: 2) ? .user2 : .hangUp)
            rig.run()
            #expect(rig.servingGenerations == [number])
        }
    }

    @Test("what is unchanged is rolled all the same, and has no probation")
    func unchanged() {
        var rig = Rig.steady()
        let before = Set(rig.alive)
        let client = rig.ask(.reload(wait: true, force: false))
        rig.run()
        #expect(rig.alive.isDisjoint(with: before))
        #expect(rig.log.contains { $0.contains("nothing has changed on disk") })
        #expect(rig.state == "steady")
        #expect(rig.answer(client)?.isSuccess == true)
    }

    @Test("an old worker that crashes during a roll is not waited for, and its place goes to the new generation")
    func oldCrashes() {
        var rig = Rig.steady(workers: 3)
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        rig.step()
        rig.crash(rig.serial(ofWorker: 1))
        rig.crash(rig.serial(ofWorker: 2))
        #expect(rig.machine.workers.count { $0.isYetToServe && $0.generation.number == 2 } == 2, "both at once")
        rig.run()
        #expect(rig.servingGenerations == [2, 2, 2])
        #expect(rig.machine.probation?.crashes == [], "crashes count for the generation in which they happen")
    }

    @Test("a new worker that fails during the roll starts the way back")
    func newFails() {
        var rig = Rig.steady(workers: 3)
        rig.disk = 2
        let client = rig.ask(.reload(wait: true, force: false))
        rig.checked()
        rig.step()
        rig.step()
        rig.end(rig.newest, .exit(1), lines: ["no more connections"])
        #expect(rig.state == "rolling back")
        #expect(rig.answer(client)?.isSuccess == false)
        rig.run()
        #expect(rig.servingGenerations == [1, 1, 1])
        #expect(rig.state == "rejected")
    }

    @Test("a new worker that somebody kills while it starts is started again")
    func newKilled() {
        var rig = Rig.steady(workers: 3)
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        rig.step()
        rig.step()
        rig.end(rig.newest, .signal(9))
        #expect(rig.state == "rolling")
        rig.live(3000)
        #expect(rig.servingGenerations == [2, 2, 2])
    }

    // MARK: More than one wish

    @Test("USR2 during a roll is remembered, once, with what is on disk then")
    func queued() {
        var rig = Rig.steady()
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        let clients = [rig.ask(.reload(wait: true, force: false)), rig.ask(.reload(wait: true, force: false))]
        rig.signal(.user2)
        rig.signal(.hangUp)
        #expect(rig.machine.queued?.isAllAtOnce == true)
        rig.disk = 3
        rig.run()
        #expect(rig.servingGenerations == [3, 3])
        #expect(rig.machine.history.map(\.number) == [1, 2, 3])
        rig.live(61_000)
        #expect(clients.allSatisfy { rig.answer($0)?.lines == ["generation 3 serves"] })
    }

    @Test("more workers and fewer during a roll are what there is in the end", arguments: [0, 1, 2, 5, 128])
    func scaledDuringRoll(count: Int) {
        var rig = Rig.steady(workers: 3)
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        rig.step()
        rig.ask(.scale(count))
        rig.live(20_000)
        #expect(rig.servingIDs.count == count)
        #expect(rig.machine.workers.allSatisfy { $0.generation.number == 2 })
    }

    @Test("the files of what served are kept for the way back, five of them; sockets only while they are needed")
    func retired() {
        var rig = Rig.steady(workers: 1)
        for number in 2...9 {
            rig.disk = number
            rig.signal(.user2)
            rig.live(1000)
        }
        #expect(rig.machine.history.map(\.number) == [5, 6, 7, 8, 9])
        var last: (keeping: [Int], listening: [Int])?
        for _ in 0..<70 {
            rig.pass(1000)
            rig.tick()
        }
        rig.disk = 10
        rig.signal(.user2)
        rig.checked()
        rig.step()
        let old = rig.pending.compactMap(\.serial).first ?? -1
        last = rig.end(old, .exit(0)).retired.last
        #expect(last?.keeping == [6, 7, 8, 9, 10])
        #expect(last?.listening == [9, 10], "until the probation is over")
    }

    private func candidate() -> Rig {
        var rig = Rig.steady()
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        return rig
    }
}
