// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Where a process is killed, and at which time that it comes there.
struct KillCase: Sendable, CustomTestStringConvertible {
    let place: String
    let time: Int
    var testDescription: String { "\(place):\(time)" }

    /// Places that every process comes to.
    private static let running = [
        "claim.before", "claim.sent", "claim.answered", "claim.started", "run.began", "run.returned", "finish.waiting",
        "finish.sent", "finish.answered", "suspect.marked", "suspect.began", "reap.locked", "reap.between",
        "delayed.before", "delayed.after", "retry.before", "retry.after", "recurrent.before", "recurrent.after",
    ]
    /// Places on the way to its end.
    private static let stopping = ["stop.waiting", "stop.cancelled", "stop.leaving"]

    var isStop: Bool { Self.stopping.contains(place) }

    /// Each place at the first time, and with `HERO_KILL_SEEDS=300` as many others as chance has it.
    static let all: [KillCase] = {
        let first = (running + stopping).map { KillCase(place: $0, time: 1) }
        let seeds = ProcessInfo.processInfo.environment["HERO_KILL_SEEDS"].flatMap { Int($0) } ?? 0
        // Places that a process comes to as often as it has work to do.
        let often = running.filter { name in ["claim", "run", "finish"].contains { name.hasPrefix($0) } }
        return first
            + (0..<seeds).map { seed in
                var random = SeededRandom(seed: UInt64(seed))
                return KillCase(place: often[random.next(below: often.count)], time: 1 + random.next(below: 8))
            }
    }()
}

@Suite("jobs of a process that is killed", .timeLimit(.minutes(10)))
struct KillMatrixTests {
    @Test(
        "are all done by the next one, none twice that was not held, and nothing is left of them",
        arguments: KillCase.all)
    func killed(_ kill: KillCase) async throws {
        let scene = try await KillScene()
        let report = scene.project.path("report")
        var environment = ["HERO_FAILPOINT": "\(kill.place):\(kill.time)", "HERO_FAILPOINT_REPORT": report]
        if kill.isStop { environment["SLOW"] = "1" }
        let victim = try scene.start(environment)
        if kill.isStop {
            while try await scene.held() < 4 {}
            victim.send(SIGTERM)
        }
        // The file has a newline at its end when the process is about to stop.
        while !((try? scene.project.read("report")) ?? "").hasSuffix("\n") { try await pause() }
        while !ProcessTable.isStopped(victim.identifier) { try await pause() }
        let held = try await scene.held()
        victim.send(SIGKILL)
        #expect(try await victim.exitCode() == -SIGKILL)

        let next = try scene.start()
        let all = Set(-1..<KillScene.jobs)
        while !all.isSubset(of: scene.done) { try await pause() }
        #expect(try await next.stop() == 0)
        let done = scene.done
        #expect(Set(done) == all)
        #expect(done.count - all.count <= held, "only what was held when the process was killed is done twice")
        #expect(try await scene.remains() == [])
    }

    /// Leaves the processor to the processes that are watched.
    private func pause() async throws { try await Task.sleep(for: .milliseconds(20)) }
}
