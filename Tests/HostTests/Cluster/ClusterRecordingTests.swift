// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Where no worker takes another one's place, the master's lines are the reference's to the letter; where one does, see
/// `docs/differences.md`.
@Suite("the log of a cluster, compared with the reference", .timeLimit(.minutes(10)))
struct ClusterRecordingTests {
    @Test("the start")
    func start() async throws {
        let scene = try await ClusterScene.start()
        let recorded = try RecordedCluster("start with 2 workers")
        #expect(scene.lines == recorded.lines)
        #expect(scene.pidFiles == recorded.pidFiles)
        #expect(scene.project.list("log") == recorded.logFiles)
        try await scene.stop()
    }

    @Test("one worker fewer")
    func decrease() async throws {
        let scene = try await ClusterScene.start(workers: 3)
        scene.send(SIGTTOU)
        try await scene.equilibrium(2)
        let recorded = try RecordedCluster("TTOU removes a worker")
        #expect(scene.newLines == recorded.lines)
        #expect(scene.pidFiles == recorded.pidFiles)
        try await scene.stop()
    }

    @Test("down to zero and below")
    func zero() async throws {
        let scene = try await ClusterScene.start()
        scene.send(SIGTTOU)
        try await scene.equilibrium(1)
        scene.hero.send(SIGTTOU)
        try await scene.hero.line(matching: "[worker #1 ", "exited", after: scene.start)
        scene.hero.send(SIGTTOU)
        let recorded = try RecordedCluster("TTOU down to zero and below")
        while scene.newLines.count < recorded.lines.count { await Task.yield() }
        #expect(scene.newLines == recorded.lines)
        #expect(scene.pidFiles == recorded.pidFiles)
        try await scene.stop()
    }

    @Test("the end")
    func terminate() async throws {
        let scene = try await ClusterScene.start(workers: 1)
        scene.send(SIGTERM)
        let recorded = try RecordedCluster("TERM")
        #expect(try await scene.hero.exitCode() == recorded.exitCode)
        #expect(scene.newLines == recorded.lines)
        #expect(scene.pidFiles == recorded.pidFiles)
    }

    @Test("another prefix of the workers' titles")
    func prefix() async throws {
        let scene = try await ClusterScene.start(["--workerTitlePrefix=custom-"])
        let recorded = try RecordedCluster("worker title prefix custom")
        #expect(scene.lines == recorded.lines)
        #expect(scene.pidFiles == recorded.pidFiles)
        try await scene.stop()
    }

    @Test("a pidfile that a dead master has left")
    func stale() async throws {
        let scene = try await ClusterScene.start(workers: 1, in: TestProject(["pids/cluster_pidfile": "1"]))
        #expect(scene.lines == (try RecordedCluster("start over the pidfile of a dead master")).lines)
        try await scene.stop()
    }
}

/// One of the reference's recordings of a cluster.
private struct RecordedCluster {
    private let response: [String: Any]

    init(_ name: String) throws {
        let file = URL(fileURLWithPath: "\(Stage.repository)/Tests/ConformanceTests/Recordings/cluster.json")
        let all = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [[String: Any]])
        let recording = try #require(all.first { $0["name"] as? String == name })
        response = try #require(recording["response"] as? [String: Any])
    }

    /// Without the lines of what the master of the reference does besides: it loads tasks, has a banner, and hears in
    /// Redis who comes and goes.
    var lines: [String] {
        let console = response["console"] as? [String] ?? []
        let foreign = ["No boot.js", "(re) loaded:", "\u{208B}", "\u{207B}", "ACTIONHERO COMMAND", "actionhero member"]
        return ClusterScene.masked(console.filter { line in !foreign.contains { line.contains($0) } })
    }

    var pidFiles: [String] { (response["pidfiles"] as? [String: Any] ?? [:]).keys.sorted() }
    var logFiles: [String] { response["logFiles"] as? [String] ?? [] }
    var exitCode: Int32 { (response["exitCode"] as? Int).map { Int32($0) } ?? -1 }
}
