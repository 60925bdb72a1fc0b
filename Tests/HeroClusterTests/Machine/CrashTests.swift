// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCluster

@Suite("crashes")
struct CrashTests {
    @Test("the crash of a worker that served is an alert with its backtrace, and the replacement starts at once")
    func replaced() {
        var rig = Rig.steady()
        let label = rig.machine.label(rig.serial(ofWorker: 1)) ?? ""
        let doings = rig.crash(rig.serial(ofWorker: 1), in: "crash@1")
        #expect(
            doings.log == [
                label + "uncaught exception => Fatal error: boom", label + "   0 boom",
                label + "actions in flight: crash@1; executing: crash@1", label + "exited", "starting worker #1",
            ])
        rig.run()
        #expect(rig.servingIDs == [1, 2])
    }

    @Test("a replacement comes back in its own generation, whatever is on disk meanwhile")
    func ownGeneration() {
        var rig = Rig.steady()
        rig.disk = 7
        rig.crash(rig.serial(ofWorker: 1))
        rig.run()
        #expect(rig.servingGenerations == [1, 1])
    }

    @Test("a place whose workers keep crashing is filled after 0, 1, 2, 4 … 30 seconds, a quarter less at most")
    func backsOff() {
        var rig = Rig.steady(workers: 2)
        for most in [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000] {
            let crashed = rig.now
            rig.crash(rig.serial(ofWorker: 1))
            while rig.machine.workers.count < 2 {
                let before = rig.now
                rig.pass(max(rig.machine.nextDeadline - before, 1))
            }
            #expect((most * 3 / 4...most).contains(rig.now - crashed), "\(rig.now - crashed) of \(most)")
            rig.run()
            #expect(rig.servingIDs == [1, 2], "the other one serves all along")
        }
    }

    @Test("a minute of service makes up for earlier crashes")
    func forgiven() {
        var rig = Rig.steady(workers: 1)
        for _ in 0..<4 {
            rig.crash(rig.machine.serving[0].serial)
            rig.live(20_000)
        }
        rig.live(61_000)
        #expect(rig.machine.serving.first?.failures == 0)
        #expect(rig.crash(rig.machine.serving[0].serial).spawned.count == 1)
    }

    @Test("places do not wait for each other")
    func independent() {
        var rig = Rig.steady(workers: 3)
        for _ in 0..<4 {
            rig.crash(rig.serial(ofWorker: 1))
            rig.live(10_000)
        }
        rig.crash(rig.serial(ofWorker: 1))
        #expect(rig.crash(rig.serial(ofWorker: 2)).spawnedIDs != [], "this one has crashed once only")
    }

    @Test("when nobody serves, one place is tried again soon, and the status says since when and why")
    func nobodyServes() {
        var rig = Rig.steady(workers: 2)
        for _ in 0..<6 {
            for worker in rig.machine.serving { rig.crash(worker.serial) }
            rig.live(2000)
        }
        rig.run()
        for worker in rig.machine.serving { rig.crash(worker.serial) }
        rig.pending = []
        rig.pass(500)
        if rig.machine.active.isEmpty {
            #expect(rig.machine.summary.contains("0 of 2 workers serve generation 1; last crash: [worker #"))
            #expect(rig.machine.summary.contains("none for "))
        }
        rig.pass(600)
        #expect(!rig.machine.active.isEmpty)
        #expect(rig.exitCode == nil)
    }

    @Test("SIGKILL from outside is logged and not punished, unless it comes at once")
    func killed() {
        var rig = Rig.steady()
        for _ in 0..<5 {
            rig.live(1500)
            let doings = rig.end(rig.serial(ofWorker: 1), .signal(9))
            #expect(doings.spawned.count == 1)
            #expect(doings.log.contains { $0.hasSuffix("killed by SIGKILL") })
            rig.run()
        }
        #expect(!rig.log.contains { $0.contains("FLAPPING") })
    }

    @Test("a worker that stops on its own account is replaced before it has gone")
    func stoppedFromOutside() {
        var rig = Rig.steady()
        let serial = rig.serial(ofWorker: 2)
        let doings = rig.send(.worker(serial: serial, .stopping))
        #expect(doings.spawnedIDs == [3])
        rig.end(serial, .exit(0))
        rig.run()
        #expect(rig.servingIDs == [1, 3])
    }

    @Test("exit code 78 of a worker leaves its place empty until the next deploy, while others serve")
    func refuses() {
        var rig = Rig.steady()
        rig.crash(rig.serial(ofWorker: 2))
        rig.send(.worker(serial: rig.newest, .refused(["HB402 it was modified"])))
        rig.end(rig.newest, .exit(78))
        #expect(rig.log.contains { $0.hasSuffix("]: HB402 it was modified") })
        rig.live(300_000)
        #expect(rig.servingIDs == [1])
        rig.disk = 2
        rig.signal(.user2)
        rig.live(5000)
        #expect(rig.servingIDs.count == 2)
    }

    @Test("the line about flapping comes once, at emerg, and the cluster does not stop")
    func flapping() {
        var rig = Rig.steady(workers: 1)
        for _ in 0..<4 {
            rig.crash(rig.newest)
            rig.live(5000)
        }
        #expect(rig.log.count { $0 == "emerg: CLUSTER IS FLAPPING (3 crashes in 30000ms)" } == 1)
        #expect(rig.log.count { $0.contains("FLAPPING") } == 1)
        #expect(rig.exitCode == nil)
        rig.live(60_000)
        #expect(rig.servingIDs == [1])
        for _ in 0..<3 {
            rig.crash(rig.newest)
            rig.live(1500)
        }
        #expect(rig.log.count { $0.contains("FLAPPING") } == 2, "after a quiet time it may come again")
    }

    // MARK: Hanging

    @Test(
        "a worker that does not answer is asked for a backtrace, replaced when it has ended, killed if it does not end")
    func hangs() {
        var rig = Rig.steady()
        let serial = rig.serial(ofWorker: 1)
        rig.mute = [serial]
        rig.pass(20_000)
        #expect(!rig.log.contains { $0.contains("has not answered") })
        rig.pass(2000)
        #expect(rig.log.count { $0.contains("has not answered for") && $0.hasPrefix("alert: [worker #1") } == 1)
        #expect(rig.pending.isEmpty)
        rig.pass(15_000)
        #expect(rig.pending.compactMap(\.serial) == [serial])
        rig.run()
        #expect(rig.servingIDs == [1, 2])
    }

    @Test(
        "a worker that writes what it dies of has its time for that, by itself and when it was asked because it hung",
        arguments: [(silence: 15_000, accusations: 0), (silence: 22_000, accusations: 1)])
    func diesSlowly(silence: Int, accusations: Int) {
        var rig = Rig.steady()
        let serial = rig.serial(ofWorker: 1)
        rig.mute = [serial]
        rig.pass(silence)
        rig.send(.crashing(serial: serial))
        rig.pass(34_000)
        #expect(rig.pending.isEmpty)
        rig.pass(1000)
        #expect(rig.pending.compactMap(\.serial) == [serial])
        #expect(rig.log.count { $0.contains("has not answered") } == accusations)
    }

    @Test("heartbeats can be switched off: nobody is asked, so nothing piles up in a worker that is busy")
    func noHeartbeat() {
        var settings = ClusterSettings()
        settings.heartbeat.timeout = 0
        var rig = Rig.steady(settings: settings)
        for _ in 0..<20 {
            rig.skip(5000)
            #expect(rig.send(.tick([:])).pinged == [])
        }
        rig.mute = rig.alive
        rig.pass(300_000)
        #expect(!rig.log.contains { $0.contains("has not answered") })
    }

    @Test("a machine that stood still does not blame its workers")
    func frozen() {
        var rig = Rig.steady()
        rig.pass(3000)
        rig.skip(120_000)
        #expect(rig.send(.tick([:])).aborted == [])
    }

    @Test("other events do not put off what is due")
    func notStarved() {
        var rig = Rig.steady()
        rig.pass(2500)
        let due = rig.machine.nextDeadline
        for _ in 0..<20 {
            rig.skip(300)
            rig.ask(.status)
        }
        #expect(rig.machine.nextDeadline == due)
    }

    // MARK: Memory

    @Test("a worker that has outgrown its limit is replaced like in a roll, the others stay")
    func memory() {
        var settings = ClusterSettings()
        settings.workerMemoryLimit = 200
        var rig = Rig.steady(workers: 3, settings: settings)
        let fat = rig.serial(ofWorker: 2)
        let others = rig.alive.subtracting([fat])
        var counters = WorkerCounters()
        counters.residentMegabytes = 201
        rig.counters = [fat: counters]
        rig.live(3000)
        #expect(rig.log.contains { $0.contains("uses 201 MB, more than its 200 MB; it is replaced") })
        #expect(!rig.alive.contains(fat))
        #expect(others.isSubset(of: rig.alive))
        #expect(rig.servingIDs.count == 3)
        #expect(rig.state == "steady")
    }

    // MARK: Quarantine

    @Test("an action that was executing in five crashes answers 503, in new workers as well")
    func quarantined() {
        var rig = Rig.steady()
        for _ in 0..<5 {
            rig.crash(rig.serial(ofWorker: 1))
            rig.live(8000)
        }
        #expect(rig.machine.quarantine.names == ["crash@1"])
        #expect(rig.log.contains { $0.hasPrefix("alert: the action crash@1 has crashed 5 workers and answers 503") })
        let doings = rig.crash(rig.serial(ofWorker: 2), in: "hello@1")
        rig.becomeReady(doings.spawned[0])
        #expect(rig.machine.summary.contains("in quarantine: crash@1"))
        #expect(rig.reply(to: .release("nonsense"))?.isSuccess == false)
        let client = rig.ask(.release("crash"))
        #expect(rig.answer(client)?.lines == ["crash is served again"])
        #expect(rig.machine.quarantine.names == [])
    }

    @Test("crashes far apart do not add up")
    func farApart() {
        var rig = Rig.steady()
        for _ in 0..<8 {
            rig.crash(rig.serial(ofWorker: 1))
            rig.live(31_000)
        }
        #expect(rig.machine.quarantine.names == [])
    }

    @Test("the next deploy releases all actions")
    func deployReleases() {
        var settings = ClusterSettings()
        settings.quarantine.crashes = 1
        var rig = Rig.steady(settings: settings)
        rig.crash(rig.serial(ofWorker: 1))
        rig.run()
        #expect(rig.machine.quarantine.names == ["crash@1"])
        rig.disk = 2
        rig.signal(.user2)
        rig.run()
        #expect(rig.machine.quarantine.names == [])
    }

    @Test("a crash of a former generation's worker says nothing about the new one's action")
    func formerGeneration() {
        var settings = ClusterSettings()
        settings.quarantine.crashes = 1
        var rig = Rig.steady(settings: settings)
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        rig.step()
        rig.crash(rig.serial(ofWorker: 1))
        #expect(rig.machine.quarantine.names == [])
    }
}
