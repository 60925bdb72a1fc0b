// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCluster

@Suite("a deploy that takes everything away")
struct LossTests {
    @Test("a generation without any action is refused, unless it is forced")
    func noActions() {
        var rig = Rig.steady()
        (rig.disk, rig.actions) = (2, [])
        let client = rig.ask(.reload(wait: true, force: false))
        rig.run()
        let reason =
            "deploy rejected: generation 2 has no action, and 2 are served now – if that is wanted, use "
            + "`hero cluster reload --force`"
        #expect(rig.answer(client)?.lines == [reason])
        #expect(rig.servingGenerations == [1, 1])
        rig.ask(.reload(wait: false, force: true))
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
    }

    @Test("a generation with none of the actions that are served is refused; one that keeps any of them is not")
    func otherActions() {
        var rig = Rig.steady()
        (rig.disk, rig.actions) = (2, ["other@1"])
        rig.signal(.user2)
        rig.run()
        #expect(rig.servingGenerations == [1, 1])
        #expect(
            rig.machine.lastRejection.first?.hasPrefix(
                "generation 2 has none of the 2 actions that are served now, such as crash") == true)
        rig.actions = ["other@1", "hello@2"]
        rig.signal(.user2)
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
    }

    @Test("it is refused also while no worker serves")
    func nobodyServes() {
        var rig = Rig.steady(workers: 1)
        rig.ask(.scale(0))
        rig.run()
        (rig.disk, rig.actions) = (2, [])
        rig.signal(.user2)
        rig.run()
        #expect(rig.machine.current == Rig.generation(1))
    }

    @Test("a generation that has lost its configuration is refused, unless it is forced")
    func noConfiguration() {
        var rig = Rig.steady()
        (rig.disk, rig.losses) = (2, ["/app has no configuration any more"])
        let client = rig.ask(.reload(wait: true, force: false))
        rig.run()
        #expect(
            rig.answer(client)?.lines.first?.hasPrefix("deploy rejected: /app has no configuration any more – ") == true
        )
        rig.ask(.reload(wait: false, force: true))
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
    }

    @Test("an application without actions may start, and be deployed")
    func neverHadAny() {
        var rig = Rig()
        rig.actions = []
        rig.send(.start)
        rig.run()
        rig.disk = 2
        rig.signal(.user2)
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
    }
}
