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
}
