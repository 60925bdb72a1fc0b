// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("what a generation has to prove")
struct ProvenGenerationTests {
    private static let watched = ["cluster.probation.duration=60000", "cluster.probation.crashes=2"]

    @Test("an action that calls exit() is named, and taken out of service")
    func exits() async throws {
        let project = try await withLeave()
        let cluster = try await RunningCluster.start(
            workers: 1, project: project, settings: ["cluster.quarantine.crashes=2"])
        while (try? await cluster.request("/api/leave"))?.status != 503 {}
        #expect(try await cluster.status().quarantine == ["leave@1"])
        let lines = cluster.master.lines
        #expect(lines.contains { $0.contains("ended with exit code 0, which nobody had asked for") })
        #expect(lines.contains { $0.contains("actions in flight: leave@1; executing: leave@1") })
        #expect(try await cluster.stop() == 0)
    }

    @Test("a generation that exits is rolled back, listed so, and not served by the next start")
    func survivesRestart() async throws {
        let project = try await ClusterBundles.shared.value.project()
        var cluster = try await RunningCluster.start(workers: 1, project: project, settings: Self.watched)
        try await cluster.status { $0.state == "steady" }
        try await addLeave(to: project)
        cluster.master.send(SIGUSR2)
        try await cluster.status { $0.state == "probation" }
        while try await cluster.status().generation == 2 { _ = try? await cluster.request("/api/leave") }
        // It serves again as soon as its first worker does.
        var listed = ""
        while !listed.hasPrefix("generation 1 (serves)\n") { listed = try await cluster.command("generations").output }
        #expect(
            listed.hasPrefix("generation 1 (serves)\ngeneration 2 (rolled back: it lost 2 workers in "), "\(listed)")
        #expect(try await cluster.stop() == 0)

        cluster = try await RunningCluster.start(
            workers: 1, project: project, port: cluster.port, settings: Self.watched)
        #expect(try await cluster.status().generation == 1)
        #expect(try await cluster.request("/api/leave").status == 404)
        #expect(cluster.master.lines.contains { $0.contains("generation 1, which had served before it, serves again") })
        let refused = try await cluster.command("reload", "--wait")
        #expect(refused.code == 1 && refused.error.contains("was rolled back before: it lost 2 workers"), "\(refused)")
        #expect(try await cluster.stop() == 0)
    }

    @Test("releases that share their generations list each of them once")
    func sharedDirectory() async throws {
        let project = try TestProject()
        let bundles = try await ClusterBundles.shared.value
        try FileManager.default.createDirectory(atPath: project.path("shared"), withIntermediateDirectories: true)
        for (name, number) in [("one", 1), ("two", 2)] {
            try bundles.install(in: project.path(name))
            try project.write(bundles.version(number), to: "\(name)/actions/version.so")
            try FileManager.default.createSymbolicLink(
                atPath: project.path("\(name)/tmp"), withDestinationPath: project.path("shared"))
        }
        let link = project.path("current")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: project.path("one"))
        var cluster = try await RunningCluster.start(workers: 1, project: project, environment: ["PROJECT_ROOT": link])
        try FileManager.default.createSymbolicLink(atPath: link + ".new", withDestinationPath: project.path("two"))
        rename(link + ".new", link)
        try await cluster.deploy()
        func hero(_ arguments: String...) async throws -> Finished {
            try await project.hero("cluster", arguments[0], environment: ["PROJECT_ROOT": link])
        }
        // Without the doubled slash that the path of a temporary directory may have.
        let root = project.root.replacing("//", with: "/")
        let one = "generation 1 of \(root)/one"
        let two = "generation 2 of \(root)/two"
        #expect(try await hero("generations").output == "\(one)\n\(two) (serves)\n")
        #expect(try await hero("rollback").code == 0)
        let listed = try await hero("generations").output
        #expect(listed == "\(one) (serves)\n\(two) (rolled back: rolled back by command)\n")
        #expect(try await cluster.stop() == 0)
        cluster = try await RunningCluster.start(
            workers: 1, project: project, port: cluster.port, environment: ["PROJECT_ROOT": link])
        #expect(try await cluster.version() == ClusterBundles.variant(1))
        #expect(try await cluster.stop() == 0)
    }

    // MARK: Losses

    @Test("a deploy without actions, or without configuration, is refused until it is forced")
    func losses() async throws {
        let project = try await ClusterBundles.shared.value.project()
        try project.write("default: {}\n", to: "config/api.yml")
        let cluster = try await RunningCluster.start(workers: 1, project: project)
        for (directory, words) in [("actions", "has no action, and"), ("config", "has no configuration any more")] {
            rename(project.path(directory), project.path("away"))
            let refused = try await cluster.command("reload", "--wait")
            #expect(refused.code == 1 && refused.error.contains(words), "\(refused)")
            #expect(refused.error.contains("hero cluster reload --force"))
            #expect(try await cluster.request("/api/version").status == 200)
            rename(project.path("away"), project.path(directory))
        }
        try project.remove("actions")
        #expect(try await cluster.command("reload", "--wait", "--force").code == 0)
        #expect(try await cluster.request("/api/version").status == 404)
        #expect(try await cluster.stop() == 0)
    }

    @Test("a single process does not restart into nothing either")
    func singleProcess() async throws {
        let project = try TestProject(["actions/hello.swift": Sources.hello, "config/api.yml": "default: {}\n"])
        try await project.build()
        let hero = try await project.start()
        for (directory, words) in [("actions", "has no action"), ("config", "has no configuration any more")] {
            rename(project.path(directory), project.path("away"))
            let mark = hero.lines.count
            hero.send(SIGUSR2)
            try await hero.line(containing: words, after: mark)
            try await hero.line(containing: "the running one stays in service", after: mark)
            rename(project.path("away"), project.path(directory))
        }
        #expect(try await hero.request("/api/hello?name=Sally").status == 200)
        #expect(try await hero.stop() == 0)
    }

    private func withLeave() async throws -> TestProject {
        let project = try await ClusterBundles.shared.value.project()
        try await addLeave(to: project)
        return project
    }

    /// The action `leave` calls exit(0).
    private func addLeave(to project: TestProject) async throws {
        try await CBundle.compile(
            "#include <stdlib.h>\nstatic int leave_now(void) { exit(0); return 1; }\n"
                + CBundle.action("leave", "leave_now()"), to: "actions/leave.so", in: project)
        try await CBundle.stamp("actions/leave.so", in: project)
    }
}
