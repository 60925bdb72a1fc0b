// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// What the reference's specification says about one process and no recording shows.
@Suite("One process and its signals")
struct ProcessTests {
    @Test("INT stops a process as TERM does")
    func interrupt() async throws {
        let project = try await FixtureProject.make()
        let hero = try await project.start(environment: ["LOG_LEVEL": "notice"])
        let start = hero.lines.count
        hero.send(SIGINT)
        #expect(try await hero.exitCode() == 0)
        #expect(
            hero.messages[start...] == [
                "notice: [ SIGNAL ] - SIGINT", "notice: stopping process...", "notice: Stopping server: web",
                "notice: *** actionhero Stopped ***",
            ])
    }

    @Test("USR1 reopens the log file, so that another program can move it away")
    func reopensLog() async throws {
        let project = try await FixtureProject.make()
        let hero = try await project.start(environment: ["ACTIONHERO_TITLE": "life", "LOG_LEVEL": "info"])
        let (path, moved) = (project.path("log/life-development.log"), project.path("log/moved.log"))
        try FileManager.default.moveItem(atPath: path, toPath: moved)
        hero.send(SIGUSR1)
        // Nothing tells that the signal has been handled, except for the file that comes back.
        while !FileManager.default.fileExists(atPath: path) { _ = try await hero.request("/api/randomNumber") }
        _ = try await hero.request("/api/echo?a=afterwards")
        #expect(try await hero.stop() == 0)
        #expect(try project.read("log/life-development.log").contains("afterwards"))
        #expect(try !project.read("log/moved.log").contains("afterwards"))
        #expect(try project.read("log/moved.log").contains("Started ***"))
    }

    @Test("USR2 starts again with what is on disk, in the same process and on the same socket")
    func restarts() async throws {
        let project = try await FixtureProject.make()
        let hero = try await project.start(environment: ["ACTIONHERO_TITLE": "life"])
        let port = try await hero.port
        let start = hero.lines.count
        try project.write("default:\n  serverName: actionhero\n  apiVersion: 30.0.0\n", to: "config/api.yml")
        hero.send(SIGUSR2)
        try await hero.line(containing: "*** actionhero Restarted ***")
        let response = try await hero.request("/api/randomNumber")
        #expect(response.text.contains("30.0.0"))
        let messages = hero.messages[start...]
        #expect(messages.first == "notice: [ SIGNAL ] - SIGUSR2")
        #expect(messages.contains("notice: Starting server: `web` @ http://127.0.0.1:\(port)"))
        #expect(messages.contains("notice: pid: \(hero.identifier)"))
        #expect(!messages.contains { $0.contains("server ID") }, "the reference says it at the first start only")
        #expect(try project.read("pids/actionhero-life") == "\(hero.identifier)")
        #expect(try await hero.stop() == 0)
        #expect(project.list("pids").isEmpty)
    }

    @Test("USR2 with a configuration that cannot be used changes nothing")
    func refusesRestart() async throws {
        let project = try await FixtureProject.make()
        let hero = try await project.start()
        try project.write("default:\n  serverNam: actionhero\n", to: "config/api.yml")
        hero.send(SIGUSR2)
        try await hero.line(containing: "the new generation was refused")
        #expect(hero.lines.contains { $0.contains("serverNam") }, "the log names the mistake")
        #expect(try await hero.request("/api/randomNumber").status == 200)
        #expect(try await hero.stop() == 0)
    }

    @Test("a process that cannot stop in time says so and ends with 1")
    func shutdownTimeout() async throws {
        let project = try await FixtureProject.make()
        let hero = try await project.start(environment: ["ACTIONHERO_SHUTDOWN_TIMEOUT": "50"])
        let connection = try HTTPConnection(port: await hero.port)
        // Both come in one piece: when the first has been answered, the second is being worked on.
        try await connection.send(
            "GET /api/randomNumber HTTP/1.1\r\nHost: localhost\r\n\r\n"
                + "GET /api/sleepTest?sleepDuration=600000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = try await connection.response()
        hero.send(SIGTERM)
        try await hero.line(containing: "Process did not terminate within 50ms. Stopping now!")
        #expect(try await hero.exitCode() == 1)
    }

    @Test("--title names a process before ACTIONHERO_TITLE does, and that before general.id")
    func identity() async throws {
        let project = try await FixtureProject.make()
        try project.write("default:\n  id: configured\n", to: "config/api.yml")
        for (arguments, environment, id) in [
            (["--title", "flag"], ["ACTIONHERO_TITLE": "variable"], "flag"),
            ([], ["ACTIONHERO_TITLE": "variable"], "variable"),
            ([], [:], "configured"),
        ] {
            let hero = try await project.start(arguments, environment: environment)
            #expect(hero.messages.contains("notice: server ID: \(id)"))
            #expect(project.list("pids") == ["actionhero-\(id)"])
            #expect(try await hero.stop() == 0)
            #expect(project.exists("log/\(id)-development.log"))
        }
    }

    @Test("a crash names the file and line of its cause, and the next process takes over the pidfile")
    func crashes() async throws {
        let project = try TestProject([
            "actions/crash.swift": """
            import ActionHero

            struct Crash: Action {
                func run(_ context: Context) async throws -> JSON { fatalError("boom") }
            }
            """
        ])
        try await project.build()
        let environment = ["ACTIONHERO_TITLE": "crash"]
        let hero = try await project.start(environment: environment)
        await #expect(throws: HTTPConnection.Failure.self) { try await hero.request("/api/crash") }
        #expect(try await hero.exitCode() < 0, "ended by a signal, as supervisors expect of a crash")
        #expect(hero.lines.contains { $0.contains("crash.swift:4: Fatal error: boom") })
        #expect(try project.read("pids/actionhero-crash") == "\(hero.identifier)")
        let next = try await project.start(environment: environment)
        #expect(try project.read("pids/actionhero-crash") == "\(next.identifier)")
        #expect(try await next.stop() == 0)
        #expect(project.list("pids").isEmpty)
    }
}
