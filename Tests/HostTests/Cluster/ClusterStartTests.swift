// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("starting a cluster", .timeLimit(.minutes(10)))
struct ClusterStartTests {
    @Test("a second master is refused with the first one's number and ends with 1")
    func secondMaster() async throws {
        let scene = try await ClusterScene.start(workers: 1)
        let second = try await scene.project.hero("start", "cluster", "--workers=1", environment: ["PORT": "0"])
        #expect(second.code == 1)
        #expect(
            (second.output + second.error).contains("actionHeroCluster already running (pid \(scene.hero.identifier))"))
        #expect(try scene.project.read("pids/cluster_pidfile") == "\(scene.hero.identifier)")
        try await scene.stop()
    }

    @Test("the pidfile of a dead master is no obstacle, even when its number is in use again")
    func stalePidFile() async throws {
        let project = try TestProject(["pids/cluster_pidfile": "1"])
        let scene = try await ClusterScene.start(workers: 1, in: project)
        #expect(try project.read("pids/cluster_pidfile") == "\(scene.hero.identifier)")
        try await scene.stop()
    }

    @Test("--silent prints nothing of the master's own; the file has it all")
    func silent() async throws {
        let project = try TestProject()
        let hero = try project.launch(["cluster", "--workers=1", "--silent"])
        while !((try? project.read("log/cluster.log"))?.contains("equilibrium") ?? false) { await Task.yield() }
        hero.send(SIGTERM)
        #expect(try await hero.exitCode() == 0)
        #expect(hero.lines == [])
    }

    @Test("workers are called what --workerTitlePrefix says")
    func prefix() async throws {
        let scene = try await ClusterScene.start(["--workerTitlePrefix=custom-"], workers: 2)
        #expect(scene.pidFiles == ["cluster_pidfile", "custom-1", "custom-2"])
        #expect(!scene.hero.lines.contains { $0.contains("for `workerTitlePrefix`") })
        #expect(
            scene.project.list("log") == ["cluster.log", "custom-1-development.log", "custom-2-development.log"])
        try await scene.stop()
    }

    @Test("a first generation that is refused ends the master with 78 and the reason")
    func refused() async throws {
        let project = try TestProject(["actions/broken.so": "this is no library"])
        let hero = try project.launch(["cluster", "--workers=1"])
        #expect(try await hero.exitCode() == 78)
        #expect(hero.lines.contains { $0.contains("actions/broken.so") })
        #expect(project.list("pids") == [])
    }

    @Test("--daemon leaves the terminal, prints the number of the process, and the cluster serves")
    func daemon() async throws {
        let project = try TestProject()
        let started = try await project.hero(
            "start", "cluster", "--workers=1", "--daemon",
            environment: ["PORT": "0", "ACTIONHERO_ENV": "development"])
        #expect(started.code == 0)
        let words = started.output.split(whereSeparator: \.isWhitespace)
        let pid = try #require(words.last.flatMap { Int32($0) })
        #expect(started.output.contains("spawned child process with pid"))
        while !((try? project.read("log/cluster.log"))?.contains("equilibrium") ?? false) { await Task.yield() }
        #expect(try project.read("pids/cluster_pidfile") == "\(pid)")
        #expect(getsid(pid) == pid)
        #expect(try await project.hero("cluster", "stop").output.contains("all workers stopped"))
        while project.exists("pids/cluster_pidfile") { await Task.yield() }
    }

    @Test("--daemon ends with the status and the reason of a start that was refused")
    func refusedDaemon() async throws {
        func start(_ project: TestProject, _ flags: String...) async throws -> Finished {
            try project.makeProject()
            return try await Program.run(
                Stage.hero, ["start", "cluster", "--workers=1", "--daemon"] + flags, directory: project.root,
                environment: ["PROJECT_ROOT": project.root, "PORT": "0", "ACTIONHERO_ENV": "development"])
        }
        let broken = try await start(try TestProject(["actions/broken.so": "this is no library"]))
        #expect(broken.code == 78 && broken.error.contains("actions/broken.so"), "\(broken)")
        let wrong = try await start(try TestProject(["config/api.yml": "default:\n  aipVersion: 2\n"]))
        #expect(wrong.code == 78 && wrong.error.contains("general.aipVersion is not a key"), "\(wrong)")
        let scene = try await ClusterScene.start(workers: 1)
        let second = try await start(scene.project)
        #expect(second.code == 1 && second.error.contains("actionHeroCluster already running"), "\(second)")
        let taken = try await start(try TestProject(), "--set", "web.port=\(try await scene.port)")
        #expect(taken.code == 1 && taken.error.contains("EADDRINUSE"), "\(taken)")
        try await scene.stop()
    }
}
