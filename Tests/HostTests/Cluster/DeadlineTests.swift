// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("whatever a master waits for")
struct DeadlineTests {
    @Test("a check that stands still is ended, its reason is told, and the next deploy works")
    func check() async throws {
        let cluster = try await RunningCluster.start(workers: 1, settings: ["general.bundles.checkTimeout=10000"])
        // As a check does that was stopped in the middle.
        let lock = open(cluster.project.path("tmp/generations/lock"), O_RDWR | O_CLOEXEC)
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        let refused = try await cluster.command("reload", "--wait")
        #expect(refused.code == 1)
        let reason = "what is on disk was not checked after 10 s (checking and copying "
        #expect(refused.error.contains(reason), "\(refused)")
        close(lock)
        try await cluster.putVersion(1)
        let deployed = try await cluster.command("reload", "--wait")
        #expect(deployed.code == 0, "\(deployed)")
        #expect(try await cluster.version() == ClusterBundles.variant(1))
        #expect(try await cluster.stop() == 0)
    }

    @Test("a directory that is 1,500 deep is refused by name")
    func deepDirectory() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        let script = "cd actions; i=0; while [ $i -lt 1500 ]; do mkdir d && cd d || exit 1; i=$((i+1)); done"
        #expect(try await Program.run("sh", ["-c", script], directory: cluster.project.root).code == 0)
        let refused = try await cluster.command("reload", "--wait")
        #expect(
            refused.code == 1 && refused.error.contains("directories may nest 32 deep"), "\(refused)")
        #expect(try await Program.run("rm", ["-rf", "actions/d"], directory: cluster.project.root).code == 0)
        #expect(try await cluster.command("reload", "--wait").code == 0)
        #expect(try await cluster.stop() == 0)
    }

    @Test("a broken executable on disk: workers are replaced and deploys go on; one that hangs is ended in its upgrade")
    func executable() async throws {
        let project = try await ClusterBundles.shared.value.project()
        let tree = try InstalledTree(in: project)
        let hero = try Data(contentsOf: URL(fileURLWithPath: Stage.hero))
        try await tree.install(hero)
        let cluster = try await RunningCluster.start(
            workers: 1, project: project, settings: ["general.bundles.checkTimeout=10000"], executable: tree.executable)
        // A shell that reads for ever from a terminal which is none is nothing that ends.
        for broken in [Data("#!/bin/sh\nwhile :; do sleep 1; done\n".utf8), hero.prefix(hero.count / 3)] {
            try await tree.install(broken)
            let before = try await cluster.workers
            try await cluster.killWorker(before[0])
            #expect(try await cluster.workers != before)
            try await cluster.putVersion(1)
            let deployed = try await cluster.command("reload", "--wait")
            #expect(deployed.code == 0, "\(deployed)")
            #expect(try await cluster.version() == ClusterBundles.variant(1))
            let refused = try await cluster.command("upgrade")
            #expect(refused.code == 1 && refused.error.contains("upgrade refused: "), "\(refused)")
            try await cluster.deploy()
        }
        // The tree is moved as a whole: the libraries beside the executable are found where they are now.
        try await tree.install(hero)
        let upgraded = try await cluster.command("upgrade")
        #expect(upgraded.code == 0, "\(upgraded)")
        rename(tree.root, project.path("moved"))
        let workers = try await cluster.workers
        try await cluster.killWorker(workers[0])
        #expect(try await cluster.version() == ClusterBundles.variant(1))
        let worker = try await cluster.workers[0]
        let name = try String(contentsOfFile: "/proc/\(worker)/comm", encoding: .utf8)
        #expect(name == "hero\n", "and not like the descriptor")
        #expect(try await cluster.stop() == 0)
    }

    @Test("a single process goes on with the program that runs, whatever is on disk")
    func singleProcess() async throws {
        let project = try TestProject(["actions/hello.swift": Sources.hello])
        try await project.build()
        let tree = try InstalledTree(in: project)
        try await tree.install(try Data(contentsOf: URL(fileURLWithPath: Stage.hero)))
        let hero = try RunningHero(
            ["start"], executable: tree.executable, directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "PORT": "0"])
        try await hero.waitUntilServing()
        try await tree.install(Data("#!/bin/sh\nexit 1\n".utf8))
        hero.send(SIGUSR2)
        try await hero.line(containing: "Restarted ***")
        #expect(try String(contentsOfFile: "/proc/\(hero.identifier)/comm", encoding: .utf8) == "hero\n")
        #expect(try await hero.stop() == 0)
    }
}

/// As `make install` makes it, in a project.
struct InstalledTree {
    let root: String
    private let project: TestProject

    init(in project: TestProject) throws {
        self.project = project
        root = project.path("installed")
        try FileManager.default.createDirectory(atPath: "\(root)/bin", withIntermediateDirectories: true)
        for name in ["lib", "libexec", "share"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(root)/\(name)", withDestinationPath: "\(Stage.root)/\(name)")
        }
    }

    var executable: String { "\(root)/bin/hero" }

    func install(_ bytes: Data) async throws {
        try bytes.write(to: URL(fileURLWithPath: executable + ".new"))
        try await project.makeExecutable(executable + ".new")
        rename(executable + ".new", executable)
    }
}
