// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a cluster on a machine that lacks something", .timeLimit(.minutes(10)))
struct ClusterShortageTests {
    @Test("a worker serves also when neither its pidfile nor its log file can be written, and both are told")
    func noFiles() async throws {
        let project = try await ClusterBundles.shared.value.project()
        // As on a full disk, a file cannot come into being there.
        for path in ["pids/actionhero-worker-1", "log/actionhero-worker-1-test.log"] {
            try FileManager.default.createDirectory(atPath: project.path(path), withIntermediateDirectories: true)
        }
        let cluster = try await RunningCluster.start(workers: 1, project: project, environment: ["LOG_LEVEL": "info"])
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        try await cluster.master.line(containing: "there is no pidfile: cannot ")
        try await cluster.master.line(containing: "cannot open the log file")
        #expect(try await cluster.stop() == 0)
    }

    @Test("why a worker does not start is in the master's log, whatever the reason")
    func reasons() async throws {
        let project = try await ClusterBundles.shared.value.project()
        let cluster = try await RunningCluster.start(workers: 1, project: project)
        let generation = project.path("tmp/generations/1")
        let mark = cluster.mark
        rename(generation, generation + ".away")
        kill(try #require(try await cluster.workers.first), SIGKILL)
        try await cluster.master.line(containing: "there is no generation 1 in ", after: mark)
        rename(generation + ".away", generation)
        try await cluster.equilibrium(after: mark)
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        #expect(try await cluster.stop() == 0)
    }

    @Test("a project that is away is not made anew: deploys are refused, and when it is back everything goes on")
    func away() async throws {
        let place = try TestProject()
        try await ClusterBundles.shared.value.install(in: place.path("app"))
        try place.write("", to: "app/config/.keep")
        let cluster = try await RunningCluster.start(
            workers: 1, project: place,
            environment: ["PROJECT_ROOT": place.path("app"), "LOG_LEVEL": "info"])
        rename(place.path("app"), place.path("away"))
        var mark = cluster.mark
        cluster.master.send(SIGUSR2)
        try await cluster.master.line(containing: "the new generation was refused", after: mark)
        #expect(!place.exists("app"))
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        mark = cluster.mark
        kill(try #require(ProcessTable.children(of: cluster.master.identifier).first), SIGKILL)
        let killed = try await cluster.master.line(containing: "killed by SIGKILL", after: mark)
        mark = (cluster.master.lines.lastIndex(of: killed) ?? mark) + 1
        try await cluster.master.line(containing: "error: [worker #1", after: mark)
        cluster.master.send(SIGUSR1)
        try await cluster.master.line(containing: "starting worker #1", after: mark)
        #expect(!place.exists("app"))
        rename(place.path("away"), place.path("app"))
        try await cluster.equilibrium(after: mark)
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        try await cluster.deploy()
        #expect(try await cluster.stop() == 0)
    }

    @Test("what is no regular file is not taken for the master's pidfile", arguments: ["mkfifo", "mkdir"])
    func pidFile(command: String) async throws {
        let project = try TestProject(["pids/.keep": ""])
        _ = try await Program.run(command, ["pids/cluster_pidfile"], directory: project.root)
        let refused = try await project.hero("start", "cluster", "--workers=1", environment: ["PORT": "0"])
        #expect(refused.code == 1 && refused.error.contains("cluster_pidfile"), "\(refused)")
        #expect(project.exists("pids/cluster_pidfile"))
    }
}
