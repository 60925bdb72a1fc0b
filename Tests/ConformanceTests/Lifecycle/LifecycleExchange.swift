// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

/// Something that happens to one process, and what can be seen of it.
struct LifecycleExchange: Exchange {
    private let recording: Recording
    private let masks: Masks

    init(_ recording: Recording) {
        self.recording = recording
        masks = Masks(recording.volatile).adding("pid-line", "duration", "iso-date")
    }

    private var expected: Observation {
        var observation = Observation(recording, masks: masks)
        observation.lines.removeAll(where: Pending.isPending)
        return observation
    }

    var recorded: [(field: String, value: String)] { expected.fields }

    func replay() async throws -> [Difference] {
        let project = try await FixtureProject.make()
        // A route to an action that does not exist is worth a warning here, in every log.
        let routes = try project.read("config/routes.yml").split(separator: "\n").filter {
            !$0.contains("noSuchAction")
        }
        try project.write(routes.joined(separator: "\n") + "\n", to: "config/routes.yml")
        var ours = Observation()
        switch recording.name {
        case "start": try await start(project, &ours)
        case "SIGTERM": try await terminate(project, &ours)
        case "SIGTERM with a request in flight": try await terminateInFlight(project, &ours)
        case "two SIGTERM": try await terminateTwice(project, &ours)
        case "unhandled rejection": try await request("/api/rejection", project, &ours)
        case "static file without extension": try await request("/noext", project, &ours)
        case "port in use": try await portInUse(project, &ours)
        case "rootEndpointType invalid": try await refused(project, &ours)
        case "start and stop at debug level": try await debug(project, &ours)
        case "log file lines": try await logFile(project, &ours)
        default: throw Recording.Malformed(topic: recording.topic, member: recording.name)
        }
        var expected = expected
        if recording.name.contains("debug") {
            // One line of each kind: what exists, and so the number and the order of lines, is not the reference's.
            (expected.lines, ours.lines) = (kinds(expected.lines), kinds(ours.lines))
        }
        return Difference.between(expected.fields, ours.fields)
            + Difference.betweenLines(expected.lines, ours.lines)
    }

    private func launch(_ project: TestProject, _ more: [String: String] = [:]) async throws -> RunningHero {
        let environment = ReplayServers.environment(recording.config).merging(more) { $1 }
        return try await project.start(environment: environment)
    }

    // MARK: Events

    private func start(_ project: TestProject, _ ours: inout Observation) async throws {
        let hero = try await launch(project)
        ours.add(hero.lines, of: project, port: try await hero.port, masks: masks)
        ours.set("pidfiles", try pidFiles(project, of: hero))
        try await hero.stop()
    }

    private func terminate(_ project: TestProject, _ ours: inout Observation) async throws {
        let hero = try await launch(project)
        let start = hero.lines.count
        ours.set("exitCode", .integer(Int(try await hero.stop())))
        ours.add(hero.lines[start...], of: project, port: nil, masks: masks)
        ours.set("pidfiles", try pidFiles(project, of: hero))
    }

    /// Two requests in one piece: when the first has been answered, the second is being worked on, until it is released.
    private func inFlight(_ hero: RunningHero, _ project: TestProject) async throws -> HTTPConnection {
        try project.write("", to: "hold")
        let connection = try HTTPConnection(port: await hero.port)
        try await connection.send(
            "GET /api/randomNumber HTTP/1.1\r\nHost: localhost\r\n\r\n"
                + "GET /api/sleepTest?sleepDuration=1500 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = try await connection.response()
        try await hero.line(containing: "action=randomNumber")
        return connection
    }

    private func release(_ project: TestProject) { unlink(project.path("hold")) }

    private func terminateInFlight(_ project: TestProject, _ ours: inout Observation) async throws {
        let hero = try await launch(project)
        let connection = try await inFlight(hero, project)
        let start = hero.lines.count
        hero.send(SIGTERM)
        try await hero.line(containing: "Stopping server: web")
        release(project)
        ours.set("inFlightStatus", .integer(try await connection.response().status))
        ours.set("exitCode", .integer(Int(try await hero.exitCode())))
        ours.add(hero.lines[start...], of: project, port: nil, masks: masks)
    }

    private func terminateTwice(_ project: TestProject, _ ours: inout Observation) async throws {
        let hero = try await launch(project)
        // Keeps the process from ending before the second signal has come.
        let connection = try await inFlight(hero, project)
        let start = hero.lines.count
        hero.send(SIGTERM)
        try await hero.line(containing: "Stopping server: web")
        hero.send(SIGTERM)
        try await hero.line(containing: "[ SIGNAL ]", after: start + 1)
        release(project)
        _ = try await connection.response()
        ours.set("exitCode", .integer(Int(try await hero.exitCode())))
        ours.add(hero.lines[start...], of: project, port: nil, masks: masks)
    }

    private func request(_ path: String, _ project: TestProject, _ ours: inout Observation) async throws {
        let hero = try await launch(project)
        let start = hero.lines.count
        let response = try await hero.request(path)
        ours.set("httpStatus", .integer(response.status))
        ours.set("contentType", response["content-type"].map { .string($0) } ?? .null)
        // The process goes on: it serves whoever comes next.
        #expect(try await hero.request("/api/status").status == 200)
        ours.set("exitCode", .null)
        let line = try await hero.line(containing: path, after: start)
        ours.add([line], of: project, port: nil, masks: masks)
        #expect(try await hero.stop() == 0)
    }

    private func portInUse(_ project: TestProject, _ ours: inout Observation) async throws {
        let first = try await project.start(environment: ["ACTIONHERO_TITLE": "life"])
        let port = try await first.port
        let other = try await FixtureProject.make()
        let environment = ReplayServers.environment(recording.config).merging(["PORT": "\(port)"]) { $1 }
        let hero = try other.launch(environment: environment)
        ours.set("exitCode", .integer(Int(try await hero.exitCode())))
        ours.add(hero.lines, of: other, port: port, masks: masks)
        try await first.stop()
    }

    private func refused(_ project: TestProject, _ ours: inout Observation) async throws {
        let hero = try project.launch(environment: ReplayServers.environment(recording.config))
        ours.set("exitCode", .integer(Int(try await hero.exitCode())))
        ours.add(hero.lines, of: project, port: nil, masks: masks)
    }

    private func debug(_ project: TestProject, _ ours: inout Observation) async throws {
        let hero = try await launch(project)
        let port = try await hero.port
        try await hero.stop()
        ours.add(hero.lines, of: project, port: port, masks: masks)
    }

    private func logFile(_ project: TestProject, _ ours: inout Observation) async throws {
        let count = recording.response["firstLines"]?.arrayValue?.count ?? 0
        // The lines were recorded from the process with the longer name, at level info.
        for title in ["life", "life:a b"] {
            let hero = try await launch(project, ["ACTIONHERO_TITLE": title, "LOG_LEVEL": "info"])
            let port = try await hero.port
            try await hero.stop()
            guard title != "life" else { continue }
            let text = try project.read("log/\(title)-development.log").replacing("127.0.0.1:\(port)", with: "<port>")
            let lines = try text.split(separator: "\n").prefix(count).map { try JSON(parsing: String($0)) }
            ours.set("file", .array(project.list("log").map { .string($0) }))
            ours.fields.append(("firstLines", masks.apply(JSON.array(lines).description)))
        }
    }

    // MARK: Form

    /// Contents as the recordings describe them.
    private func pidFiles(_ project: TestProject, of hero: RunningHero) throws -> JSON {
        var files = JSON.Object()
        for name in project.list("pids") {
            let text = try project.read("pids/\(name)")
            files[name] = .string(text == "\(hero.identifier)" ? "<decimal pid, no newline>" : text)
        }
        return .object(files)
    }

    private func kinds(_ lines: [String]) -> [String] {
        let kinds = lines.map { line in
            line.replacing(/initializer: .*/, with: "initializer: <name>")
                .replacing(/action loaded: .*/, with: "action loaded: <name> @ v<version>, <file>")
                .replacing(/debug: routes: .*/, with: "debug: routes: <routes>")
        }
        return Set(kinds).sorted()
    }
}
