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
        "enqueue.before", "enqueue.sent",
    ]
    /// Places on the way to its end.
    private static let stopping = ["stop.waiting", "stop.cancelled", "stop.leaving"]

    var isStop: Bool { Self.stopping.contains(place) }

    /// Each place at the first time, and with `HERO_KILL_SEEDS=300` as many others as chance has it.
    static let all: [KillCase] = {
        let first = (running + stopping).map { KillCase(place: $0, time: 1) }
        let seeds = ProcessInfo.processInfo.environment["HERO_KILL_SEEDS"].flatMap { Int($0) } ?? 0
        // Places that a process comes to as often as it has work to do.
        let often = running.filter { name in ["claim", "run", "finish", "enqueue"].contains { name.hasPrefix($0) } }
        return first
            + (0..<seeds).map { seed in
                var random = SeededRandom(seed: UInt64(seed))
                let place = often[random.next(below: often.count)]
                return KillCase(place: place, time: 1 + random.next(below: place.hasPrefix("enqueue") ? 4 : 8))
            }
    }()
}

/// Who is killed when a worker of a cluster has stopped somewhere.
enum KillVictim: String, Sendable, CaseIterable {
    case worker, master, group
}

@Suite(
    "jobs of a process that is killed", .timeLimit(.minutes(10)),
    .enabled(if: KillScene.hasFailpoints, "the host is a release build, which has no failpoints"))
struct KillMatrixTests {
    @Test(
        "are all done by the next one, none twice that was not held, and nothing is left of them",
        arguments: KillCase.all)
    func killed(_ kill: KillCase) async throws {
        let scene = try await KillScene()
        var environment = scene.stopping(at: kill.place, kill.time)
        if kill.isStop { environment["SLOW"] = "1" }
        let victim = try scene.start(environment)
        if kill.isStop {
            try await scene.showsJob()
            victim.send(SIGTERM)
        }
        #expect(try await scene.stopped() == victim.identifier)
        let held = try await scene.held()
        victim.send(SIGKILL)
        #expect(try await victim.exitCode() == -SIGKILL)
        let next = try scene.start()
        try await scene.allDone(without: [victim.identifier])
        #expect(try await next.stop() == 0)
        try await expectTidy(scene, held)
    }

    @Test(
        "of a cluster are done by its other workers, or by the next process",
        arguments: KillVictim.allCases,
        ["claim.sent", "run.returned", "finish.sent", "retry.after", "recurrent.before"])
    func cluster(_ victim: KillVictim, _ place: String) async throws {
        let scene = try await KillScene()
        let cluster = try await scene.startCluster(scene.stopping(at: place))
        let pid = try await scene.stopped()
        var (held, dead) = (try await scene.held(), [pid])
        if victim == .worker {
            kill(pid, SIGKILL)
        } else {
            let workers = ProcessTable.children(of: cluster.master.identifier)
            cluster.master.send(SIGKILL)
            // One that has stopped does not see the end of its master, as the others do.
            for worker in workers where victim == .group || worker == pid { kill(worker, SIGKILL) }
            for worker in workers { try await ProcessTable.waitForEnd(of: worker) }
            (held, dead) = (KillScene.jobs, workers)
        }
        let next = victim == .worker ? cluster.master : try scene.start()
        try await scene.allDone(without: dead)
        #expect(try await next.stop() == 0)
        // While one has stopped the other goes on, and gets to hold others.
        try await expectTidy(scene, held)
    }

    @Test(
        "of a cluster whose master is killed as it hears of a worker's end are done by the next process",
        arguments: ["report.before", "report.after"])
    func report(_ place: String) async throws {
        let scene = try await KillScene()
        let cluster = try await scene.startCluster(scene.stopping(at: place).merging(["SLOW": "1"]) { $1 })
        try await scene.showsJob()
        let workers = ProcessTable.children(of: cluster.master.identifier)
        kill(try #require(workers.first), SIGKILL)
        #expect(try await scene.stopped() == cluster.master.identifier)
        cluster.master.send(SIGKILL)
        for worker in workers { try await ProcessTable.waitForEnd(of: worker) }
        let next = try scene.start()
        try await scene.allDone(without: workers)
        #expect(try await next.stop() == 0)
        try await expectTidy(scene, 0)
    }

    private func expectTidy(_ scene: KillScene, _ held: Int) async throws {
        let done = scene.done
        #expect(Set(done) == KillScene.all)
        // What was enqueued twice was so by a job that was held, and that may have been done twice itself.
        for isFirst in [true, false] {
            let (some, all) = (done.filter { ($0 < 1000) == isFirst }, KillScene.all.filter { ($0 < 1000) == isFirst })
            #expect(some.count - all.count <= held, "only what was held when the process was killed is done twice")
        }
        #expect(try await scene.remains() == [])
    }
}
