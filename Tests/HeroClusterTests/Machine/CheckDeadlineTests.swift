// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCluster

@Suite("children that check and do not answer")
struct CheckDeadlineTests {
    @Test("a check that does not end is ended, its reason is told, and the next deploy works")
    func check() {
        var rig = Rig.steady()
        rig.disk = 2
        let client = rig.ask(.reload(wait: true, force: false))
        rig.send(.checkProgress(isUpgrade: false, "looking for bundles"))
        rig.pass(59_000)
        #expect(rig.answer(client) == nil)
        rig.pass(2000)
        let reason = "deploy rejected: what is on disk was not checked after 60 s (looking for bundles); it was ended"
        #expect(rig.answer(client)?.lines == [reason])
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.pending.isEmpty, "the child is not waited for")
        rig.signal(.user2)
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
    }

    @Test("a first check that does not end, ends the master")
    func first() {
        var rig = Rig()
        rig.send(.start)
        rig.pass(61_000)
        #expect(rig.exitCode == 1)
    }

    @Test("a new executable that hangs is ended, its reason is told, and deploys work")
    func upgrade() {
        var rig = Rig.steady()
        let client = rig.ask(.upgrade)
        let deploy = rig.ask(.reload(wait: true, force: false))
        rig.pass(61_000)
        #expect(
            rig.answer(client)?.lines == [
                "upgrade refused: the new executable has not answered after 60 s; it was ended"
            ])
        rig.live(61_000)
        #expect(rig.answer(deploy)?.isSuccess == true)
        #expect(rig.ask(.upgrade) > 0)
        rig.send(.upgradeChecked([]))
        #expect(rig.log.last == "notice: handing over to the new executable")
    }

    @Test("how long is a setting")
    func setting() {
        var settings = ClusterSettings()
        settings.checkTimeout = 500
        var rig = Rig.steady(settings: settings)
        rig.signal(.user2)
        rig.pass(501)
        #expect(rig.machine.lastRejection == ["what is on disk was not checked after 500 ms; it was ended"])
    }

    @Test("everybody who waits is told before a new executable takes over")
    func handOver() {
        var rig = Rig.steady()
        rig.disk = 2
        let reload = rig.ask(.reload(wait: true, force: false))
        rig.run()
        let upgrade = rig.ask(.upgrade)
        let waiting = rig.ask(.wait)
        rig.send(.upgradeChecked([]))
        for client in [reload, upgrade, waiting] { #expect(rig.answer(client) != nil) }
        #expect(rig.answer(reload)?.isSuccess == true && rig.answer(waiting)?.isSuccess == false)
    }

    @Test("who waits for workers that do not start is told so, and the cluster goes on trying")
    func workersThatDoNotStart() {
        var rig = Rig.steady()
        let client = rig.ask(.reload(wait: true, force: false))
        rig.checked()
        rig.step()
        for _ in 0..<40 where rig.answer(client) == nil {
            if let serial = rig.machine.workers.first(where: \.isYetToServe)?.serial {
                rig.end(serial, .exit(1), lines: ["no database"])
            }
            rig.pass(1000)
        }
        #expect(rig.answer(client)?.isSuccess == false)
        #expect(rig.answer(client)?.lines.first?.contains("do not start, the cluster goes on trying") == true)
        rig.disk = 2
        rig.signal(.user2)
        rig.live(40_000)
        #expect(rig.servingGenerations == [2, 2], "the next deploy has its turn")
    }
}
