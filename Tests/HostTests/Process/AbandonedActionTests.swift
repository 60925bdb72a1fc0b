// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("services of actions that nobody waits for any more")
struct AbandonedActionTests {
    private static let database = """
        import ActionHero
        import Glibc

        struct Database: Initializer {
            func stop(_ application: Application) async throws {
                close(creat("closed", 0o644))
                application.log.notice("the database is closed")
            }
        }
        """

    /// An action that ignores that it is told to stop, and ends when there is a file `release`.
    private static func action(_ name: String, _ execution: String, wait: String) -> String {
        """
        import ActionHero
        import Glibc

        struct \(name): Action {
            static let execution = Execution.\(execution)

            func run(_ context: Context) async throws -> [String: Bool] {
                context.log.notice("has begun")
                while access("release", F_OK) != 0 { \(wait) }
                context.log.notice("the database is open: \\(access("closed", F_OK) != 0)")
                return [:]
            }
        }
        """
    }

    /// Does not end early when the action's own task has been cancelled.
    private static let patience = "await Task.detached { try? await Task.sleep(for: .milliseconds(2)) }.value"

    private func begin(_ action: String, timeout: Int = 60_000) async throws -> (TestProject, RunningHero) {
        let project = try TestProject([
            "initializers/database.swift": Self.database,
            "actions/loop.swift": Self.action("Loop", "eventLoop", wait: Self.patience),
            "actions/pool.swift": Self.action("Pool", "threadPool", wait: "usleep(1000)"),
        ])
        try await project.build()
        let hero = try await project.start(environment: ["ACTIONHERO_SHUTDOWN_TIMEOUT": "\(timeout)"])
        let client = try HTTPConnection(port: try await hero.port)
        try await client.send("GET /api/\(action) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await hero.line(containing: "has begun")
        client.leavesByReset()
        return (project, hero)
    }

    @Test("stay open until the action has ended, on a loop and on the thread pool", arguments: ["loop", "pool"])
    func outlive(_ action: String) async throws {
        let (project, hero) = try await begin(action)
        hero.send(SIGTERM)
        try await hero.line(containing: "Stopping server: web")
        try project.write("", to: "release")
        #expect(try await hero.exitCode() == 0)
        let lines = hero.messages.filter { $0.contains("the database is") }
        #expect(lines == ["notice: the database is open: true", "notice: the database is closed"])
    }

    @Test("stay open up to the stop timeout, and the log names what was cut off", arguments: ["loop", "pool"])
    func cutOff(_ action: String) async throws {
        let (project, hero) = try await begin(action, timeout: 200)
        hero.send(SIGTERM)
        #expect(try await hero.exitCode() == 1)
        let line = try #require(hero.messages.first { $0.contains("stopping took too long") })
        #expect(line.contains("\(action)@1"), "\(line)")
        #expect(line.contains("initializers"), "\(line)")
        #expect(!project.exists("closed"))
    }

    @Test("do not keep a deploy from ending: what has not stopped in time is cut off", arguments: ["loop", "pool"])
    func deploys(_ action: String) async throws {
        let (project, hero) = try await begin(action, timeout: 200)
        hero.send(SIGUSR2)
        try await hero.line(containing: "stopping took too long")
        try project.write("", to: "release")
        let answer = try await hero.request("/api/\(action)")
        #expect(answer.status == 200)
        #expect(try await hero.stop() == 0)
        #expect(project.exists("closed"))
    }

    /// A process in the middle of a response whose client does not read it.
    private func beginSlowly() async throws -> (TestProject, RunningHero, HTTPConnection) {
        let project = try TestProject([
            "initializers/database.swift": Self.database,
            "public/large.bin": String(repeating: "x", count: 30_000_000),
        ])
        try await project.build()
        let hero = try await project.start(environment: ["ACTIONHERO_SHUTDOWN_TIMEOUT": "200"])
        let client = try HTTPConnection(port: try await hero.port)
        try await client.send("GET /public/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let first = try await client.read(atLeast: 1)
        #expect(!first.isEmpty)
        return (project, hero, client)
    }

    @Test("are closed at the end although a client reads nothing, which is no failure")
    func slowClientAtEnd() async throws {
        let (project, hero, client) = try await beginSlowly()
        hero.send(SIGTERM)
        #expect(try await hero.exitCode() == 0)
        let lines = hero.messages
        #expect(lines.contains { $0.contains("connections were cut off because stopping took too long") })
        #expect(lines.contains("notice: the database is closed"))
        #expect(project.exists("closed"))
        client.leavesByReset()
    }

    @Test("are closed although an action ended only when its client was cut off; that is a failure")
    func cutOffWithClient() async throws {
        let project = try TestProject([
            "initializers/database.swift": Self.database,
            "actions/sleeper.swift": Self.action(
                "Sleeper", "eventLoop", wait: "try await Task.sleep(for: .seconds(60))"),
        ])
        try await project.build()
        let hero = try await project.start(environment: ["ACTIONHERO_SHUTDOWN_TIMEOUT": "200"])
        let client = try HTTPConnection(port: try await hero.port)
        try await client.send("GET /api/sleeper HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await hero.line(containing: "has begun")
        hero.send(SIGTERM)
        #expect(try await hero.exitCode() == 1)
        let line = try #require(hero.messages.first { $0.contains("stopping took too long: actions were cut off") })
        #expect(line.contains("sleeper@1"))
        #expect(hero.messages.contains("notice: the database is closed"))
        client.leavesByReset()
    }

    @Test("are closed by a deploy although a client reads nothing, and the new program answers")
    func slowClient() async throws {
        let (project, hero, client) = try await beginSlowly()
        hero.send(SIGUSR2)
        try await hero.line(containing: "connections were cut off because stopping took too long")
        try await hero.line(containing: "the database is closed")
        #expect(try await hero.request("/public/large.bin").status == 200)
        #expect(try await hero.stop() == 0)
        #expect(project.exists("closed"))
        client.leavesByReset()
    }
}
