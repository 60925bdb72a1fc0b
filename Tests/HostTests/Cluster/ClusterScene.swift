// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Synchronization

/// A cluster of its own in a project of its own, on a port of its own.
final class ClusterScene: Sendable {
    let project: TestProject
    let hero: RunningHero
    private let first = Mutex(0)

    private init(_ project: TestProject, _ hero: RunningHero) {
        (self.project, self.hero) = (project, hero)
    }

    /// Starts one and waits until all of its workers serve.
    static func start(
        _ arguments: [String] = [], workers: Int = 2, files: [String: String] = [:], in project: TestProject? = nil
    ) async throws -> ClusterScene {
        let project = try project ?? TestProject(files)
        if !files.isEmpty { try await project.build() }
        let hero = try project.launch(
            ["cluster", "--workers=\(workers)"] + arguments, environment: ["LOG_LEVEL": "info"])
        try await hero.line(containing: "equilibrium state reached with \(workers) workers")
        return ClusterScene(project, hero)
    }

    /// Of the web server; the first worker's log file tells, which is written a little after its lines.
    var port: Int {
        get async throws {
            while true {
                let name = project.list("log").first { $0.hasSuffix("1-development.log") } ?? ""
                let text = (try? project.read("log/\(name)")) ?? ""
                let line = text.split(separator: "\n").first { $0.contains("Starting server: `web`") }
                if let port = line?.firstMatch(of: /:(\d+)"/).flatMap({ Int($0.1) }) { return port }
                await Task.yield()
            }
        }
    }

    func stop() async throws { try await hero.stop() }

    // MARK: Lines

    /// Lines before this one are old.
    var start: Int { first.withLock { $0 } }

    func mark() { first.withLock { $0 = hero.lines.count } }

    func send(_ signal: Int32) {
        mark()
        hero.send(signal)
    }

    func send(_ signal: Int32, toWorker id: Int) throws {
        mark()
        kill(try worker(id), signal)
    }

    func line(_ text: String) async throws { try await hero.line(containing: text, after: start) }

    func equilibrium(_ workers: Int) async throws {
        try await line("equilibrium state reached with \(workers) workers")
    }

    /// The number of a worker's process.
    func worker(_ id: Int) throws -> Int32 { Int32(try project.read("pids/actionhero-worker-\(id)")) ?? -1 }

    /// What was written, without times and numbers of processes.
    ///
    /// The reference had Redis when it was recorded, and nothing to warn of.
    var lines: [String] { Self.masked(hero.messages.filter { !$0.contains("redis.enabled is false") }) }
    var newLines: [String] { Self.masked(Array(hero.messages.dropFirst(start))) }

    static func masked(_ lines: [String]) -> [String] {
        lines.map {
            $0.replacing(/\u{1B}\[\d+m/, with: "").replacing(/(worker #\d+) \(\d+\)/) { $0.1 }
                .replacing(/pid: \d+/, with: "pid: <pid>")
        }
    }

    var pidFiles: [String] { project.list("pids") }
}

extension RunningHero {
    /// Waits for a line that contains both.
    func line(matching one: String, _ other: String, after start: Int) async throws {
        var position = start
        while true {
            let line = try await line(containing: one, after: position)
            if line.contains(other) { return }
            position = (lines.dropFirst(position).firstIndex(of: line) ?? position) + 1
        }
    }
}
