// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// The lines and files of a cluster, as the reference's recordings of the same events have them (`cluster.json`), with
/// starting before stopping where a worker is replaced.
@Suite("the sequence of a cluster's lines", .timeLimit(.minutes(10)))
struct ClusterSequenceTests {
    @Test("it starts one worker after the other, and says when all serve")
    func start() async throws {
        let scene = try await ClusterScene.start()
        #expect(
            scene.lines.filter { !$0.hasPrefix("using default") } == [
                "notice:  - STARTING CLUSTER -", "notice: pid: <pid>", "info: starting worker #1",
                "info: [worker #1]: starting", "info: [worker #1]: started", "info: starting worker #2",
                "info: [worker #2]: starting", "info: [worker #2]: started",
                "notice: cluster equilibrium state reached with 2 workers",
            ])
        #expect(scene.hero.lines.contains("using default value of `actionhero-worker-` for `workerTitlePrefix`"))
        #expect(scene.pidFiles == ["actionhero-worker-1", "actionhero-worker-2", "cluster_pidfile"])
        #expect(try scene.project.read("pids/cluster_pidfile") == "\(scene.hero.identifier)")
        #expect(try scene.project.read("pids/actionhero-worker-2") == "\(try scene.worker(2))")
        #expect(
            scene.project.list("log") == [
                "actionhero-worker-1-development.log", "actionhero-worker-2-development.log", "cluster.log",
            ])
        let first = try scene.project.read("log/cluster.log").split(separator: "\n").first ?? ""
        #expect(first.hasPrefix("{") && first.contains("STARTING CLUSTER"))
        try await scene.stop()
        #expect(scene.pidFiles == [])
    }

    @Test("TERM and INT: the highest number first, then the next, then the end with 0", arguments: [SIGTERM, SIGINT])
    func stop(signal: Int32) async throws {
        let scene = try await ClusterScene.start()
        scene.send(signal)
        #expect(try await scene.hero.exitCode() == 0)
        #expect(
            scene.newLines
                == [
                    "info: Signal: \(signal == SIGTERM ? "SIGTERM" : "SIGINT")", "info: signaling worker #2 to stop",
                    "info: 2 workers running, waiting on stop", "info: [worker #2]: stopping",
                    "info: [worker #2]: stopped",
                    "info: [worker #2]: exited", "info: signaling worker #1 to stop", "info: [worker #1]: stopping",
                    "info: [worker #1]: stopped", "info: [worker #1]: exited", "notice: all workers stopped",
                ])
    }

    @Test("USR2: a new worker has started before an old one is told to stop, the highest number first")
    func reload() async throws {
        let scene = try await ClusterScene.start()
        let before = try [scene.worker(1), scene.worker(2)]
        scene.send(SIGUSR2)
        try await scene.equilibrium(2)
        let lines = scene.newLines
        #expect(lines.prefix(2) == ["info: Signal: SIGUSR2", "info: swap out new workers one-by-one"])
        #expect(
            lines.filter { !$0.contains("nothing has changed") }.dropFirst(2) == [
                "info: starting worker #3", "info: [worker #3]: starting", "info: [worker #3]: started",
                "info: [worker #2]: stopping", "info: [worker #2]: stopped", "info: [worker #2]: exited",
                "info: starting worker #2", "info: [worker #2]: starting", "info: [worker #2]: started",
                "info: [worker #1]: stopping", "info: [worker #1]: stopped", "info: [worker #1]: exited",
                "notice: cluster equilibrium state reached with 2 workers",
            ])
        #expect(scene.pidFiles == ["actionhero-worker-2", "actionhero-worker-3", "cluster_pidfile"])
        #expect(try !before.contains(scene.worker(2)))
        try await scene.stop()
    }

    @Test("HUP: all are replaced at once, and still no old worker stops before a new one has started")
    func hangUp() async throws {
        let scene = try await ClusterScene.start(workers: 3)
        scene.send(SIGHUP)
        try await scene.equilibrium(3)
        let lines = scene.newLines
        #expect(lines.prefix(2) == ["info: Signal: SIGHUP", "info: reload all workers now"])
        var (started, stopping) = (0, 0)
        for line in lines {
            if line.hasSuffix("]: started") { started += 1 }
            if line.hasSuffix("]: stopping") { stopping += 1 }
            #expect(started >= stopping)
        }
        #expect(started == 3 && stopping == 3)
        try await scene.stop()
    }

    @Test("TTIN and TTOU: one more, one fewer, down to zero and not below")
    func moreAndFewer() async throws {
        let scene = try await ClusterScene.start(workers: 1)
        scene.send(SIGTTIN)
        try await scene.equilibrium(2)
        #expect(
            scene.newLines == [
                "info: Signal: SIGTTIN", "info: add a worker", "info: starting worker #2",
                "info: [worker #2]: starting", "info: [worker #2]: started",
                "notice: cluster equilibrium state reached with 2 workers",
            ])
        scene.send(SIGTTOU)
        try await scene.equilibrium(1)
        #expect(
            scene.newLines == [
                "info: Signal: SIGTTOU", "info: remove a worker", "info: signaling worker #2 to stop",
                "info: [worker #2]: stopping", "info: [worker #2]: stopped", "info: [worker #2]: exited",
                "notice: cluster equilibrium state reached with 1 workers",
            ])
        scene.send(SIGTTOU)
        try await scene.line("]: exited")
        scene.send(SIGTTOU)
        try await scene.line("remove a worker")
        #expect(scene.newLines == ["info: Signal: SIGTTOU", "info: remove a worker"])
        #expect(scene.pidFiles == ["cluster_pidfile"])
        try await scene.stop()
    }

    @Test("a worker that somebody stops is replaced; the new one does not wait for it to go")
    func workerTerminated() async throws {
        let scene = try await ClusterScene.start()
        try scene.send(SIGTERM, toWorker: 2)
        try await scene.equilibrium(2)
        #expect(
            Set(scene.newLines) == [
                "info: [worker #2]: stopping", "info: starting worker #3", "info: [worker #2]: stopped",
                "info: [worker #2]: exited", "info: [worker #3]: starting", "info: [worker #3]: started",
                "notice: cluster equilibrium state reached with 2 workers",
            ])
        try await scene.stop()
    }

    @Test("a worker that somebody kills is replaced under its number")
    func workerKilled() async throws {
        let scene = try await ClusterScene.start()
        try scene.send(SIGKILL, toWorker: 2)
        try await scene.equilibrium(2)
        #expect(
            scene.newLines == [
                "error: [worker #2]: killed by SIGKILL", "info: [worker #2]: exited", "info: starting worker #2",
                "info: [worker #2]: starting", "info: [worker #2]: started",
                "notice: cluster equilibrium state reached with 2 workers",
            ])
        try await scene.stop()
    }

    @Test("WINCH drains all workers; scale brings them back")
    func windowChange() async throws {
        let scene = try await ClusterScene.start()
        scene.send(SIGWINCH)
        for id in [1, 2] { try await scene.hero.line(matching: "[worker #\(id) ", "exited", after: scene.start) }
        #expect(scene.pidFiles == ["cluster_pidfile"])
        scene.mark()
        #expect(try await scene.project.hero("cluster", "scale", "1").code == 0)
        try await scene.equilibrium(1)
        try await scene.stop()
    }

    @Test("the crash of an action is told with its name and its backtrace, line by line, and the worker replaced")
    func crash() async throws {
        let scene = try await ClusterScene.start(workers: 1, files: ["actions/crash.swift": Self.crash])
        scene.mark()
        let connection = try HTTPConnection(port: await scene.port)
        try await connection.send("GET /api/crash HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await scene.equilibrium(1)
        let lines = scene.newLines
        #expect(
            lines.first?.hasPrefix("alert: [worker #1]: uncaught exception => ") == true
                && lines.first?.hasSuffix("Fatal error: boom") == true)
        #expect(lines.contains { $0.hasPrefix("alert: [worker #1]:    ") && $0.contains("crash.swift") })
        #expect(lines.contains("alert: [worker #1]: actions in flight: crash@1; executing: crash@1"))
        #expect(
            lines.drop { $0.hasPrefix("alert:") } == [
                "info: [worker #1]: exited", "info: starting worker #1", "info: [worker #1]: starting",
                "info: [worker #1]: started", "notice: cluster equilibrium state reached with 1 workers",
            ])
        try await scene.stop()
    }

    private static let crash = """
        import ActionHero

        struct Crash: Action {
            func run(_ context: Context) async throws -> [String: Int] { fatalError("boom") }
        }
        """
}
