// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a deploy of a single process")
struct LoneDeployTests {
    /// A candidate says that it has loaded everything, and goes on when there is no file `hold`.
    private static let gate = """
        import ActionHero
        import Glibc

        struct Gate: Initializer {
            func initialize(_ application: Application) async throws {
                guard access("hold", F_OK) == 0 else { return }
                close(creat("trying", 0o644))
                while access("hold", F_OK) == 0 { try await Task.sleep(for: .milliseconds(2)) }
            }
        }
        """

    /// Ends when there is a file `release`.
    private static let wait = """
        import ActionHero
        import Glibc

        struct Wait: Action {
            func run(_ context: Context) async throws -> [String: Bool] {
                context.log.notice("has begun")
                while access("release", F_OK) != 0 { try await Task.sleep(for: .milliseconds(2)) }
                return [:]
            }
        }
        """

    private func begin() async throws -> (TestProject, RunningHero) {
        let project = try TestProject([
            "initializers/gate.swift": Self.gate, "actions/wait.swift": Self.wait, "actions/hello.swift": Sources.hello,
        ])
        try await project.build()
        return (project, try await project.start())
    }

    /// Returns when the candidate has loaded what was on disk.
    private func beginTrial(_ project: TestProject, _ hero: RunningHero) async throws {
        try project.write("", to: "hold")
        hero.send(SIGUSR2)
        while !project.exists("trying") { try await Task.sleep(for: .milliseconds(2)) }
    }

    /// Returns when the process stops for its next program, and waits for an action.
    private func beginStop(_ hero: RunningHero) async throws -> HTTPConnection {
        let client = try HTTPConnection(port: try await hero.port)
        try await client.send("GET /api/wait HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await hero.line(containing: "has begun")
        hero.send(SIGUSR2)
        try await hero.line(containing: "Stopping server: web")
        return client
    }

    @Test("goes on with what the candidate has tried, whatever comes onto the disk meanwhile")
    func frozen() async throws {
        let (project, hero) = try await begin()
        try await beginTrial(project, hero)
        try project.write("half a file", to: "actions/hello.so")
        try project.write("default: [", to: "config/broken.yml")
        try project.remove("hold")
        try await hero.line(containing: "Restarted ***")
        #expect(try await hero.request("/api/hello?name=Sally").text.contains("Hi Sally"))
        hero.send(SIGUSR2)
        try await hero.line(containing: "stays in service")
        #expect(try await hero.request("/api/hello?name=Sally").text.contains("Hi Sally"))
        #expect(try await hero.stop() == 0)
    }

    @Test("is given up on TERM, while something is tried")
    func endsDuringTrial() async throws {
        let (project, hero) = try await begin()
        try await beginTrial(project, hero)
        hero.send(SIGTERM)
        #expect(try await hero.exitCode() == 0)
        #expect(hero.messages.contains { $0.contains("SIGTERM") })
    }

    @Test("is given up on TERM, while the process stops for its next program")
    func endsDuringStop() async throws {
        let (project, hero) = try await begin()
        let client = try await beginStop(hero)
        hero.send(SIGTERM)
        try await hero.line(containing: "SIGTERM")
        try project.write("", to: "release")
        #expect(try await hero.exitCode() == 0)
        #expect(!hero.messages.contains { $0.contains("Restarted ***") })
        client.leavesByReset()
    }

    @Test("is followed by another one when that was asked for meanwhile")
    func again() async throws {
        let (project, hero) = try await begin()
        let client = try await beginStop(hero)
        let seen = hero.lines.count
        hero.send(SIGUSR2)
        while hero.messages.filter({ $0.contains("SIGUSR2") }).count < 2 { try await Task.sleep(for: .milliseconds(2)) }
        try project.write("", to: "release")
        try await hero.line(containing: "Restarted ***", after: seen)
        let once = hero.lines.count
        try await hero.line(containing: "Restarted ***", after: once)
        #expect(try await hero.stop() == 0)
        client.leavesByReset()
    }

    @Test("moves the server to where the configuration says, and is refused where that cannot be had")
    func moves() async throws {
        let (project, hero) = try await begin()
        try project.write("default:\n  bindIP: 10.9.9.9\n", to: "config/servers/web.yml")
        hero.send(SIGUSR2)
        try await hero.line(containing: "cannot start web server @ 10.9.9.9:0")
        #expect(try await hero.request("/api/hello?name=Sally").status == 200)
        try project.write("default:\n  bindIP: 127.0.0.1\n", to: "config/servers/web.yml")
        hero.send(SIGUSR2)
        try await hero.line(containing: "`web` @ http://127.0.0.1:")
        try await hero.line(containing: "Restarted ***")
        #expect(try await hero.stop() == 0)
    }
}
