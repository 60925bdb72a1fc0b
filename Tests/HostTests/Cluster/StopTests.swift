// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("what a cluster leaves behind")
struct StopTests {
    @Test("whoever is told that it has stopped can start the next one at once, on the same port")
    func startAgain() async throws {
        var cluster = try await RunningCluster.start(workers: 1)
        let (project, port) = (cluster.project, cluster.port)
        for _ in 0..<5 {
            let stopped = try await cluster.command("stop")
            #expect(stopped.code == 0 && stopped.output == "all workers stopped\n", "\(stopped)")
            let status = try await cluster.command("status")
            #expect(status.code == 1 && status.error.contains("no cluster runs in"), "\(status)")
            #expect(project.list("pids").isEmpty)
            cluster = try await RunningCluster.start(workers: 1, project: project, port: port)
        }
        #expect(try await cluster.stop() == 0)
    }

    @Test("status is answered also while the cluster stops, or the question finds none")
    func statusWhileStopping() async throws {
        let cluster = try await RunningCluster.start(workers: 2)
        cluster.master.send(SIGTERM)
        while true {
            let status = try await cluster.command("status")
            if status.code == 0 { continue }
            let isClear = ["no cluster runs in", "the cluster has stopped", "the cluster ended before it answered"]
                .contains { status.error.contains($0) }
            #expect(isClear, "\(status)")
            if status.error.contains("no cluster runs in") { break }
        }
        #expect(try await cluster.master.exitCode() == 0)
    }

    @Test("the pidfile of a worker that was killed goes with it")
    func pidFiles() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        let mark = cluster.mark
        try await cluster.killWorker(try #require(try await cluster.workers.first))
        try await cluster.equilibrium(after: mark)
        let pid = try #require(try await cluster.workers.first)
        #expect(try cluster.project.read("pids/actionhero-worker-1") == "\(pid)")
        // One that is never asked.
        kill(pid, SIGSTOP)
        kill(pid, SIGKILL)
        #expect(try await cluster.stop() == 0)
        #expect(cluster.project.list("pids").isEmpty)
    }

    @Test("pidfiles of workers that were killed together with their master go at the next start")
    func stalePidFiles() async throws {
        let cluster = try await RunningCluster.start(workers: 3)
        let workers = try await cluster.workers
        cluster.master.send(SIGSTOP)
        for pid in workers { kill(pid, SIGKILL) }
        cluster.master.send(SIGKILL)
        try await cluster.master.exitCode()
        for pid in workers { try await ProcessTable.waitForEnd(of: pid) }
        #expect(cluster.project.list("pids").count == 4)
        let next = try await RunningCluster.start(workers: 1, project: cluster.project, port: cluster.port)
        #expect(cluster.project.list("pids") == ["actionhero-worker-1", "cluster_pidfile"])
        #expect(try await next.stop() == 0)
    }

    // MARK: Processes

    @Test("a process that an action has forked keeps nothing after the stop, wherever it has gone to")
    func forked() async throws {
        let cluster = try await RunningCluster.start(workers: 1, project: try await project())
        let pid = try await fork(cluster)
        #expect(ProcessTable.isAlive(pid))
        #expect(try await cluster.stop() == 0)
        #expect(!ProcessTable.isAlive(pid))
        #expect(cluster.master.lines.contains { $0.contains("ended what workers had left running: ") })
        let next = try await RunningCluster.start(workers: 1, project: cluster.project, port: cluster.port)
        #expect(try await next.stop() == 0)
    }

    @Test("what a worker has started and that ignores to be asked is ended by force")
    func stubborn() async throws {
        let cluster = try await RunningCluster.start(workers: 1, project: try await project())
        let pid = try await fork(cluster)
        kill(pid, SIGSTOP)
        #expect(try await cluster.command("stop").code == 0)
        #expect(!ProcessTable.isAlive(pid))
    }

    @Test("what a worker has started, such as a backtracer, does not outlive its crash")
    func crashed() async throws {
        let project = try await project(#"for (;;) pause();"#)
        let cluster = try await RunningCluster.start(workers: 1, project: project)
        let pid = try await fork(cluster)
        let mark = cluster.mark
        #expect((try? await cluster.request("/api/crash")) == nil)
        try await cluster.equilibrium(after: mark)
        #expect(!ProcessTable.isAlive(pid))
        #expect(try await cluster.stop() == 0)
    }

    @Test("a single process ends what its actions have started, too")
    func singleProcess() async throws {
        let project = try await project(#"for (;;) pause();"#)
        let hero = try await project.start()
        let response = try await hero.request("/api/spawn")
        let pid = try #require(response.text.firstMatch(of: /"result": ?(\d+)/).flatMap { Int32($0.1) })
        #expect(ProcessTable.isAlive(pid))
        #expect(try await hero.stop() == 0)
        #expect(!ProcessTable.isAlive(pid))
    }

    /// With the action `spawn`, which forks a process of many days and answers with its number.
    private func project(_ body: String = #"setsid(); for (;;) pause();"#) async throws -> TestProject {
        let project = try await ClusterBundles.shared.value.project()
        try await CBundle.compile(
            "#include <unistd.h>\nstatic int spawn_one(void) { int pid = fork(); if (pid == 0) { \(body) } return pid; }\n"
                + CBundle.action("spawn", "spawn_one()"), to: "actions/spawn.so", in: project)
        try await CBundle.stamp("actions/spawn.so", in: project)
        return project
    }

    private func fork(_ cluster: RunningCluster) async throws -> Int32 {
        let response = try await cluster.request("/api/spawn")
        return try #require(
            response.text.firstMatch(of: /"result": ?(\d+)/).flatMap { Int32($0.1) }, "\(response.text)")
    }
}
