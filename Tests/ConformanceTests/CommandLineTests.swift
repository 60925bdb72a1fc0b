// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

@Suite("The command line, compared with the reference")
struct CommandLineTests {
    /// Commands of parts that do not exist yet.
    private static let pending = ["generate plugin", "generate server"]
    /// Listed in docs/differences.md.
    private static let different = ["console", "generate cli"]

    @Test("each command of the reference is a command of hero, or differs on purpose, or is still to come")
    func hasCommands() async throws {
        let recording = try recording("help in a project", version: "19")
        let lines = (recording["stdout"]?.stringValue ?? "").components(separatedBy: "\n")
        let commands = lines.filter { $0.hasPrefix("* ") }.map { String($0.dropFirst(2)) }
        try #require(commands.count == 14)
        let project = try TestProject()
        let known = try await Program.run(Stage.hero, ["--help"], directory: project.root).output
        #expect(known.contains("help"))
        for command in commands where command != "help" {
            let words = command.components(separatedBy: " ")
            let help = try await Program.run(Stage.hero, ["help"] + words, directory: project.root)
            let exists = help.output.contains("USAGE: hero \(command)")
            let isAbsent = (Self.pending + Self.different).contains(command)
            #expect(exists != isAbsent, "\(command): \(help.output)\(help.error)")
        }
        let page = try Stage.text("docs/differences.md")
        for command in Self.different { #expect(page.contains("| `\(command)` |")) }
    }

    @Test("--version prints the version and nothing else")
    func printsVersion() async throws {
        let recorded = try recording("version in an empty directory", version: "29")
        let directory = try TestProject()
        let ours = try await Program.run(Stage.hero, ["--version"], directory: directory.root)
        let form = /[0-9]+\.[0-9]+\.[0-9]+\n/
        #expect(recorded["stdout"]?.stringValue?.wholeMatch(of: form) != nil)
        #expect(ours.output.wholeMatch(of: form) != nil)
        #expect(ours.code == 0 && ours.error.isEmpty)
    }

    @Test("generating a file says what was written, and refuses to write over one, as recorded")
    func generates() async throws {
        let project = try TestProject()
        try await #require(project.hero("generate").code == 0)
        let written = try recording("generate-initializer", version: "29")
        #expect(written["stdout"] == "wrote file '<project>/src/initializers/myInit.ts'\n")
        let initializer = try await project.hero("generate", "initializer", "-n", "myInit", "--start-priority", "100")
        #expect(initializer.output.hasPrefix("wrote file 'initializers/myInit.swift'\n"))
        #expect(initializer.code == 0)
        #expect(try project.read("initializers/myInit.swift").contains("startPriority = 100"))

        let existing = try recording("generate-action existing", version: "29")
        #expect(existing["exitCode"] == 1)
        try await #require(project.hero("generate", "action", "--name", "myAction").code == 0)
        let before = try project.read("actions/myAction.swift")
        let again = try await project.hero("generate", "action", "--name", "myAction")
        #expect(again.code == 1)
        #expect(again.output.isEmpty && again.error.contains("actions/myAction.swift exists already"))
        #expect(try project.read("actions/myAction.swift") == before)
    }

    @Test("an unknown command is answered in the reference's words")
    func refusesUnknownCommands() async throws {
        let recorded = try recording("unknown command", version: "19")["stderr"]?.stringValue
        let project = try TestProject()
        try await #require(project.hero("generate").code == 0)
        let ours = try await project.hero("foo")
        #expect(ours.error == recorded?.replacing("actionhero help", with: "hero help"))
        #expect(ours.code != 0)
    }

    @Test(
        "a wrong command line fails as the reference's does",
        arguments: [
            ("generate-action without name", ["generate", "action"]),
            ("generate-action name without value", ["generate", "action", "--name"]),
        ])
    func refusesWrongFlags(name: String, arguments: [String]) async throws {
        #expect(try recording(name, version: "29")["exitCode"] == 1)
        let directory = try TestProject()
        let ours = try await Program.run(Stage.hero, arguments, directory: directory.root)
        #expect(ours.code == 64 && ours.output.isEmpty)
        #expect(ours.error.contains("--name"))
    }

    private func recording(_ name: String, version: String) throws -> JSON {
        let all = try Recordings.json("cli").arrayValue ?? []
        let found = all.first { $0["name"] == .string(name) && $0["version"] == .string(version) }
        return try #require(found?["response"])
    }
}
