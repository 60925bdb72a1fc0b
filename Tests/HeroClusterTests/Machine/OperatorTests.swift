// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCluster

@Suite("signals and commands")
struct OperatorTests {
    // MARK: Stop

    @Test(
        "TERM, INT and QUIT stop one worker after the other, the highest number first, with the reference's lines",
        arguments: [ClusterSignal.terminate, .interrupt, .quit])
    func stops(signal: ClusterSignal) {
        var rig = Rig.steady()
        let start = rig.log.count
        rig.signal(signal)
        rig.run()
        #expect(
            rig.log.dropFirst(start).map { $0.replacing(#/ \(\d+\)/#, with: "") } == [
                "info: Signal: \(signal.rawValue)", "info: signaling worker #2 to stop",
                "info: 2 workers running, waiting on stop", "info: [worker #2]: stopping", "info: [worker #2]: stopped",
                "info: [worker #2]: exited", "info: signaling worker #1 to stop", "info: [worker #1]: stopping",
                "info: [worker #1]: stopped", "info: [worker #1]: exited", "notice: all workers stopped",
            ])
        #expect(rig.exitCode == 0)
        #expect(rig.notes.contains(.stopping))
    }

    @Test("a worker that takes its time does not keep the others from stopping")
    func slow() {
        var rig = Rig.steady(workers: 3)
        rig.signal(.terminate)
        rig.pending = []
        rig.pass(5000)
        #expect(rig.machine.workers.allSatisfy { $0.phase == .stopping })
        #expect(rig.log.count { $0 == "info: 3 workers running, waiting on stop" } >= 4)
    }

    @Test("however many take their time, each has half of the stop timeout")
    func manySlow() {
        var rig = Rig(workers: 40, stopTimeout: 2000)
        rig.send(.start)
        rig.live(20_000)
        rig.signal(.terminate)
        rig.pending = []
        rig.pass(1000)
        #expect(rig.machine.workers.count == 40 && rig.machine.workers.allSatisfy { $0.phase == .stopping })
        #expect(rig.alive.count == 40)
    }

    @Test("a second TERM kills what is left")
    func second() {
        var rig = Rig.steady()
        rig.signal(.terminate)
        #expect(Set(rig.signal(.terminate).killed) == rig.alive)
        rig.pending = rig.alive.map { .kill($0) }
        rig.run()
        #expect(rig.exitCode == 0)
        #expect(!rig.log.contains { $0.contains("killed by") })
    }

    @Test("a worker that does not stop in time is killed, and the cluster ends all the same")
    func stuck() {
        var rig = Rig.steady(workers: 1)
        rig.signal(.terminate)
        rig.pending = []
        rig.pass(36_000)
        rig.run()
        #expect(rig.exitCode == 0)
    }

    @Test("TERM in the middle of whatever ends it, and tells all who wait")
    func inTheMiddle() {
        let scenes: [(inout Rig) -> Void] = [
            { _ in }, { $0.checked() },
            {
                $0.checked()
                $0.step()
            },
            {
                $0.checked()
                $0.step()
                $0.crash($0.newest)
            }, { $0.run() },
        ]
        for scene in scenes {
            var rig = Rig.steady()
            rig.disk = 2
            let clients = [rig.ask(.reload(wait: true, force: false)), rig.ask(.wait)]
            scene(&rig)
            rig.signal(.terminate)
            rig.live(5000)
            #expect(rig.exitCode == 0)
            #expect(rig.alive == [])
            #expect(clients.allSatisfy { rig.answer($0)?.lines == ["the cluster is stopping"] })
        }
    }

    @Test("TERM during the first start ends it")
    func beforeTheFirst() {
        var rig = Rig()
        rig.send(.start)
        rig.signal(.terminate)
        #expect(rig.exitCode == 0)
    }

    @Test("the command stop is answered when all have stopped")
    func stopCommand() {
        var rig = Rig.steady()
        let clients = [rig.ask(.stop), rig.ask(.stop)]
        #expect(clients.allSatisfy { rig.answer($0) == nil })
        rig.run()
        #expect(clients.allSatisfy { rig.answer($0)?.lines == ["all workers stopped"] })
    }

    @Test("nothing is begun any more while the cluster stops")
    func tooLate() {
        var rig = Rig.steady()
        rig.signal(.terminate)
        for signal in [ClusterSignal.user2, .hangUp, .increase, .decrease, .windowChange, .upgrade] {
            let doings = rig.signal(signal)
            #expect(doings.checks == 0 && doings.spawned == [] && doings.stopped == [])
        }
        for command in [ControlCommand.rollback, .scale(4), .upgrade, .release("a"), .wait] {
            #expect(rig.reply(to: command)?.isSuccess == false)
        }
        #expect(rig.reply(to: .status)?.isStatus == true)
        #expect(rig.state == "stopping")
    }

    // MARK: Numbers

    @Test("TTIN adds a worker, TTOU removes the one with the highest number")
    func moreAndFewer() {
        var rig = Rig.steady()
        let start = rig.log.count
        rig.signal(.increase)
        rig.run()
        #expect(rig.servingIDs == [1, 2, 3])
        rig.signal(.decrease)
        rig.run()
        #expect(rig.servingIDs == [1, 2])
        let log = rig.log.dropFirst(start).map { $0.replacing(#/ \(\d+\)/#, with: "") }
        #expect(
            log == [
                "info: Signal: SIGTTIN", "info: add a worker", "info: starting worker #3",
                "info: [worker #3]: starting", "info: [worker #3]: started",
                "notice: cluster equilibrium state reached with 3 workers", "info: Signal: SIGTTOU",
                "info: remove a worker", "info: signaling worker #3 to stop", "info: [worker #3]: stopping",
                "info: [worker #3]: stopped", "info: [worker #3]: exited",
                "notice: cluster equilibrium state reached with 2 workers",
            ])
    }

    @Test("TTOU goes down to zero and not below; TTIN comes back from there")
    func zero() {
        var rig = Rig.steady()
        for _ in 0..<4 {
            rig.signal(.decrease)
            rig.run()
        }
        #expect(rig.machine.expected == 0)
        #expect(rig.servingIDs == [])
        #expect(!rig.log.contains("warning: 0 workers in this cluster"))
        rig.signal(.increase)
        rig.run()
        #expect(rig.servingIDs == [1])
    }

    @Test("there are never more workers than places")
    func most() {
        var rig = Rig.steady(workers: 1)
        for _ in 0..<300 { rig.signal(.increase) }
        #expect(rig.machine.expected == 128)
        rig.ask(.scale(1000))
        #expect(rig.machine.expected == 128)
    }

    @Test("a worker that starts is stopped before one that serves")
    func whoGoes() {
        var rig = Rig.steady(workers: 2)
        rig.crash(rig.serial(ofWorker: 1))
        #expect(rig.machine.workers.first { $0.id == 1 }?.isYetToServe == true)
        rig.signal(.decrease)
        #expect(rig.servingIDs == [2])
    }

    @Test("WINCH drains all workers and keeps everything else; USR2, TTIN and scale bring them back")
    func windowChange() {
        for comeBack in [{ $0.signal(.user2) }, { $0.signal(.increase) }, { $0.ask(.scale(2)) }] as [(inout Rig) -> Any]
        {
            var rig = Rig.steady()
            rig.signal(.windowChange)
            rig.signal(.windowChange)
            rig.run()
            #expect(rig.machine.workers.isEmpty)
            #expect(rig.exitCode == nil)
            #expect(rig.machine.summary.contains("drained by SIGWINCH"))
            _ = comeBack(&rig)
            rig.live(2000)
            #expect(rig.servingIDs.count >= 2)
        }
    }

    @Test("WINCH lets a candidate go on")
    func windowChangeDuringDeploy() {
        var rig = Rig.steady()
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        rig.signal(.windowChange)
        rig.live(3000)
        #expect(rig.machine.current == Rig.generation(2))
        #expect(rig.machine.workers.isEmpty)
    }

    @Test("USR1 reopens the log files of the master and of all workers")
    func reopen() {
        var rig = Rig.steady()
        let doings = rig.signal(.user1)
        #expect(Set(doings.sent { $0 == .reopenLogs }) == rig.alive)
        #expect(doings.actions.contains { if case .reopenLogs = $0 { true } else { false } })
        #expect(doings.log == ["Signal: SIGUSR1"])
    }

    // MARK: Waiting

    @Test("wait is answered at once when nothing is under way, with the last rejection if there was one")
    func wait() {
        var rig = Rig.steady()
        #expect(rig.reply(to: .wait)?.isSuccess == true)
        rig.refusal = ["HB101 a"]
        rig.signal(.user2)
        rig.run()
        #expect(rig.reply(to: .wait) == ControlReply(isSuccess: false, lines: ["last deploy rejected: HB101 a"]))
    }

    @Test("a client that has gone is not answered")
    func gone() {
        var rig = Rig.steady()
        rig.signal(.user2)
        let client = rig.ask(.wait)
        rig.send(.clientGone(client))
        rig.live(2000)
        #expect(rig.replies[client] == nil)
    }

    // MARK: A new executable

    @Test("an upgrade asks the new executable, hands over, and rolls the workers like a deploy")
    func upgrade() throws {
        var rig = Rig.steady()
        let client = rig.ask(.upgrade)
        rig.step()
        #expect(rig.answer(client)?.isSuccess == true)
        #expect(rig.pending.contains { if case .handOver = $0 { true } else { false } })
        rig.replaceMachine(by: try Invariants.checkRoundTrip(rig.machine, now: rig.now))
        let before = rig.alive
        rig.pending = []
        rig.send(.resumed)
        rig.run()
        #expect(rig.alive.isDisjoint(with: before))
        #expect(rig.servingIDs.count == 2)
    }

    @Test("a new executable that cannot take over changes nothing")
    func upgradeRefused() {
        var rig = Rig.steady()
        let client = rig.ask(.upgrade)
        let second = rig.ask(.upgrade)
        #expect(rig.answer(second)?.isSuccess == false)
        rig.disk = 2
        rig.signal(.user2)
        #expect(rig.state == "steady", "a deploy waits for the answer")
        rig.pending = []
        rig.send(.upgradeChecked(["the new executable cannot take over: it is for another machine"]))
        #expect(rig.answer(client)?.isSuccess == false)
        #expect(rig.state == "checking", "and has its turn then")
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
    }

    @Test("an executable that cannot be executed after all leaves this one in charge")
    func handOverFails() {
        var rig = Rig.steady()
        rig.signal(.upgrade)
        rig.step()
        rig.pending = []
        rig.send(.handOverFailed("no such file"))
        #expect(rig.log.last == "alert: cannot hand over: no such file; this executable carries on")
        #expect(rig.reply(to: .wait)?.isSuccess == false)
        rig.signal(.user2)
        rig.run()
        #expect(rig.state == "steady")
    }

    @Test("no upgrade while workers are being replaced")
    func upgradeDuringRoll() {
        var rig = Rig.steady()
        rig.signal(.user2)
        #expect(rig.reply(to: .upgrade)?.isSuccess == false)
    }
}
