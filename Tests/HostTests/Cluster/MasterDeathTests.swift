// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Synchronization
import Testing

@Suite("the master is killed")
struct MasterDeathTests {
    private func kill(_ cluster: RunningCluster) async throws {
        cluster.master.send(SIGKILL)
        try await cluster.master.exitCode()
    }

    @Test("workers finish what they have and exit, while a new master serves on the same port already")
    func successor() async throws {
        let cluster = try await RunningCluster.start(workers: 2)
        let old = try await cluster.workers
        let download = try HTTPConnection(port: cluster.port)
        try await download.send("GET /api/download?count=160&pause=50 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        // The answer has begun when this is answered: connections are taken in the order in which they come.
        _ = try await cluster.request("/api/version")
        try await kill(cluster)
        #expect(cluster.project.exists("pids/cluster_pidfile"), "a stale pidfile is part of this test")
        #expect(cluster.project.exists("tmp/cluster.sock"), "and so is a stale socket")

        let next = try await RunningCluster.start(workers: 2, project: cluster.project, port: cluster.port)
        let answer = try await next.request("/api/version").decoded(RunningCluster.Answer.self)
        #expect(!old.contains(answer.pid))
        #expect(old.contains { ProcessTable.isAlive($0) }, "the old workers still drain")
        let whole = try await download.response()
        #expect(whole.text.hasSuffix("chunk 159\n"))
        for pid in old { try await ProcessTable.waitForEnd(of: pid) }
        #expect(try await next.status().workers.map(\.id) == [1, 2])
        #expect(next.project.list("pids") == ["actionhero-worker-1", "actionhero-worker-2", "cluster_pidfile"])
        #expect(try await next.stop() == 0)
        #expect(next.project.list("pids").isEmpty)
        #expect(!next.project.exists("tmp/cluster.sock"))
    }

    @Test("a worker that still hangs in an initializer is no orphan")
    func hangingWorker() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        for (path, bytes) in try await ClusterBundles.shared.value.files(.initializerHangs) {
            try cluster.put(bytes, at: path)
        }
        cluster.master.send(SIGUSR2)
        let status = try await cluster.status {
            $0.state == "candidate" && $0.workers.contains { $0.state == "starting" }
        }
        try await kill(cluster)
        for worker in status.workers { try await ProcessTable.waitForEnd(of: worker.pid) }
    }

    @Test("a second master is refused while the first one lives")
    func second() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        let second = try await RunningCluster.launch(workers: 1, project: cluster.project)
        #expect(try await second.master.exitCode() == 1)
        let text = "actionHeroCluster already running (pid \(cluster.master.identifier))"
        #expect(second.master.lines.contains { $0.contains(text) }, "\(second.master.lines)")
        #expect(try await cluster.status().workers.count == 1)
        #expect(try await cluster.stop() == 0)
    }

    @Test("signals that arrive while one executable replaces the other end neither of them")
    func signalsDuringUpgrade() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        for _ in 0..<5 {
            let isOver = Mutex(false)
            async let upgraded = {
                defer { isOver.withLock { $0 = true } }
                return try await cluster.command("upgrade")
            }()
            while !isOver.withLock({ $0 }) {
                cluster.master.send(SIGUSR1)
                await Task.yield()
            }
            let finished = try await upgraded
            #expect(finished.code == 0, "\(finished)")
        }
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        #expect(try await cluster.stop() == 0)
    }

    @Test("when stop returns, another cluster can be started at once")
    func stopAndStart() async throws {
        var cluster = try await RunningCluster.start(workers: 1)
        for _ in 0..<5 {
            let stopped = try await cluster.command("stop")
            #expect(stopped.code == 0 && stopped.output.contains("all workers stopped"), "\(stopped)")
            cluster = try await RunningCluster.start(workers: 1, project: cluster.project, port: cluster.port)
        }
        #expect(try await cluster.stop() == 0)
    }
}
