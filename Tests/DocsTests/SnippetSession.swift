// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Synchronization
import Testing

/// Follows a page as a reader would, in an empty project.
///
/// A block of source code or YAML says in its first line which file it is. In a block of shell, lines that begin with `$ ` are
/// typed, and what follows is what they print: `…` stands for any text in a line, and alone for any lines. `hero start`
/// goes on running, on a free port; later lines that mention port 8080 mean that one. What ends in ` &` goes on beside it, to
/// the end of the page.
final class SnippetSession: Sendable {
    private struct State {
        var server: RunningHero?
        var directory = ""
        /// What goes on beside it, in the order in which it was started.
        var others: [RunningHero] = []
        /// Of a cluster, whose workers say it only in their files.
        var clusterPort = 0
    }

    private let project: TestProject
    private let state = Mutex(State())

    init() throws {
        project = try TestProject(["config/.keep": ""])
        state.withLock { $0.directory = project.root }
    }

    func write(_ block: Page.Block, comment: String, _ place: String) throws {
        let first = block.text.split(separator: "\n").first.map(String.init) ?? ""
        let suffixes = ["swift": [".swift"], "yaml": [".yml"], "c": [".h", ".c"], "modulemap": [".modulemap"]]
        let isNamed = suffixes[block.language, default: []].contains { first.hasSuffix($0) }
        guard first.hasPrefix(comment), isNamed else {
            Issue.record("\(place): the block does not say which file it is")
            return
        }
        let directory = state.withLock { $0.directory }
        let path = "\(directory)/\(first.dropFirst(comment.count))"
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try (block.text + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }

    func run(_ block: Page.Block, _ place: String) async throws {
        var (command, wanted): (String?, [String]) = (nil, [])
        for line in block.text.components(separatedBy: "\n") {
            if line.hasPrefix("$ ") {
                if let command { try await run(command, wanted, place) }
                (command, wanted) = (String(line.dropFirst(2)), [])
            } else if command == nil {
                Issue.record("\(place): the block does not begin with a command")
            } else {
                wanted.append(line)
            }
        }
        if let command { try await run(command, wanted, place) }
    }

    private func run(_ command: String, _ wanted: [String], _ place: String) async throws {
        let (server, directory, clusterPort) = state.withLock { ($0.server, $0.directory, $0.clusterPort) }
        if command.hasSuffix(" &") { return try await startBeside(String(command.dropLast(2))) }
        if command.hasPrefix("hero start") || command.contains(" hero start") {
            return try await start(command, wanted, place)
        }
        var typed = command
        if let server {
            let port = clusterPort > 0 ? clusterPort : try await server.port
            typed = typed.replacing(":8080", with: ":\(port)")
        }
        let seen = server?.lines.count ?? 0
        let done = try await Program.run(
            "/bin/sh", ["-c", typed], directory: directory, environment: Self.environment)
        if let after = Self.moved(from: directory, by: typed) { state.withLock { $0.directory = after } }
        let printed = (done.error + done.output).replacing("\r\n", with: "\n").components(separatedBy: "\n")
        expect(printed.last == "" ? Array(printed.dropLast()) : printed, wanted, command, place)
        if wanted.isEmpty { #expect(done.code == 0, "\(place): \(command)\n\(done.error)\(done.output)") }
        if typed.hasPrefix("kill -USR2") { try await server?.line(containing: "Restarted ***", after: seen) }
        if typed.hasPrefix("kill -TERM") || typed == "hero cluster stop" {
            #expect(try await server?.exitCode() == 0)
            state.withLock { $0.server = nil }
        }
    }

    private static func moved(from directory: String, by command: String) -> String? {
        guard command.hasPrefix("cd ") else { return nil }
        return "\(directory)/\(command.dropFirst(3))"
    }

    private func start(_ command: String, _ wanted: [String], _ place: String) async throws {
        let directory = state.withLock { $0.directory }
        try await stop()
        let isCluster = command.contains("start cluster")
        let port = isCluster ? Self.freePort() : 0
        let server = try RunningHero(
            ["-c", "exec env \(command)"], executable: "/bin/sh", directory: directory,
            environment: Self.environment(of: command).merging(["PORT": "\(port)"]) { $1 })
        state.withLock { ($0.server, $0.clusterPort) = (server, port) }
        if isCluster {
            try await server.line(containing: "cluster equilibrium state reached")
        } else {
            try await server.waitUntilServing()
        }
        if !wanted.isEmpty { expect(server.lines, wanted, command, place) }
    }

    private func startBeside(_ command: String) async throws {
        let other = try RunningHero(
            ["-c", "exec env \(command)"], executable: "/bin/sh", directory: state.withLock { $0.directory },
            environment: Self.environment(of: command))
        state.withLock { $0.others.append(other) }
        try await other.line(containing: command.contains("hero start") ? "Started ***" : "eady to accept connections")
    }

    private static var environment: [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        // Scripts that pages describe lie beside them.
        return ["PATH": "\(Stage.root)/bin:\(Stage.repository)/docs:\(path)", "PORT": "0"]
    }

    /// Programs that tests start have no Redis, unless they are told which one.
    private static func environment(of command: String) -> [String: String] {
        command.contains("REDIS_URL=") ? environment.merging(["REDIS_ENABLED": "true"]) { $1 } : environment
    }

    /// A port that nobody listens on.
    private static func freePort() -> Int {
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(probe) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                if bind(probe, $0, size) == 0 { getsockname(probe, $0, &size) }
            }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    private func stop() async throws {
        guard let server = state.withLock({ $0.server }) else { return }
        try await server.stop()
        state.withLock { $0.server = nil }
    }

    /// Builds, and loads the configuration: what no command of the page has touched has to be right too.
    func finish(_ path: String) async throws {
        try await stop()
        // Whoever uses the others was started after them.
        for other in state.withLock({ $0.others }).reversed() { #expect(try await other.stop() == 0) }
        let directory = state.withLock { $0.directory }
        for command in ["hero config", "hero build"] {
            let done = try await Program.run(
                "/bin/sh", ["-c", command], directory: directory, environment: Self.environment)
            #expect(done.code == 0, "\(path): \(command)\n\(done.error)\(done.output)")
        }
        let files = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
        // Projects in directories of their own are not this one.
        let own = files.filter { !$0.hasPrefix("releases/") }
        guard own.contains(where: { $0.hasSuffix("Tests.swift") }) else { return }
        let done = try await Program.run(
            "/bin/sh", ["-c", "hero test"], directory: directory, environment: Self.environment)
        #expect(done.code == 0, "\(path): hero test\n\(done.error)\(done.output)")
    }

    private func expect(_ printed: [String], _ wanted: [String], _ command: String, _ place: String) {
        guard !wanted.isEmpty, !Self.matches(printed[...], wanted[...]) else { return }
        Issue.record(
            """
            \(place): $ \(command)
            the page says
            \(wanted.joined(separator: "\n"))
            and it printed
            \(printed.joined(separator: "\n"))
            """)
    }

    static func matches(_ printed: ArraySlice<String>, _ wanted: ArraySlice<String>) -> Bool {
        guard let first = wanted.first else { return printed.isEmpty }
        let rest = wanted.dropFirst()
        if first.trimmingCharacters(in: .whitespaces) == "…" {
            return (printed.startIndex...printed.endIndex).contains { matches(printed[$0...], rest) }
        }
        guard let line = printed.first, matches(line: line, first) else { return false }
        return matches(printed.dropFirst(), rest)
    }

    private static func matches(line: String, _ wanted: String) -> Bool {
        var (rest, parts) = (line[...], wanted.components(separatedBy: "…")[...])
        guard let head = parts.popFirst(), rest.hasPrefix(head) else { return false }
        rest = rest.dropFirst(head.count)
        guard let tail = parts.popLast() else { return rest.isEmpty }
        for part in parts {
            guard let found = part.isEmpty ? rest.startIndex..<rest.startIndex : rest.firstRange(of: part) else {
                return false
            }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(tail)
    }
}
