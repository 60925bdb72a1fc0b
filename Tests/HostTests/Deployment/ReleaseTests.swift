// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Releases beside each other in a directory that was empty before; `current` leads to the one that runs.
private struct ReleaseScene {
    let place: TestProject

    init() throws { place = try TestProject() }

    func run(_ script: String) async throws -> Finished {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return try await Program.run(
            "/bin/sh", ["-euc", script], directory: place.root,
            environment: ["PATH": "\(Stage.repository)/docs:\(Stage.root)/bin:\(path)"])
    }

    /// Makes a release that answers so.
    func make(_ number: Int, _ text: String) throws {
        let source = """
            import ActionHero

            struct Greet: Action {
                func run(_ context: Context) async throws -> [String: String] { ["greeting": "\(text)"] }
            }
            """
        try place.write(source, to: "releases/\(number)/actions/greet.swift")
    }

    func start(port: Int, environment: [String: String] = [:]) async throws -> RunningHero {
        let ours = ["PROJECT_ROOT": place.path("current"), "PORT": "\(port)"]
        let cluster = try RunningHero(
            ["start", "cluster", "--workers=1", "--set", "cluster.probation.duration=0"], directory: place.root,
            environment: ours.merging(environment) { $1 })
        try await cluster.line(containing: "cluster equilibrium state reached")
        return cluster
    }
}

@Suite("releases", .timeLimit(.minutes(10)))
struct ReleaseTests {
    @Test("the recipe works from an empty directory: data, logs, pidfile and socket are the same for all releases")
    func sharesDirectories() async throws {
        let scene = try ReleaseScene()
        let place = scene.place
        try scene.make(1, "Hello")
        let first = try await scene.run("release.sh releases/1")
        #expect(first.code == 0, "\(first.error)\(first.output)")
        let port = try RunningCluster.freePort()
        let cluster = try await scene.start(port: port, environment: ["REDIS_ENABLED": "true"])
        #expect(!cluster.lines.contains { $0.contains("this release's own") || $0.contains("are this release") })
        let identifier = "\(cluster.identifier)"
        #expect(try place.read("current/pids/cluster_pidfile") == identifier)
        try scene.make(2, "Hi")
        let second = try await scene.run("release.sh releases/2")
        #expect(second.code == 0, "\(second.error)\(second.output)")
        #expect(try await SystemdTests.get("/api/greet", port).text.contains("Hi"))
        #expect(try place.read("current/pids/cluster_pidfile") == identifier)
        #expect(place.list("shared/data") != [] && place.list("shared/log").contains("cluster.log"))
        for directory in ["data", "log", "pids", "tmp"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: place.path("releases/2/\(directory)"))
            #expect(attributes[.type] as? FileAttributeType == .typeSymbolicLink)
        }
        let reloaded = try await scene.run("kill -USR2 $(cat current/pids/cluster_pidfile)")
        #expect(reloaded.code == 0)
        #expect(try await cluster.stop() == 0)
    }

    @Test("a release that does not compile, or that the cluster refuses, leaves the link where it was")
    func goesBack() async throws {
        let scene = try ReleaseScene()
        let place = scene.place
        try scene.make(1, "Hello")
        _ = try await scene.run("release.sh releases/1")
        let port = try RunningCluster.freePort()
        let cluster = try await scene.start(port: port)
        try place.write("let wrong: Int = \"text\"\n", to: "releases/2/actions/greet.swift")
        #expect(try await scene.run("release.sh releases/2").code == 1)
        try scene.make(3, "Hi")
        try place.write("default:\n  aipVersion: 2\n", to: "releases/3/config/api.yml")
        let refused = try await scene.run("release.sh releases/3")
        #expect(refused.code == 1)
        #expect(refused.error.contains("releases/3 was refused; current leads to releases/1 again"))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place.path("current")) == "releases/1")
        #expect(try await SystemdTests.get("/api/greet", port).text.contains("Hello"))
        #expect(try await cluster.stop() == 0)
        let stopped = try await scene.run("rm -r releases/3/config; release.sh releases/3")
        #expect(stopped.code == 2 && stopped.error.contains("no cluster runs here; current leads to releases/3"))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place.path("current")) == "releases/3")
    }

    @Test("a rollback to a release that has gone is refused, and what serves goes on and is not held to be bad")
    func rollbackToNothing() async throws {
        let scene = try ReleaseScene()
        let place = scene.place
        try scene.make(1, "Hello")
        _ = try await scene.run("release.sh releases/1")
        let port = try RunningCluster.freePort()
        let cluster = try await scene.start(port: port)
        try scene.make(2, "Hi")
        #expect(try await scene.run("release.sh releases/2").code == 0)
        try place.remove("releases/1")
        let refused = try await scene.run("PROJECT_ROOT=$PWD/current hero cluster rollback")
        #expect(refused.code == 1)
        #expect(refused.error.contains("generation 1 is gone: there is no "), "\(refused)")
        let listed = try await scene.run("PROJECT_ROOT=$PWD/current hero cluster generations")
        #expect(!listed.output.contains("rolled back"), "\(listed)")
        let again = try await scene.run("PROJECT_ROOT=$PWD/current hero cluster reload --wait")
        #expect(again.code == 0, "\(again)")
        #expect(try await SystemdTests.get("/api/greet", port).text.contains("Hi"))
        #expect(try await cluster.stop() == 0)
    }

    @Test("the master warns of directories that the next release would not have, and names them")
    func warnsOfUnshared() async throws {
        let scene = try ReleaseScene()
        let place = scene.place
        try scene.make(1, "Hello")
        let made = try await scene.run(
            """
            mkdir -p shared/pids shared/tmp && ln -s "$PWD/shared/pids" "$PWD/shared/tmp" releases/1
            PROJECT_ROOT=$PWD/releases/1 hero build && ln -s releases/1 current
            """)
        #expect(made.code == 0, "\(made.error)")
        let cluster = try await scene.start(port: try RunningCluster.freePort(), environment: ["REDIS_ENABLED": "true"])
        let line = try await cluster.line(containing: " is a link to the release ")
        #expect(line.contains("/releases/1, and data/redis, log are this release's own"))
        #expect(try await cluster.stop() == 0)
        // Without a link there are no releases.
        let plain = try RunningHero(
            ["start", "cluster", "--workers=1"], directory: place.root,
            environment: ["PROJECT_ROOT": place.path("releases/1"), "PORT": "0"])
        try await plain.line(containing: "cluster equilibrium state reached")
        #expect(!plain.lines.contains { $0.contains(" is a link to the release ") })
        #expect(try await plain.stop() == 0)
    }
}
