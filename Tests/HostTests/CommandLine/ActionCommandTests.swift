// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("hero actions and hero action")
struct ActionCommandTests {
    static let greet = """
        import ActionHero

        struct Greet: Action {
            static let description = "I greet people"

            @Input("Who is greeted") var name: String
            @Input("How often", validate: .range(1...3)) var times = 1
            @Input("A word", secret: true) var word: String?

            struct Output: Encodable { let greeting: String }

            func run(_ context: Context) async throws -> Output {
                if name == "nobody" { throw ActionError("there is nobody", code: "E_NOBODY", status: 404) }
                return Output(greeting: Array(repeating: "Hello, \\(name)", count: times).joined(separator: "; "))
            }
        }

        struct GreetTwo: Action {
            static let name = "greet"
            static let version = 2
            static let description = "I greet people more kindly"

            struct Output: Encodable { let greeting: String }

            func run(_ context: Context) async throws -> Output { Output(greeting: "Dear \\(context.connection.type)") }
        }
        """

    private static let project = Task {
        let project = try TestProject(["actions/greet.swift": greet])
        try await project.build()
        return project
    }

    @Test("actions list shows names, versions and inputs")
    func lists() async throws {
        let listed = try await Self.project.value.hero("actions", "list")
        #expect(listed.code == 0)
        #expect(
            listed.output == """
                --- greet ---
                  version: 1
                  description: I greet people
                  file: actions/greet.so
                  inputs:
                    name (text, required): Who is greeted
                    times (whole number, default 1): How often
                    word (text, optional): A word

                --- greet ---
                  version: 2
                  description: I greet people more kindly
                  file: actions/greet.so

                """)
    }

    @Test("actions list --json is for programs")
    func listsJSON() async throws {
        struct Listed: Decodable {
            struct Field: Decodable {
                let name: String
                let type: String
                let required: Bool
                let secret: Bool
            }

            let name: String
            let version: String
            let inputs: [Field]
        }
        let listed = try await Self.project.value.hero("actions", "list", "--json").decoded([Listed].self)
        #expect(listed.map(\.version) == ["1", "2"])
        #expect(listed.first?.inputs.map(\.name) == ["name", "times", "word"])
        #expect(listed.first?.inputs.map(\.required) == [true, false, false])
        #expect(listed.first?.inputs.map(\.secret) == [false, false, true])
        #expect(try await TestProject().hero("actions", "list", "--json").output == "[]\n")
        #expect(
            try await TestProject().hero("actions").output.hasPrefix("there are no actions yet: hero generate action"))
    }

    @Test(
        "an action runs with its inputs as flags and prints its response",
        arguments: [["--name", "Ada", "--times=2"], ["--times", "2", "--name=Ada"]])
    func runs(_ flags: [String]) async throws {
        let project = try await Self.project.value
        let ran = try await Program.run(
            Stage.hero, ["action", "greet", "--apiVersion", "1"] + flags, directory: project.root)
        #expect(ran.code == 0)
        #expect(ran.output == "{\n  \"greeting\": \"Hello, Ada; Hello, Ada\"\n}\n")
        #expect(ran.error == "")
    }

    @Test("the latest version runs unless another is asked for, on a connection of type cli")
    func runsLatest() async throws {
        let ran = try await Self.project.value.hero("action", "greet")
        #expect(ran.output == "{\n  \"greeting\": \"Dear cli\"\n}\n")
    }

    @Test("an error of the action is printed as JSON and ends with 1")
    func fails() async throws {
        let project = try await Self.project.value
        let missing = try await project.hero("action", "greet", "--apiVersion=1")
        #expect(missing.code == 1)
        #expect(missing.output == "")
        #expect(missing.error == "{\n  \"error\": \"name is a required parameter for this action\"\n}\n")
        let invalid = try await project.hero("action", "greet", "--apiVersion=1", "--name=A", "--times=9")
        #expect(invalid.error == "{\n  \"error\": \"times must be between 1 and 3\"\n}\n")
        let thrown = try await project.hero("action", "greet", "--apiVersion=1", "--name=nobody")
        #expect(thrown.error.contains("\"there is nobody\""))
    }

    @Test("an unknown action or version is refused with the nearest known")
    func refusesUnknown() async throws {
        let project = try await Self.project.value
        let unknown = try await project.hero("action", "gret")
        #expect(unknown.code == 1)
        #expect(unknown.error == "Error: there is no action gret – did you mean greet?\n")
        let version = try await project.hero("action", "greet", "--apiVersion", "7")
        #expect(version.error == "Error: the action greet has no version 7; it has 1, 2\n")
    }

    @Test("a flag that is no input, and a word that belongs to no flag, end with 64")
    func refusesFlags() async throws {
        let project = try await Self.project.value
        let flag = try await project.hero("action", "greet", "--apiVersion=1", "--nmae", "Ada")
        #expect(flag.code == 64)
        #expect(flag.error == "Error: there is no input --nmae; known are --name, --times, --word\n")
        let word = try await project.hero("action", "greet", "Ada")
        #expect(word.code == 64)
    }

    @Test("an action's --help lists its inputs")
    func helps() async throws {
        let help = try await Self.project.value.hero("action", "greet", "--apiVersion=1", "--help")
        #expect(
            help.output == """
                OVERVIEW: I greet people

                USAGE: hero action greet [--input value …]

                INPUTS:
                  --name <text>           Who is greeted (required)
                  --times <whole number>  How often (default: 1)
                  --word <text>           A word

                """)
    }
}
