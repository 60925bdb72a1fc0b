// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCluster

@Suite("the status")
struct StatusTests {
    @Test("it has generation, state, rejection, and what each worker does")
    func json() {
        var rig = Rig.steady()
        rig.refusal = ["HB101 a", "HB102 b"]
        rig.signal(.user2)
        rig.run()
        var counters = WorkerCounters()
        (counters.requests, counters.connections, counters.errors5xx, counters.residentMegabytes) = (9, 2, 1, 40)
        let serial = rig.serial(ofWorker: 1)
        let status = rig.machine.status([serial: counters])
        #expect(status["state"]?.stringValue == "rejected")
        #expect(status["generation"]?.intValue == 1)
        #expect(status["generations"] == .array([1]))
        #expect(status["expected"]?.intValue == 2)
        #expect(status["lastRejection"] == .array(["HB101 a", "HB102 b"]))
        let workers = status["workers"]?.arrayValue ?? []
        #expect(workers.compactMap { $0["id"]?.intValue } == [1, 2])
        let first = workers.first ?? .null
        #expect(first["pid"]?.intValue == 1000 + serial)
        #expect(first["state"]?.stringValue == "serving")
        for (name, value) in [("requests", 9), ("connections", 2), ("errors5xx", 1), ("residentMegabytes", 40)] {
            #expect(first[name]?.intValue == value)
        }
    }

    @Test("the names of the states are those of the documentation")
    func states() {
        var rig = Rig.steady()
        var seen = [rig.state]
        rig.disk = 2
        rig.signal(.user2)
        seen.append(rig.state)
        rig.checked()
        seen.append(rig.state)
        rig.step()
        seen.append(rig.state)
        rig.run()
        seen.append(rig.state)
        rig.ask(.rollback)
        seen.append(rig.state)
        rig.signal(.terminate)
        seen.append(rig.state)
        #expect(
            seen == ["steady", "checking", "candidate", "rolling", "probation", "rolling back", "stopping"])
    }

    @Test("systemd is told of the beginning and the end of each deploy, and what is going on meanwhile")
    func notes() {
        var rig = Rig.steady()
        rig.disk = 2
        rig.signal(.user2)
        rig.run()
        let kinds = rig.notes.map { note in
            switch note {
            case .ready: "ready"
            case .reloading: "reloading"
            case .status: "status"
            case .stopping: "stopping"
            }
        }.filter { $0 != "status" }
        #expect(kinds == ["ready", "reloading", "ready"])
        let rolling = "rolling: 1 of 2 workers serve generation 2, 1 still serves generation 1"
        #expect(rig.notes.contains(.status(rolling)), "\(rig.notes)")
    }

    @Test("who waits for a stop is told of each worker that has not ended, and of one that somebody has stopped")
    func stopWait() {
        var rig = Rig.steady()
        rig.signal(.terminate)
        rig.pass(2000)
        let pids = rig.machine.workers.map(\.pid)
        let lines = StopWait(rig.machine.status([:])).lines { $0 == pids[0] }.map(\.line)
        #expect(lines.count == 2)
        #expect(
            lines[0].contains("worker #1 (\(pids[0])), whose process somebody has stopped (`kill -CONT \(pids[0])`"))
        #expect(lines[1].hasPrefix("waiting for worker #2 (\(pids[1])), which has 0 connections; it is killed in "))
    }

    @Test("a person gets a table with the last rejection above it")
    func table() {
        var rig = Rig.steady(workers: 1)
        rig.refusal = ["HB101 a"]
        rig.signal(.user2)
        rig.run()
        let lines = StatusTable(rig.machine.status([:])).text.split(separator: "\n").map(String.init)
        #expect(lines.count == 4)
        #expect(lines[0] == "rejected: 1 of 1 workers serve generation 1")
        #expect(lines[1] == "last deploy rejected: HB101 a")
        #expect(
            lines[2].split(separator: " ") == [
                "id", "pid", "generation", "state", "age", "connections", "requests", "5xx", "memory", "crashes",
            ])
        #expect(lines[3].hasPrefix("1   \(1000 + rig.serial(ofWorker: 1))  1           serving"))
        #expect(StatusTable(.null).text == ": ")
    }
}
