// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRuntime
import Testing

@Suite("the life of a process as a list of parts")
struct LifeCycleTests {
    private struct Broken: Error {}

    private func step(_ name: String, _ journal: Journal, isBroken: Bool = false) -> LifeStep {
        LifeStep(
            name,
            start: {
                journal.add("start \(name)")
                if isBroken { throw Broken() }
            }, stop: { _ in journal.add("stop \(name)") })
    }

    @Test("parts start from the first to the last, with a halt where one is asked for, and stop the other way round")
    func order() async throws {
        let journal = Journal()
        let life = LifeCycle(["a", "b", "c"].map { step($0, journal) })
        try await life.start(before: "c")
        #expect(journal.all == ["start a", "start b"])
        try await life.start()
        try await life.start()
        await life.stop(StopPlan())
        await life.stop(StopPlan())
        #expect(journal.all == ["start a", "start b", "start c", "stop c", "stop b", "stop a"])
    }

    @Test("behind a part that cannot start none does, and all of them stop")
    func failure() async throws {
        let journal = Journal()
        let life = LifeCycle([step("a", journal), step("b", journal, isBroken: true), step("c", journal)])
        await #expect(throws: Broken.self) { try await life.start() }
        await life.stop(StopPlan())
        #expect(journal.all == ["start a", "start b", "stop c", "stop b", "stop a"])
    }

    @Test("nothing starts any more once the end has begun")
    func late() async throws {
        let journal = Journal()
        let life = LifeCycle([step("a", journal), step("b", journal)])
        try await life.start(before: "b")
        await life.stop(StopPlan())
        try await life.start()
        #expect(journal.all == ["start a", "stop b", "stop a"])
    }

    @Test("while the end goes on, it says what has not stopped, the next one first")
    func left() async throws {
        let (journal, gate) = (Journal(), Gate())
        let life = LifeCycle([
            step("a", journal), LifeStep("b", stop: { _ in await gate.wait() }), step("c", journal),
        ])
        try await life.start()
        #expect(life.left.isEmpty)
        async let end: Void = life.stop(StopPlan())
        while life.left != ["b", "a"] { await Task.yield() }
        gate.open()
        await end
        #expect(life.left.isEmpty)
    }
}
