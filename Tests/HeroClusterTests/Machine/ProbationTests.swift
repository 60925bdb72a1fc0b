// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCluster

@Suite("probation and the way back")
struct ProbationTests {
    @Test("three crashes bring the previous generation back, with both names and the list of crashes")
    func crashes() {
        var crashing = deployed()
        let waiting = crashing.ask(.wait)
        for _ in 0..<3 {
            crashing.pass(4000)
            crashing.crash(crashing.machine.serving[0].serial)
            if crashing.state == "probation" { crashing.live(1500) }
        }
        #expect(crashing.state == "rolling back")
        #expect(
            crashing.log.contains {
                $0.hasPrefix("alert: generation 2 lost 3 workers in ") && $0.hasSuffix("back on generation 1 (HB401)")
            })
        #expect(crashing.log.count { $0.hasPrefix("alert:    [worker #") && $0.contains("Fatal error: boom") } == 3)
        crashing.run()
        #expect(crashing.servingGenerations == [1, 1])
        #expect(crashing.state == "rejected")
        #expect(crashing.answer(waiting)?.isSuccess == false)
        #expect(crashing.answer(waiting)?.lines.first?.contains("generation 2 was rolled back (HB401)") == true)
    }

    @Test("reload --wait is told of the way back")
    func waiterIsTold() {
        var rig = Rig.steady()
        rig.disk = 2
        let client = rig.ask(.reload(wait: true, force: false))
        rig.run()
        #expect(rig.answer(client) == nil)
        rollBackByCrashes(&rig)
        #expect(rig.answer(client)?.isSuccess == false)
        #expect(rig.answer(client)?.lines.first?.hasPrefix("deploy rolled back: ") == true)
    }

    @Test("a deploy is answered when its probation is over, not before")
    func answeredAfterwards() {
        var rig = Rig.steady()
        rig.disk = 2
        let client = rig.ask(.reload(wait: true, force: false))
        rig.live(59_000)
        #expect(rig.answer(client) == nil)
        rig.live(2000)
        #expect(rig.answer(client)?.lines == ["generation 2 serves"])
        #expect(rig.state == "steady")
    }

    @Test("without a time for it there is no probation")
    func switchedOff() {
        var settings = ClusterSettings()
        settings.probation.duration = 0
        var rig = Rig.steady(settings: settings)
        rig.disk = 2
        let client = rig.ask(.reload(wait: true, force: false))
        rig.run()
        #expect(rig.answer(client)?.isSuccess == true)
        #expect(rig.state == "steady")
    }

    @Test("a crash after the probation is only a crash")
    func afterwards() {
        var rig = deployed()
        rig.live(61_000)
        for _ in 0..<5 {
            rig.crash(rig.machine.serving[0].serial)
            rig.live(70_000)
        }
        #expect(rig.servingGenerations == [2, 2])
    }

    @Test("kills from outside do not count")
    func killedFromOutside() {
        var rig = deployed()
        for _ in 0..<6 {
            rig.end(rig.machine.serving[0].serial, .signal(9))
            rig.live(2000)
        }
        #expect(rig.servingGenerations == [2, 2])
    }

    // MARK: What counts

    @Test("a worker that exits counts, with 0 as with anything else", arguments: [0, 7])
    func exits(code: Int32) {
        var rig = deployed()
        for _ in 0..<3 {
            rig.end(rig.machine.serving[0].serial, .exit(code))
            rig.live(2000)
        }
        #expect(rig.servingGenerations == [1, 1])
    }

    @Test("a worker that is replaced for its memory counts")
    func memory() {
        var settings = ClusterSettings()
        settings.workerMemoryLimit = 200
        var rig = deployed(settings)
        var counters = WorkerCounters()
        counters.residentMegabytes = 900
        for _ in 0..<30 {
            guard let worker = rig.machine.serving.first(where: { $0.generation.number == 2 && !$0.isOutgrown }) else {
                break
            }
            rig.counters = [worker.serial: counters]
            rig.live(1000)
        }
        rig.counters = [:]
        rig.live(3000)
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.log.contains { $0.contains("uses 900 MB, more than its 200 MB") && $0.hasPrefix("alert:    ") })
    }

    @Test("a worker whose loop is blocked counts when that is noticed, once, and the probation waits for who is silent")
    func blocked() {
        var rig = deployed()
        for _ in 0..<400 where rig.servingGenerations != [1, 1] {
            rig.mute = Set(rig.machine.serving.filter { $0.generation.number == 2 }.map(\.serial))
            for worker in rig.machine.workers where worker.isAborted { rig.end(worker.serial, .signal(6)) }
            rig.live(500)
        }
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.log.count { $0.hasPrefix("alert:    ") && $0.contains("something blocks its event loop") } == 3)
    }

    @Test("a replacement that does not start counts")
    func replacements() {
        var settings = ClusterSettings()
        settings.probation.crashes = 2
        var rig = deployed(settings)
        let doings = rig.crash(rig.machine.serving[0].serial)
        rig.end(doings.spawned[0], .exit(1), lines: ["no database"])
        rig.run()
        #expect(rig.servingGenerations == [1, 1])
    }

    @Test("too many 5xx bring the previous generation back when that is wanted", arguments: [(0, 2), (20, 1), (60, 2)])
    func errorRate(limit: Int, generation: Int) {
        var settings = ClusterSettings()
        settings.probation.errorRate = limit
        var rig = deployed(settings)
        for worker in rig.machine.serving {
            var counters = WorkerCounters()
            (counters.requests, counters.errors5xx) = (100, 50)
            rig.counters[worker.serial] = counters
        }
        rig.live(3000)
        #expect(rig.servingGenerations == [generation, generation])
        if generation == 1 {
            #expect(rig.log.contains { $0.contains("answered 100 of 200 requests with 5xx") && $0.contains("(HB401)") })
        }
    }

    @Test("few requests say little about a generation")
    func fewRequests() {
        var settings = ClusterSettings()
        settings.probation.errorRate = 1
        var rig = deployed(settings)
        var counters = WorkerCounters()
        (counters.requests, counters.errors5xx) = (99, 99)
        rig.counters[rig.machine.serving[0].serial] = counters
        rig.live(3000)
        #expect(rig.servingGenerations == [2, 2])
    }

    @Test("content that was rolled back is refused, with the reason, until it is forced")
    func refusedAgain() {
        var rig = deployed()
        rollBackByCrashes(&rig)
        rig.signal(.user2)
        rig.run()
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.machine.lastRejection.first?.contains("was rolled back before: it lost 3 workers") == true)
        #expect(rig.machine.lastRejection.first?.contains("hero cluster reload --force") == true)
        rig.ask(.reload(wait: false, force: true))
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
        #expect(rig.machine.rolledBack.isEmpty)
    }

    @Test("content that was rolled back is known under another number, too")
    func refusedUnderAnotherNumber() {
        var rig = deployed()
        rollBackByCrashes(&rig)
        rig.content = "of 2"
        rig.disk = 3
        rig.signal(.user2)
        rig.run()
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.machine.lastRejection.first?.contains("was rolled back before") == true)
        rig.content = nil
        rig.signal(.user2)
        rig.run()
        #expect(rig.servingGenerations == [3, 3])
    }

    @Test("the same content does not escape its probation by being deployed again")
    func noEscape() {
        var rig = deployed()
        rig.crash(rig.machine.serving[0].serial)
        rig.live(1000)
        rig.crash(rig.machine.serving[0].serial)
        rig.live(2000)
        rig.signal(.user2)
        rig.live(2000)
        rig.crash(rig.machine.serving[0].serial)
        rig.live(3000)
        #expect(rig.servingGenerations == [1, 1])
    }

    @Test("the way back during a roll stops the roll and keeps what still serves")
    func duringRoll() {
        var settings = ClusterSettings()
        settings.probation.crashes = 1
        var rig = Rig.steady(workers: 3, settings: settings)
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        rig.step()
        let kept = rig.machine.serving.filter { $0.generation.number == 1 }.map(\.serial)
        rig.crash(rig.machine.serving.first { $0.generation.number == 2 }?.serial ?? -1)
        rig.run()
        #expect(rig.servingGenerations == [1, 1, 1])
        #expect(Set(kept).isSubset(of: Set(rig.machine.serving.map(\.serial))))
    }

    @Test("the way back puts off a deploy that is being tried, which then gets its turn and its answer")
    func duringCandidate() {
        var rig = deployed()
        rig.disk = 3
        let client = rig.ask(.reload(wait: true, force: false))
        rig.checked()
        rig.pending = []
        for _ in 0..<3 {
            rig.crash(rig.machine.serving[0].serial)
            if rig.state == "candidate" {
                rig.pass(3000)
                let candidate = candidateSerial(rig)
                rig.pending.removeAll { $0.serial == candidate }
                rig.run()
            }
        }
        rig.live(61_500)
        #expect(rig.servingGenerations == [3, 3])
        #expect(rig.answer(client)?.isSuccess == true)
        #expect(rig.machine.history.map(\.number) == [1, 3])
    }

    @Test("the way back during a check lets that check end for nothing, and checks anew")
    func duringCheck() {
        var rig = deployed()
        rig.signal(.user2)
        let check = rig.pending
        rig.pending = []
        for _ in 0..<3 {
            rig.crash(rig.machine.serving[0].serial)
            rig.live(2000)
        }
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.state == "checking")
        rig.pending += check
        rig.disk = 4
        rig.step()
        #expect(rig.pending.contains { if case .check = $0 { true } else { false } }, "that was too old")
        rig.run()
        #expect(rig.servingGenerations == [4, 4])
    }

    // MARK: By hand

    @Test("rollback by hand goes one generation back and answers when it is done")
    func byHand() {
        var rig = deployed()
        rig.live(61_000)
        let client = rig.ask(.rollback)
        #expect(rig.state == "rolling back")
        #expect(rig.answer(client) == nil)
        let second = rig.ask(.rollback)
        #expect(rig.answer(second)?.lines == ["a deploy is under way; wait until it is over"])
        rig.run()
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.answer(client) == ControlReply(isSuccess: true, lines: ["generation 1 serves again"]))
        let third = rig.ask(.rollback)
        #expect(rig.answer(third)?.lines == ["there is no earlier generation to go back to"])
        #expect(rig.state == "steady")
    }

    @Test("rollback by hand during the probation tells whoever waits for it")
    func byHandInProbation() {
        var rig = Rig.steady()
        rig.disk = 2
        let reload = rig.ask(.reload(wait: true, force: false))
        rig.run()
        rig.ask(.rollback)
        rig.run()
        #expect(rig.answer(reload) == ControlReply(isSuccess: false, lines: ["rolled back by command"]))
    }

    @Test("a way back whose workers do not start gives way to the next deploy")
    func givesWay() {
        var rig = deployed()
        let client = rig.ask(.rollback)
        rig.end(rig.newest, .exit(1), lines: ["the database has another schema"])
        rig.disk = 3
        rig.signal(.user2)
        rig.pending.removeAll { $0.serial != nil }
        rig.run()
        #expect(rig.answer(client)?.isSuccess == false)
        rig.live(3000)
        #expect(rig.servingGenerations == [3, 3])
    }

    @Test("rollback by hand to what has gone is refused before anything changes, and a deploy can come at once")
    func targetIsGone() {
        var rig = Rig.steady()
        rig.disk = 2
        let reload = rig.ask(.reload(wait: true, force: false))
        rig.run()
        let doings = rig.send(.control(client: 99, .rollback, obstacle: "generation 1 is gone: there is no /app"))
        #expect(rig.answer(99)?.isSuccess == false)
        #expect(rig.answer(99)?.lines.first?.hasPrefix("generation 1 is gone: there is no /app; generation 2 ") == true)
        #expect(doings.spawned == [] && doings.stopped == [])
        #expect(rig.state == "probation" && rig.machine.rolledBack.isEmpty)
        rig.live(61_000)
        #expect(rig.answer(reload)?.lines == ["generation 2 serves"])
    }

    @Test(
        "a way back by hand whose workers do not start is given up like a deploy: what served goes on, and is not bad")
    func isGivenUp() throws {
        var rig = deployed()
        rig.live(61_000)
        let before = rig.machine.serving.map(\.serial)
        let client = rig.ask(.rollback)
        rig.machine.status([:])["served"]?.arrayValue?.forEach { entry in
            #expect(entry["serves"]?.boolValue == (entry["generation"]?.intValue == 2))
        }
        #expect(rig.machine.summary == "0 of 2 workers serve generation 1, 2 still serve generation 2")
        let copy = try Invariants.checkRoundTrip(rig.machine, now: rig.now)
        rig.replaceMachine(by: copy)
        rig.end(rig.newest, .exit(1), lines: ["cannot open /app/tmp/generations/lock"])
        #expect(rig.answer(client)?.isSuccess == false)
        #expect(rig.answer(client)?.lines.first?.contains("generation 2 stays in service") == true)
        #expect(rig.machine.serving.map(\.serial) == before)
        #expect(rig.machine.current?.number == 2 && rig.machine.rolledBack.isEmpty && rig.state == "rejected")
        #expect(rig.memory.serving?.number == 2 && rig.memory.rolledBack.isEmpty)
        // What serves comes back when it is killed.
        for serial in before { rig.end(serial, .signal(9)) }
        #expect(rig.state == "down")
        rig.live(2000)
        #expect(rig.servingGenerations == [2, 2])
        rig.signal(.user2)
        rig.run()
        #expect(rig.machine.lastRejection == [] && rig.servingGenerations == [2, 2])
    }

    @Test("a way back by itself whose workers do not start is tried three times and then given up")
    func isGivenUpByItself() {
        var settings = ClusterSettings()
        settings.probation.crashes = 2
        var rig = deployed(settings)
        for serial in rig.machine.serving.map(\.serial) { rig.crash(serial) }
        #expect(rig.state == "rolling back")
        var ends = 0
        while rig.state == "rolling back", ends < 20 {
            rig.pending.removeAll { $0.serial != nil }
            let starting = rig.machine.active.filter(\.isYetToServe).map(\.serial)
            for serial in starting where rig.machine.worker(serial) != nil && rig.state == "rolling back" {
                rig.end(serial, .exit(1))
                ends += 1
            }
            rig.pass(1000)
        }
        #expect((3...6).contains(ends), "\(ends)")
        rig.live(3000)
        #expect(rig.machine.current?.number == 2)
        #expect(rig.servingGenerations == [2, 2])
    }

    @Test("without a worker that serves the state is not steady, and the way back has not been gone")
    func isDown() {
        var rig = deployed()
        rig.live(61_000)
        let client = rig.ask(.rollback)
        for serial in rig.machine.serving.map(\.serial) { rig.end(serial, .signal(9)) }
        #expect(rig.state == "rolling back" && rig.answer(client) == nil)
        rig.live(5000)
        #expect(rig.answer(client)?.isSuccess == true)
        rig.ask(.scale(0))
        rig.live(5000)
        #expect(rig.state == "drained")
    }

    // MARK: Scenes

    private func deployed(_ settings: ClusterSettings = ClusterSettings()) -> Rig {
        var rig = Rig.steady(settings: settings)
        rig.disk = 2
        rig.signal(.user2)
        rig.run()
        #expect(rig.state == "probation")
        return rig
    }

    private func rollBackByCrashes(_ rig: inout Rig) {
        for _ in 0..<3 {
            rig.crash(rig.machine.serving[0].serial)
            rig.live(2000)
        }
        #expect(rig.servingGenerations == [1, 1])
    }

    private func candidateSerial(_ rig: Rig) -> Int? {
        rig.machine.workers.first { $0.isCandidate && $0.isYetToServe }?.serial
    }
}
