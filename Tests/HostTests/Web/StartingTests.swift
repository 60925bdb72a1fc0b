// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("hero start, while its initializers are at work", .timeLimit(.minutes(10)))
struct StartingTests {
    /// A project whose start lasts until a file is there that says how it is to end.
    private func project() async throws -> TestProject {
        let project = try TestProject([
            "actions/here.swift": """
            import ActionHero

            struct Here: Action {
                func run(_ context: Context) async throws -> [String: Bool] { ["here": true] }
            }
            """,
            "initializers/slow.swift": """
            import ActionHero
            import Glibc

            struct Slow: Initializer {
                func start(_ application: Application) async throws {
                    while access("\\(application.projectRoot)/go", F_OK) != 0 { try await Task.sleep(for: .milliseconds(5)) }
                    if access("\\(application.projectRoot)/fail", F_OK) == 0 { throw ActionError("no database here") }
                }
            }
            """,
        ])
        try await project.build()
        return project
    }

    @Test("it is alive and not ready; a request waits until they are done")
    func starts() async throws {
        let project = try await project()
        let hero = try project.launch(environment: ["PORT": "0"])
        let port = try await hero.port
        #expect(try await hero.request("/health/live").status == 200)
        let ready = try await hero.request("/health/ready")
        #expect(ready.status == 503)
        #expect(ready.text == #"{"ready":false,"reason":"the server is starting"}"#)
        let connection = try HTTPConnection(port: port)
        try await connection.send("GET /api/here HTTP/1.1\r\nHost: a\r\n\r\n")
        try project.write("", to: "go")
        #expect(try await connection.response().text.contains(#""here": true"#))
        #expect(try await hero.request("/health/ready").status == 200)
        #expect(try await hero.stop() == 0)
    }

    @Test("when one fails, a request that waits is refused, and the process ends with the reason")
    func fails() async throws {
        let project = try await project()
        let hero = try project.launch(environment: ["PORT": "0"])
        let connection = try HTTPConnection(port: try await hero.port)
        // Both arrive together, so the second has been read when the first is answered.
        try await connection.send(
            "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\nGET /api/here HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await connection.response().status == 200)
        try project.write("", to: "fail")
        try project.write("", to: "go")
        let response = try await connection.response()
        #expect(response.status == 503)
        #expect(response.text.contains(#""error": "the server could not start""#))
        #expect(try await hero.exitCode() == 1)
        #expect(hero.lines.contains { $0.contains("no database here") })
    }
}
