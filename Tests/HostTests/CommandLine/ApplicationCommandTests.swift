// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("commands of bundles")
struct ApplicationCommandTests {
    private static let project = Task {
        let project = try TestProject([
            "commands/reports.swift": """
            import ActionHero

            struct Monthly: Command {
                static let name = "reports monthly"
                static let description = "Print the report of a month"
                static let example = "hero reports monthly --month 3"

                @Input("Which month", validate: .range(1...12)) var month: Int

                func run(_ application: Application) async throws {
                    if month == 12 { throw ActionError("December is not over") }
                    print("report \\(month)")
                }
            }
            """
        ])
        try await project.build()
        return project
    }

    @Test("hero help lists them behind its own", arguments: [[], ["help"], ["--help"]])
    func areListed(_ arguments: [String]) async throws {
        let project = try await Self.project.value
        let help = try await Program.run(Stage.hero, arguments, directory: project.root)
        #expect(help.code == 0)
        let own = try await Program.run(Stage.hero, ["--help"], directory: "/")
        let listing = "\nCOMMANDS OF THIS PROJECT:\n  reports monthly         Print the report of a month\n"
        #expect(help.output == own.output + listing)
    }

    @Test("they run with their inputs as flags")
    func run() async throws {
        let ran = try await Self.project.value.hero("reports", "monthly", "--month", "3")
        #expect(ran.code == 0)
        #expect(ran.output == "report 3\n")
        #expect(ran.error == "")
    }

    @Test(
        "their help is printed on --help and by hero help",
        arguments: [["reports", "monthly", "--help"], ["help", "reports", "monthly"]])
    func help(_ arguments: [String]) async throws {
        let project = try await Self.project.value
        let help = try await Program.run(Stage.hero, arguments, directory: project.root)
        #expect(help.code == 0)
        #expect(
            help.output == """
                OVERVIEW: Print the report of a month

                USAGE: hero reports monthly [--input value …]

                EXAMPLE: hero reports monthly --month 3

                INPUTS:
                  --month <whole number>  Which month (required)

                """)
    }

    @Test("one that throws ends with 1 and its message")
    func fail() async throws {
        let project = try await Self.project.value
        let thrown = try await project.hero("reports", "monthly", "--month=12")
        #expect(thrown.code == 1)
        #expect(thrown.error == "Error: December is not over\n")
        let invalid = try await project.hero("reports", "monthly", "--month=13")
        #expect(invalid.code == 1)
        #expect(invalid.error == "Error: month must be between 1 and 12\n")
    }

    @Test("a word that is no command ends with 64 and names the nearest")
    func refuseOthers() async throws {
        let project = try await Self.project.value
        let unknown = try await project.hero("strat")
        #expect(unknown.code == 64)
        #expect(
            unknown.error == """
                Error: `strat` is not a method I can perform.
                did you mean `start`? run `hero help` to learn more

                """)
        let flag = try await project.hero("reports", "monthly", "--mnth=1")
        #expect(flag.code == 64)
        #expect(flag.error == "Error: there is no input --mnth; known are --month\n")
    }
}
