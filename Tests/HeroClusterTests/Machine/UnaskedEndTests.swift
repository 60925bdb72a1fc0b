// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCluster

@Suite("ends that nobody asked for")
struct UnaskedEndTests {
    @Test("a worker that exits while it serves has crashed, of what it was executing", arguments: [0, 1, 7, 78])
    func exits(code: Int32) {
        var rig = Rig.steady()
        let serial = rig.serial(ofWorker: 1)
        let label = rig.machine.label(serial) ?? ""
        let doings = rig.end(serial, .exit(code), executing: ["leave@1"])
        #expect(
            doings.log == [
                label + "ended with exit code \(code), which nobody had asked for",
                label + "actions in flight: leave@1; executing: leave@1", label + "exited", "starting worker #1",
            ])
        rig.run()
        #expect(rig.servingIDs == [1, 2])
    }

    @Test("an action that calls exit is taken out of service", arguments: [0, 7])
    func quarantined(code: Int32) {
        var rig = Rig.steady()
        for _ in 0..<5 {
            rig.end(rig.serial(ofWorker: 1), .exit(code), executing: ["leave@1"])
            rig.live(8000)
        }
        #expect(rig.machine.quarantine.names == ["leave@1"])
        #expect(rig.servingIDs == [1, 2])
    }

    @Test("workers that exit again and again wait before the next try, and the status says what they were doing")
    func backsOff() {
        var rig = Rig.steady(workers: 1)
        for _ in 0..<4 {
            rig.end(rig.newest, .exit(0), executing: ["leave@1"])
            if rig.machine.workers.isEmpty {
                #expect(rig.machine.summary.contains("the worker ended with exit code 0 (executing: leave@1)"))
            }
            rig.live(5000)
        }
        #expect(rig.log.contains { $0.contains("FLAPPING") })
        #expect(rig.end(rig.newest, .exit(0)).spawned == [])
    }

    @Test("a worker that was told to stop, or said that it does, may exit with 0")
    func asked() {
        var rig = Rig.steady()
        let serial = rig.serial(ofWorker: 2)
        rig.send(.worker(serial: serial, .stopping))
        let doings = rig.end(serial, .exit(0), executing: ["slow@1"])
        #expect(!doings.log.contains { $0.contains("nobody had asked for") })
        #expect(rig.machine.quarantine.names == [])
    }

    @Test("a kill by a kernel that is out of memory is a crash of what was executing")
    func outOfMemory() {
        var settings = ClusterSettings()
        settings.quarantine.crashes = 1
        var rig = Rig.steady(settings: settings)
        rig.end(rig.serial(ofWorker: 1), .signal(9), executing: ["greedy@1"], isOutOfMemory: true)
        #expect(rig.log.contains { $0.contains("killed by the kernel, which was out of memory") })
        #expect(rig.machine.quarantine.names == ["greedy@1"])
    }

    @Test("a worker that does not even end when it is killed is not waited for")
    func cannotBeKilled() {
        var rig = Rig.steady()
        rig.signal(.terminate)
        rig.pending = []
        rig.pass(36_000)
        #expect(rig.exitCode == nil)
        rig.pass(31_000)
        #expect(rig.exitCode == 0)
        #expect(rig.log.count { $0.contains("has not ended 30 s after it was killed") } == 2)
    }

    @Test("a worker that sends itself a signal has crashed, of what executed at that moment", arguments: [9, 15])
    func ownSignal(signal: Int32) {
        var settings = ClusterSettings()
        settings.quarantine.crashes = 2
        var rig = Rig.steady(settings: settings)
        for _ in 0..<2 {
            let serial = rig.machine.serving.map(\.serial).max() ?? -1
            if signal == 15 {
                let doings = rig.send(.signalledItself(serial: serial, signal: 15, running: ["leave@1"]))
                #expect(doings.log.contains { $0.hasSuffix("has sent itself SIGTERM, which nobody had asked for") })
                rig.send(.worker(serial: serial, .stopping))
                rig.end(serial, .exit(0))
            } else {
                var end = WorkerEnd(cause: .signal(9))
                (end.running, end.isOwnSignal) = (["leave@1"], true)
                let doings = rig.send(.exited(serial: serial, end))
                #expect(doings.log.contains { $0.hasSuffix("has sent itself SIGKILL, which nobody had asked for") })
            }
            rig.live(8000)
        }
        #expect(rig.machine.quarantine.names == ["leave@1"])
        #expect(rig.servingIDs.count == 2)
    }

    @Test("workers that send themselves SIGTERM wait longer and longer, and bring the generation before back")
    func ownSignalProbation() {
        var rig = Rig.steady()
        rig.disk = 2
        rig.signal(.user2)
        rig.run()
        for _ in 0..<3 {
            let serial = rig.machine.serving.map(\.serial).max() ?? -1
            rig.send(.signalledItself(serial: serial, signal: 15, running: ["leave@1"]))
            rig.send(.worker(serial: serial, .stopping))
            rig.end(serial, .exit(0))
            rig.live(3000)
        }
        #expect(rig.log.contains { $0.contains("back on generation 1 (HB401)") })
        #expect(rig.servingGenerations == [1, 1])
    }

    @Test("why a worker has not started is logged, also when there was no process and when it came too late")
    func reasons() {
        var rig = Rig.steady()
        func replacement() -> Int {
            rig.crash(rig.machine.serving.map(\.serial).max() ?? -1)
            // Its turn may come only after a while.
            while rig.pending.isEmpty { rig.pass(1000) }
            return rig.newest
        }
        rig.send(.exited(serial: replacement(), WorkerEnd(cause: .exit(1), problems: ["no descriptor is left"])))
        #expect(rig.log.contains { $0.hasPrefix("error: ") && $0.hasSuffix("no descriptor is left") })
        rig.live(5000)
        let failing = replacement()
        rig.send(.worker(serial: failing, .refused(["cannot write pids/x: No space left on device"])))
        rig.end(failing, .exit(1))
        #expect(rig.log.contains { $0.hasSuffix("cannot write pids/x: No space left on device") })
        rig.live(8000)
        let late = replacement()
        rig.send(.worker(serial: late, .progress("initializer `database` has not returned from start")))
        rig.pending.removeAll { $0.serial == late }
        rig.pass(31_000)
        rig.end(late, .signal(9))
        #expect(rig.log.contains { $0.contains("was not ready after 30 s (initializer `database`") })
    }
}

@Suite("the quarantine")
struct QuarantineTests {
    @Test("tells names apart that look the same, by their bytes")
    func bytes() {
        var quarantine = Quarantine()
        var settings = ClusterSettings.QuarantineSettings()
        settings.crashes = 1
        let (composed, decomposed) = ("caf\u{E9}@1", "cafe\u{301}@1")
        let first = quarantine.record([composed], now: 1, settings)
        let isOther = quarantine.release("cafe\u{301}")
        let second = quarantine.record([decomposed, composed], now: 2, settings)
        #expect(first.count == 1 && !isOther && second.count == 1)
        #expect(quarantine.names.count == 2)
        let isReleased = quarantine.release("caf\u{E9}")
        #expect(isReleased)
        #expect(quarantine.names.map { Array($0.utf8) } == [Array(decomposed.utf8)])
    }
}
