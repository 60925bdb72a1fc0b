// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// A cluster of real processes.
struct RunningCluster: Sendable {
    let project: TestProject
    let master: RunningHero
    let port: Int

    /// Starts a cluster with all good bundles and waits until all its workers serve.
    ///
    /// - Parameters:
    ///   - workers: How many.
    ///   - project: Another project than a new one.
    ///   - port: Another port than any that is free.
    ///   - settings: `--set`.
    ///   - environment: More variables.
    ///   - executable: Another `hero`.
    /// - Returns: The cluster.
    /// - Throws: An error with everything that the master has written when it ends instead.
    static func start(
        workers: Int, project: TestProject? = nil, port: Int? = nil, settings: [String] = [],
        environment: [String: String] = [:], executable: String = Stage.hero
    ) async throws -> RunningCluster {
        let cluster = try await launch(
            workers: workers, project: project, port: port, settings: settings, environment: environment,
            executable: executable)
        try await cluster.equilibrium()
        return cluster
    }

    /// Starts a cluster and waits for nothing.
    static func launch(
        workers: Int, project: TestProject? = nil, port: Int? = nil, settings: [String] = [],
        environment: [String: String] = [:], executable: String = Stage.hero
    ) async throws -> RunningCluster {
        let project = if let project { project } else { try await ClusterBundles.shared.value.project() }
        let port = try port ?? freePort()
        let variables = [
            "PROJECT_ROOT": project.root, "PORT": String(port), "LOG_LEVEL": "notice", "ACTIONHERO_ENV": "test",
        ]
        let arguments =
            ["start", "cluster", "--workers=\(workers)"]
            + (["cluster.probation.duration=0"] + settings).flatMap { ["--set", $0] }
        let master = try RunningHero(
            arguments, executable: executable, directory: project.root,
            environment: variables.merging(environment) { $1 })
        return RunningCluster(project: project, master: master, port: port)
    }

    /// Outside of the range from which clients' ports come, so that it stays free until it is used.
    static func freePort() throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: 20_000..<32_000)
            let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = in_port_t(port).bigEndian
            let code = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
            if code == 0 { return port }
        }
        throw NoFreePort()
    }

    // MARK: Events

    /// Waits until the wanted number of workers serve and none is leaving.
    func equilibrium(after mark: Int = 0) async throws {
        try await master.line(containing: "cluster equilibrium state reached", after: mark)
    }

    /// Waits for a line, and then for the equilibrium after it.
    func equilibrium(following text: String, after mark: Int) async throws {
        let line = try await master.line(containing: text, after: mark)
        let position = master.lines.dropFirst(mark).firstIndex(of: line) ?? mark
        try await equilibrium(after: position)
    }

    /// Lines so far; a status may be known before its line has been written.
    var mark: Int { master.lines.count }

    /// Sends `USR2` and waits until only new workers are there.
    func deploy() async throws {
        let mark = mark
        master.send(SIGUSR2)
        try await equilibrium(after: mark)
    }

    /// Kills a worker and waits for its replacement.
    func killWorker(_ pid: Int32) async throws {
        let mark = mark
        kill(pid, SIGKILL)
        try await equilibrium(after: mark)
    }

    /// Replaces a file as a deploy should: by renaming a complete one.
    func put(_ bytes: Data, at path: String) throws {
        try project.write(bytes, to: path + ".new")
        rename(project.path(path + ".new"), project.path(path))
    }

    func putVersion(_ number: Int) async throws {
        try put(try await ClusterBundles.shared.value.version(number), at: "actions/version.so")
    }

    func command(_ arguments: String...) async throws -> Finished {
        try await Program.run(
            Stage.hero, ["cluster"] + arguments, directory: project.root, environment: ["PROJECT_ROOT": project.root])
    }

    @discardableResult
    func stop() async throws -> Int32 { try await master.stop() }

    // MARK: Requests

    func request(_ target: String) async throws -> HTTPResponse {
        let connection = try HTTPConnection(port: port)
        try await connection.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return try await connection.response()
    }

    func version() async throws -> String {
        try await request("/api/version").decoded(Answer.self).text
    }

    struct Answer: Decodable {
        let text: String
        let pid: Int32
    }

    /// Everything that constant load is made of.
    func load() -> Load {
        Load(
            port: port,
            [
                LoadPattern("closed loop", "/api/version", connections: 64, expected: "variant-"),
                LoadPattern("paced", "/api/version", connections: 16, pause: 50, expected: "variant-"),
                LoadPattern(
                    "fresh", "/api/version", connections: 4, isKeepAlive: false, pause: 2, expected: "variant-"),
                LoadPattern("slow", "/api/slow", connections: 8, expected: "slept"),
                LoadPattern(
                    "post", "/api/echo", connections: 4, pause: 5,
                    body: "{\"text\":\"\(String(repeating: "0123456789", count: 1000))end\"}", expected: "789end\""),
            ])
    }

    // MARK: Status

    struct Status: Decodable {
        struct Worker: Decodable {
            let id: Int
            let pid: Int32
            let generation: Int
            let state: String
            let ageSeconds: Int
            let connections: Int
        }

        let state: String
        let expected: Int
        let generation: Int?
        let generations: [Int]
        let lastRejection: [String]
        let quarantine: [String]
        let workers: [Worker]
    }

    func status() async throws -> Status {
        try await command("status", "--json").decoded(Status.self)
    }

    /// Polls the status, since not every change of it has a line in the log.
    @discardableResult
    func status(until condition: (Status) -> Bool) async throws -> Status {
        while true {
            let status = try await status()
            if condition(status) { return status }
        }
    }

    var workers: [Int32] { get async throws { try await status().workers.map(\.pid) } }
}

extension HTTPResponse {
    func decoded<T: Decodable>(_ type: T.Type) throws -> T { try JSONDecoder().decode(type, from: Data(body)) }
}

struct NoFreePort: Error {}

/// What the system knows about processes.
enum ProcessTable {
    static func isAlive(_ pid: Int32) -> Bool { kill(pid, 0) == 0 && state(pid) != "Z" }
    static func isStopped(_ pid: Int32) -> Bool { state(pid) == "T" }

    /// Waits for the end of a process that is nobody's child here.
    static func waitForEnd(of pid: Int32) async throws {
        while isAlive(pid) { try await Task.sleep(for: .milliseconds(10)) }
    }

    static func children(of parent: Int32) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { fields($0).dropFirst().first == String(parent) }.sorted()
    }

    /// Numbers of open descriptors.
    static func descriptors(of pid: Int32) -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []).count
    }

    static func residentKilobytes(of pid: Int32) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }

    private static func state(_ pid: Int32) -> String { fields(pid).first ?? "" }

    /// What follows the name in `/proc/PID/stat`: state, parent and more.
    private static func fields(_ pid: Int32) -> [String] {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        guard let end = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: end)...].split(separator: " ").map(String.init)
    }
}
