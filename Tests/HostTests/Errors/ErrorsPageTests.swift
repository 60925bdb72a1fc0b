// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

@Suite("the page about error reporters")
struct ErrorsPageTests {
    private static let actions = """
        import ActionHero

        struct Broken: Error {}

        struct Fail: Action {
            @Input("What is paid with", secret: true) var card: String
            func run(_ context: Context) async throws -> Int { throw Broken() }
        }

        struct Crash: Action {
            func run(_ context: Context) async throws -> Int { fatalError("the crash that was asked for") }
        }
        """

    private func project() async throws -> TestProject {
        let page = try DocumentPage("errors.md")
        let project = try TestProject([
            "initializers/sentry.swift": page.block("swift"), "config/sentry.yml": page.block("yaml"),
            "actions/fail.swift": Self.actions,
        ])
        try await project.build()
        return project
    }

    /// The event in an envelope, and the lines before it.
    private func event(_ received: ReceivingServer.Received) throws -> JSON {
        #expect(received.head.hasPrefix("POST /api/1/envelope/ HTTP/1.1"))
        #expect(
            received.head.contains("X-Sentry-Auth: Sentry sentry_version=7, sentry_client=hero/1.0, sentry_key=public"))
        let lines = received.body.components(separatedBy: "\n")
        try #require(lines.count == 3)
        #expect(lines[1] == #"{"type":"event"}"#)
        let event = try JSON(parsing: lines[2])
        #expect(try JSON(parsing: lines[0])["event_id"] == event["event_id"])
        #expect(event["event_id"]?.stringValue?.utf8.count == 32)
        return event
    }

    @Test("its reporter posts an action's error in the form that Sentry takes, without secrets, also before a stop")
    func action() async throws {
        let server = try ReceivingServer()
        let project = try await project()
        let hero = try await project.start(environment: [
            "SENTRY_PORT": String(server.port),
            "ACTIONHERO_CONFIG_OVERRIDES": #"{"errors":{"reportUnknownActions":true}}"#,
        ])
        let port = try await hero.port
        for target in ["/api/fail?card=4111222233334444", "/api/nobody"] {
            let connection = try HTTPConnection(port: port)
            try await connection.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            _ = try await connection.response()
        }
        // What has been reported is delivered before the process ends.
        #expect(try await hero.stop() == 0)
        let received = await server.received(2)
        let failed = try event(received[0])
        #expect(failed["exception"]?["values"]?.arrayValue?.first?["type"] == "Broken")
        #expect(failed["transaction"] == "fail@1" && failed["level"] == "fatal" && failed["platform"] == "native")
        #expect(failed["tags"]?["kind"] == "action" && failed["environment"] == "development")
        #expect(failed["request"]?["method"] == "GET" && failed["request"]?["url"] == "/api/fail")
        #expect(failed["user"]?["ip_address"]?.stringValue?.isEmpty == false)
        #expect(failed["extra"]?["parameters"]?["card"] == "[FILTERED]")
        #expect(failed["extra"]?["requestID"]?.stringValue?.isEmpty == false)
        #expect(!received[0].body.contains("4111"))
        let unknown = try event(received[1])
        #expect(unknown["transaction"] == "/api/nobody" && unknown["level"] == "info")
    }

    @Test("the worker that takes the place of a crashed one reports it, with the backtrace and the actions in flight")
    func crash() async throws {
        let server = try ReceivingServer()
        let cluster = try await RunningCluster.start(
            workers: 1, project: try await project(), environment: ["SENTRY_PORT": String(server.port)])
        let old = try await cluster.workers
        _ = try? await cluster.request("/api/crash")
        let crash = try event(try #require(await server.received(1).first))
        #expect(crash["tags"]?["kind"] == "crash" && crash["transaction"] == "worker #1")
        #expect(crash["extra"]?["actionsInFlight"] == ["crash@1"])
        let exception = crash["exception"]?["values"]?.arrayValue?.first
        #expect(exception?["value"]?.stringValue?.contains("the crash that was asked for") == true)
        // Frames only, the innermost last.
        let frames = exception?["stacktrace"]?["frames"]?.arrayValue ?? []
        #expect(frames.contains { $0["function"]?.stringValue?.contains("conformance Crash") == true }, "\(frames)")
        #expect(try await cluster.workers != old)
        #expect(try await cluster.stop() == 0)
    }
}
