// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// A cluster as a service manager or an operator sees it: what it writes, its pidfile, its status.
struct ServiceCluster {
    let project: TestProject
    let hero: RunningHero

    /// Starts it; the workers' lines come out of the master, too, so that they can be waited for.
    ///
    /// - Parameters:
    ///   - project: Built already, if it has anything to build.
    ///   - workers: How many.
    ///   - settings: `key=value`.
    ///   - flags: Further flags.
    ///   - environment: In addition to what every test needs.
    ///   - sockets: Listening sockets that systemd would hand over.
    /// - Throws: An error when the process cannot be started.
    init(
        _ project: TestProject, workers: Int = 2, settings: [String] = [], flags: [String] = [],
        environment: [String: String] = [:], sockets: [Int32] = []
    ) throws {
        self.project = project
        try project.makeProject()
        let ours = ["PROJECT_ROOT": project.root, "PORT": "0", "ACTIONHERO_ENV": "development"]
        let words = ["start", "cluster", "--workers=\(workers)", "--set", "cluster.workerConsole=true"]
        let arguments = words + settings.flatMap { ["--set", $0] } + flags
        // The shell becomes the master, so its own number is the master's.
        let script = sockets.isEmpty ? "exec \"$@\"" : "LISTEN_PID=${LISTEN_PID:-$$}; export LISTEN_PID; exec \"$@\""
        hero = try RunningHero(
            ["-c", script, "sh", Stage.hero] + arguments, executable: "/bin/sh", directory: project.root,
            environment: ours.merging(environment) { $1 }, inherited: sockets)
    }

    /// Starts a cluster of a project without a bundle and waits until it serves.
    static func serving(_ workers: Int = 2, settings: [String] = []) async throws -> ServiceCluster {
        let cluster = try ServiceCluster(TestProject(), workers: workers, settings: settings)
        try await cluster.equilibrium(workers)
        return cluster
    }

    /// How many lines there are: what comes after a step begins there.
    var seen: Int { hero.lines.count }

    func equilibrium(_ workers: Int, after start: Int = 0) async throws {
        try await hero.line(containing: "cluster equilibrium state reached with \(workers) workers", after: start)
    }

    /// Waits for a line of the master that ends with a text.
    func line(_ text: String, after start: Int = 0) async throws {
        try await hero.line(containing: text, after: start)
    }

    struct Status: Decodable {
        struct Worker: Decodable {
            let id: Int
            let pid: Int32
            let state: String
        }

        let expected: Int
        let state: String
        let summary: String
        let workers: [Worker]

        /// Of the workers that serve.
        var pids: [Int32] { workers.filter { $0.state == "serving" }.map(\.pid) }
    }

    func status() async throws -> Status {
        try await project.hero("cluster", "status", "--json").decoded(Status.self)
    }

    var pidfile: Int32? { (try? project.read("pids/cluster_pidfile")).flatMap { Int32($0) } }

    /// Messages in the master's log file.
    func fileMessages(_ name: String = "cluster.log") throws -> [String] {
        struct Line: Decodable { let message: String }
        return try project.read("log/\(name)").split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8)).message
        }
    }
}
