// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("an end that nobody asked for", .timeLimit(.minutes(10)))
struct SingleProcessEndTests {
    private static let ways = [
        "exit(0)", "_exit(0)", "_Exit(0)", "quick_exit(0)", "exit(78)", "execl(\"/bin/true\", \"true\", (char *)0)",
        "execlp(\"true\", \"true\", (char *)0)",
    ]

    private func project(_ call: String) async throws -> TestProject {
        let project = try TestProject()
        try await CBundle.compile(
            "#include <stdlib.h>\n#include <unistd.h>\nstatic int end(void) { \(call); return 1; }\n"
                + CBundle.action("leave", "end()"), to: "actions/leave.so", in: project)
        try await CBundle.stamp("actions/leave.so", in: project)
        return project
    }

    @Test("of a single process is an alert that names the bundle, no success, and leaves no pidfile", arguments: ways)
    func single(call: String) async throws {
        let project = try await project(call)
        let hero = try await project.start()
        #expect(!project.list("pids").isEmpty)
        _ = try? await hero.request("/api/leave")
        #expect(try await hero.exitCode() == 70)
        let alert = hero.lines.first { $0.contains("which nobody had asked for") } ?? ""
        #expect(alert.contains("alert") && alert.contains("leave.so"), "\(hero.lines)")
        #expect(project.list("pids").isEmpty)
    }

    @Test("of hero action is no success, and names the bundle", arguments: ways)
    func action(call: String) async throws {
        let ended = try await project(call).hero("action", "leave")
        #expect(ended.code == 70 && ended.error.contains("leave.so"), "\(ended)")
    }

    @Test("of a new generation's initializer is a refusal: the running one stays in service")
    func candidate() async throws {
        let project = try TestProject(["actions/hello.swift": Sources.hello])
        try await project.build()
        let hero = try await project.start()
        try project.write(
            """
            import ActionHero
            import Glibc

            struct Leaves: Initializer {
                func initialize(_ application: Application) async throws { exit(0) }
            }
            """, to: "initializers/leaves.swift")
        try await project.build()
        hero.send(SIGUSR2)
        try await hero.line(containing: "the new generation was refused")
        #expect(hero.lines.contains { $0.contains("leaves.so") && $0.contains("nobody had asked") })
        #expect(try await hero.request("/api/hello?name=Sally").status == 200)
        #expect(try await hero.stop() == 0)
    }

    @Test("is none when somebody has: a stop ends with 0, whatever the initializers' last words")
    func asked() async throws {
        let project = try TestProject([
            "initializers/last.swift": """
            import ActionHero
            import Glibc

            struct Last: Initializer {
                func stop(_ application: Application) async throws { exit(0) }
            }
            """
        ])
        try await project.build()
        #expect(try await project.start().stop() == 0)
    }
}
