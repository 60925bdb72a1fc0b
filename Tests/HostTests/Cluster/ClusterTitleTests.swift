// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the title of a cluster", .timeLimit(.minutes(10)))
struct ClusterTitleTests {
    @Test(
        "names the files of the master and, unless they have a prefix of their own, of the workers",
        arguments: [["--title=shop: east"], []])
    func namesFiles(_ flags: [String]) async throws {
        let project = try TestProject()
        let cluster = try ServiceCluster(
            project, workers: 1, flags: flags,
            environment: flags.isEmpty ? ["ACTIONHERO_TITLE": "shop: east"] : ["ACTIONHERO_TITLE": "other"])
        try await cluster.equilibrium(1)
        #expect(project.list("pids") == ["shop-_east-worker-1", "shop-_east_pidfile"])
        #expect(project.list("log") == ["shop-_east-worker-1-development.log", "shop-_east.log"])
        #expect(try project.read("pids/shop-_east_pidfile") == "\(cluster.hero.identifier)")
        #expect(try project.read("log/shop-_east.log").contains("STARTING CLUSTER"))
        #expect(try await cluster.hero.stop() == 0)
        #expect(project.list("pids") == [])
    }

    @Test(
        "is refused in words, as is the prefix of its workers, when names of files cannot take it",
        arguments: ["--title", "--workerTitlePrefix"])
    func isTooLong(_ flag: String) async throws {
        let project = try TestProject()
        let long = String(repeating: "t", count: 300)
        let refused = try await project.hero(
            "start", "cluster", "--workers=1", "\(flag)=\(long)", environment: ["PORT": "0"])
        #expect(refused.code == 78)
        #expect(refused.error.contains("\(flag): is too long: 300 bytes"), "\(refused.error)")
        #expect(project.list("pids") == [])
    }

    @Test("a second master with another title is refused as long as the first one lives, and may follow a dead one")
    func isRefused() async throws {
        let project = try TestProject()
        let first = try ServiceCluster(project, workers: 1, flags: ["--title=one"])
        try await first.equilibrium(1)
        let second = try await project.hero("start", "cluster", "--title=two", environment: ["PORT": "0"])
        #expect(second.code == 1)
        #expect(second.error.contains("already running in this project, under another title"))
        #expect(project.list("pids") == ["one-worker-1", "one_pidfile"])
        #expect(try await project.hero("cluster", "status").code == 0)
        first.hero.send(SIGKILL)
        try await first.hero.exitCode()
        let third = try ServiceCluster(project, workers: 1, flags: ["--title=two"])
        try await third.equilibrium(1)
        #expect(try await third.hero.stop() == 0)
    }
}
