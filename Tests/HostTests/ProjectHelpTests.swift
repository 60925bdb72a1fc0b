// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("a project's commands in hero's help")
struct ProjectHelpTests {
    @Test("stand behind hero's own, or alone when the project wants it so")
    func includeInternal() async throws {
        let project = try TestProject([
            "config/api.yml": "default: {}\n",
            "commands/sweep.swift": """
            import ActionHero

            struct Sweep: Command {
                static let description = "I clean up"
                func run(_ application: Application) async throws {}
            }
            """,
        ])
        try await project.build()
        let all = try await project.hero("help").output
        #expect(all.contains("SUBCOMMANDS:"))
        #expect(all.hasSuffix("COMMANDS OF THIS PROJECT:\n  sweep                   I clean up\n"))
        try project.write("default:\n  cliIncludeInternal: false\n", to: "config/api.yml")
        let own = try await project.hero("help")
        #expect(own.code == 0)
        #expect(own.output == "COMMANDS OF THIS PROJECT:\n  sweep                   I clean up\n")
    }
}
