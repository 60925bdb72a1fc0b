// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("files that are removed from under a cluster", .timeLimit(.minutes(10)))
struct OwnFilesTests {
    @Test("socket, pidfile and log come back, with a warning, and the cluster can be controlled")
    func comeBack() async throws {
        let cluster = try await ServiceCluster.serving(1)
        // The log first: it is opened anew when another one is missed, and has the warning then.
        for directory in ["log", "pids", "tmp"] { try cluster.project.remove(directory) }
        try await cluster.line("had been removed while the cluster runs, and was made anew")
        try await cluster.line("workers that end cannot come back; deploy with `hero cluster reload`")
        while cluster.pidfile != cluster.hero.identifier { await Task.yield() }
        while try await cluster.project.hero("cluster", "status").code != 0 {}
        #expect(try await cluster.project.hero("cluster", "reload", "--wait").code == 0)
        #expect(try cluster.fileMessages().contains { $0.contains("had been removed while the cluster runs") })
        let second = try await cluster.project.hero("start", "cluster", environment: ["PORT": "0"])
        #expect(second.code == 1)
        #expect(second.error.contains("already running (pid \(cluster.hero.identifier))"), "\(second)")
        #expect(try await cluster.project.hero("cluster", "stop").code == 0)
        #expect(try await cluster.hero.exitCode() == 0)
        #expect(cluster.project.list("pids") == [] && !cluster.project.exists("tmp/cluster.sock"))
    }

    @Test("a second master is refused although nothing tells of the first one but the directory")
    func secondMaster() async throws {
        let cluster = try await ServiceCluster.serving(1)
        // So that it cannot make them anew.
        cluster.hero.send(SIGSTOP)
        for directory in ["tmp", "pids", "log"] { try cluster.project.remove(directory) }
        let second = try await cluster.project.hero("start", "cluster", environment: ["PORT": "0"])
        cluster.hero.send(SIGCONT)
        #expect(second.code == 1)
        #expect(
            second.error.contains("already running in this project, under another title or without its pidfile"),
            "\(second)")
        try await cluster.line("had been removed while the cluster runs, and was made anew")
        #expect(try await cluster.hero.stop() == 0)
        let third = try ServiceCluster(cluster.project, workers: 1)
        try await third.equilibrium(1)
        #expect(try await third.hero.stop() == 0)
    }
}
