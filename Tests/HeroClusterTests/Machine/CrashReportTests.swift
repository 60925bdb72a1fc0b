// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroSystem
import Testing

@testable import HeroCluster

@Suite("crashes are told to workers, whose error reporters know what to do")
struct CrashReportTests {
    private func told(_ doings: Doings) -> [(serial: Int, notices: [CrashNotice])] {
        doings.actions.compactMap {
            if case .send(let serial, .crashes(let notices)) = $0 { (serial, notices) } else { nil }
        }
    }

    /// Sends what a worker says that becomes ready, and returns what the last of it brought about.
    private func becomeReady(_ serial: Int, _ rig: inout Rig) -> Doings {
        rig.send(.spawned(serial: serial, pid: Int32(1000 + serial)))
        rig.send(.worker(serial: serial, .starting))
        return rig.send(.worker(serial: serial, .started(WorkerDescription(loopThread: 1, actions: rig.actions))))
    }

    @Test("to the one that takes the place of the crashed one, as soon as it serves, and once")
    func replacement() throws {
        var rig = Rig.steady()
        let crashed = rig.crash(rig.serial(ofWorker: 1), in: "crash@1")
        #expect(told(crashed).isEmpty)
        let serial = try #require(crashed.spawned.first)
        rig.pending = []
        let ready = told(becomeReady(serial, &rig))
        #expect(ready.map(\.serial) == [serial])
        let notice = try #require(ready.first?.notices.first)
        #expect(notice.worker == "worker #1" && notice.message == "Fatal error: boom" && notice.lines == ["0 boom"])
        #expect(notice.running == ["crash@1"] && notice.inFlight == ["crash@1"])
        #expect(rig.machine.unreported == nil)
    }

    @Test("but not that of a worker that ends when it was told about another, unless an action did it")
    func circle() throws {
        var rig = Rig.steady()
        let crashed = rig.crash(rig.serial(ofWorker: 1), in: "crash@1")
        let serial = try #require(crashed.spawned.first)
        rig.pending = []
        #expect(told(becomeReady(serial, &rig)).count == 1)
        var other = rig
        rig.end(serial, .signal(4), report: CrashReport(message: "boom", lines: [], running: [], inFlight: ["crash@1"]))
        #expect(rig.machine.unreported == nil)
        other.crash(serial, in: "crash@1")
        #expect(other.machine.unreported?.count == 1)
    }

    private func deaths(_ doings: Doings) -> [MasterMessage] {
        doings.actions.compactMap {
            guard case .send(_, let message) = $0 else { return nil }
            switch message {
            case .died, .serve: return message
            default: return nil
            }
        }
    }

    @Test("the death of a worker is told to another one with the job that did it, or to the next one before it serves")
    func deaths() throws {
        let job = JobMark(owner: 7, number: 8)
        var rig = Rig.steady()
        let serial = rig.serial(ofWorker: 1)
        #expect(deaths(rig.end(serial, .signal(4), job: job)) == [.died(pid: Int32(1000 + serial), job: job)])
        rig = Rig.steady(workers: 1)
        let alone = rig.serial(ofWorker: 1)
        let ended = rig.end(alone, .signal(4), job: job)
        #expect(deaths(ended).isEmpty)
        let next = try #require(ended.spawned.first)
        rig.pending = []
        let ready = becomeReady(next, &rig)
        #expect(deaths(ready) == [.died(pid: Int32(1000 + alone), job: job), .serve(quarantined: [])])
        #expect(rig.machine.untold == nil)
        // Whoever stops leaves nothing behind.
        rig.send(.worker(serial: next, .stopping))
        rig.end(next, .exit(0))
        #expect(rig.machine.untold == nil)
    }

    @Test("what is kept of crashes that nobody can report yet is bounded")
    func bounded() {
        var rig = Rig.steady(workers: 1)
        let text = String(repeating: "x", count: 10_000)
        for _ in 0..<(2 * ClusterLimits.unreportedCrashes) {
            guard let serial = rig.machine.workers.first?.serial else { break }
            let lines = Array(repeating: text, count: 1000)
            rig.pending = []
            rig.end(serial, .signal(4), report: CrashReport(message: text, lines: lines, running: [], inFlight: []))
            while rig.machine.workers.isEmpty { rig.pass(max(rig.machine.nextDeadline - rig.now, 1)) }
        }
        #expect(rig.machine.unreported?.count == ClusterLimits.unreportedCrashes)
        let size = rig.machine.unreported.map { MessageFraming.encode(MasterMessage.crashes($0).json).count } ?? 0
        #expect(size < MessageFraming.limitBytes / 2)
    }
}
