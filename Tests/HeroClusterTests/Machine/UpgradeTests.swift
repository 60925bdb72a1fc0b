// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroCluster

@Suite("a new executable while something bad lies on disk")
struct UpgradeTests {
    /// What an operator sees of the upgrade: the answer at its end.
    private func upgrade(_ rig: inout Rig, _ during: (inout Rig) -> Void = { _ in }) throws -> ControlReply {
        rig.ask(.upgrade)
        rig.step()
        rig.replaceMachine(by: try Invariants.checkRoundTrip(rig.machine, now: rig.now))
        rig.pending = []
        rig.send(.resumed)
        let client = rig.ask(.wait)
        during(&rig)
        rig.live(2000)
        return try #require(rig.answer(client))
    }

    private func expectServed(_ rig: Rig, instead before: Set<Int>, _ answer: ControlReply, _ reason: String) {
        #expect(answer.isSuccess, "\(answer)")
        #expect(
            answer.lines.first
                == "what is on disk is not deployed; generation 1 goes on under the new executable")
        #expect(answer.lines.contains { $0.contains(reason) }, "\(answer.lines)")
        #expect(rig.log.contains("alert: \(answer.lines.first ?? "")"))
        #expect(rig.servingGenerations == [1, 1])
        #expect(rig.alive.isDisjoint(with: before), "every worker is one of the new executable")
        #expect(rig.state == "rejected")
        #expect(rig.machine.lastRejection.contains { $0.contains(reason) })
    }

    @Test("content that was rolled back stays out of service, and what serves goes on in new workers")
    func rolledBack() throws {
        var rig = Rig.steady()
        rig.disk = 2
        rig.signal(.user2)
        rig.run()
        for _ in 0..<3 {
            rig.crash(rig.machine.serving[0].serial)
            rig.live(2000)
        }
        #expect(rig.servingGenerations == [1, 1])
        let before = rig.alive
        let answer = try upgrade(&rig)
        expectServed(rig, instead: before, answer, "this content was rolled back before: it lost 3 workers")
        #expect(rig.machine.rolledBack.map(\.generation.number) == [2])
    }

    @Test("what is refused by its check, or would take the configuration away, is not deployed either")
    func refused() throws {
        for spoil in [{ $0.refusal = ["HB101 a"] }, { $0.losses = ["HB101 a is lost"] }] as [(inout Rig) -> Void] {
            var rig = Rig.steady()
            rig.disk = 2
            spoil(&rig)
            let before = rig.alive
            let answer = try upgrade(&rig)
            expectServed(rig, instead: before, answer, "HB101 a")
        }
    }

    @Test("nor is a candidate that does not start, or has none of the actions")
    func badCandidate() throws {
        var rig = Rig.steady()
        rig.disk = 2
        var before = rig.alive
        var answer = try upgrade(&rig) {
            $0.checked()
            $0.end($0.newest, .exit(1), lines: ["no database here"])
        }
        expectServed(rig, instead: before, answer, "no database here")
        rig = Rig.steady()
        rig.disk = 2
        before = rig.alive
        let actions = rig.actions
        answer = try upgrade(&rig) {
            $0.checked()
            $0.actions = []
            $0.step()
            $0.actions = actions
        }
        expectServed(rig, instead: before, answer, "has no action")
    }

    @Test("when what serves does not start under the new executable, its workers stay and the answer is no")
    func nothingStarts() throws {
        var rig = Rig.steady()
        rig.refusal = ["HB101 a"]
        let before = rig.alive
        let answer = try upgrade(&rig) {
            $0.checked()
            $0.end($0.newest, .exit(1), lines: ["too new for it"])
        }
        #expect(!answer.isSuccess)
        #expect(answer.lines.contains { $0.contains("too new for it") })
        #expect(rig.alive == before)
    }

    @Test("the next deploy is answered for itself")
    func next() throws {
        var rig = Rig.steady()
        rig.refusal = ["HB101 a"]
        _ = try upgrade(&rig)
        rig.signal(.user2)
        rig.run()
        #expect(rig.reply(to: .wait)?.isSuccess == false)
        rig.refusal = nil
        rig.disk = 3
        rig.signal(.user2)
        rig.live(70_000)
        #expect(rig.servingGenerations == [3, 3])
        #expect(rig.reply(to: .wait)?.isSuccess == true)
    }
}
