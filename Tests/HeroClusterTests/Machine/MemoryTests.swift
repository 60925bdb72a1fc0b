// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCluster

@Suite("what a master leaves for the next one")
struct MemoryTests {
    @Test("content that was rolled back stays refused after a restart, and what had served before it serves again")
    func rolledBack() {
        var before = rolledBackRig()
        before.signal(.terminate)
        before.run()
        var rig = Rig(memory: before.memory)
        rig.disk = 2
        rig.send(.start)
        rig.run()
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.state == "rejected")
        #expect(
            rig.machine.lastRejection.first?.hasPrefix("this content was rolled back before: it lost 3 workers") == true
        )
        #expect(rig.log.contains { $0.contains("generation 1, which had served before it, serves again") })
        rig.signal(.user2)
        rig.run()
        #expect(rig.servingGenerations == [1, 1], "and in the next deploy")
        rig.ask(.reload(wait: false, force: true))
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
        #expect(rig.memory.rolledBack.isEmpty)
    }

    @Test("other content starts, as ever")
    func other() {
        var rig = Rig(memory: rolledBackRig().memory)
        rig.disk = 3
        rig.send(.start)
        rig.run()
        #expect(rig.servingGenerations == [3, 3])
        #expect(rig.state == "steady")
        #expect(rig.memory.rolledBack.map(\.generation.number) == [2])
    }

    @Test("when nothing else is left that could serve, it is started all the same")
    func nothingElse() {
        var memory = rolledBackRig().memory
        memory.serving = nil
        var rig = Rig(memory: memory)
        rig.disk = 2
        rig.send(.start)
        rig.run()
        #expect(rig.servingGenerations == [2, 2])
        #expect(rig.log.contains { $0.hasPrefix("alert: generation 2 is started all the same") })
    }

    @Test("what is on probation is not what has proved itself")
    func probation() {
        var rig = Rig.steady()
        rig.disk = 2
        rig.signal(.user2)
        rig.run()
        #expect(rig.memory.serving == Rig.generation(1))
        rig.live(61_000)
        #expect(rig.memory.serving == Rig.generation(2))
    }

    @Test("settings of a generation that was refused or rolled back go with it")
    func settings() {
        var rig = Rig.steady()
        rig.settings.workerMemoryLimit = 77
        rig.disk = 2
        rig.signal(.user2)
        rig.checked()
        rig.end(rig.newest, .exit(1))
        #expect(rig.machine.settings.workerMemoryLimit == 0)
        rig.signal(.user2)
        rig.run()
        #expect(rig.machine.settings.workerMemoryLimit == 77)
        rig.ask(.rollback)
        rig.run()
        #expect(rig.machine.settings.workerMemoryLimit == 0)
    }

    private func rolledBackRig() -> Rig {
        var rig = Rig.steady()
        rig.disk = 2
        rig.signal(.user2)
        rig.run()
        for _ in 0..<3 {
            rig.crash(rig.machine.serving[0].serial)
            rig.live(2000)
        }
        #expect(rig.servingGenerations == [1, 1])
        return rig
    }
}
