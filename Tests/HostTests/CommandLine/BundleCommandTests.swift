// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("hero bundle")
struct BundleCommandTests {
    private struct Inspection: Decodable {
        struct Note: Decodable {
            let kind: String
            let name: String
            let version: String
            let module: String
        }

        let file: String
        let needs: [String]
        let sdkSymbols: [String]
        let note: Note
    }

    private func built() async throws -> TestProject {
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One")])
        try await project.build()
        return project
    }

    @Test("inspect prints what the file says about itself, for people and as JSON")
    func inspects() async throws {
        let project = try await built()
        let text = try await project.hero("bundle", "inspect", "actions/one.so")
        #expect(text.code == 0)
        #expect(
            text.output.hasPrefix("actions/one.so\n  name:      actions/one 0.0.0 (swift)\n  module:    actions_one\n"))
        let json = try await project.hero("bundle", "inspect", "actions/one.so", "--json")
        let inspection = try json.decoded(Inspection.self)
        #expect(inspection.note.name == "actions/one")
        #expect(inspection.note.module == "actions_one")
        #expect(inspection.needs.contains("libswiftCore.so"))
        #expect(inspection.sdkSymbols.contains("ActionHero.Action"))
    }

    @Test("inspect of what is no library says what it is instead")
    func inspectsOthers() async throws {
        let project = try TestProject(["actions/one.so": "import ActionHero"])
        let refused = try await project.hero("bundle", "inspect", "actions/one.so")
        #expect(refused.code == 1)
        #expect(refused.error.contains("HB101 actions/one.so is a text file, not a shared library"))
        let missing = try await project.hero("bundle", "inspect", "actions/two.so")
        #expect(missing.error == "Error: cannot open actions/two.so: No such file or directory\n")
    }

    @Test("check tells which bundles would be loaded; one that would not ends it with 1")
    func checks() async throws {
        struct Problem: Decodable {
            let code: String
            let file: String
            let message: String
            let remedy: String
        }
        let project = try await built()
        #expect(try await project.hero("bundle", "check").output == "actions/one.so: fits\n")
        #expect(try await project.hero("bundle", "check", "--json").output == "[]\n")
        try project.write("import ActionHero", to: "actions/two.so")
        let refused = try await project.hero("bundle", "check")
        #expect(refused.code == 1)
        #expect(refused.output.contains("actions/one.so: fits\n"))
        #expect(refused.output.contains("HB101 actions/two.so is a text file"))
        let json = try await project.hero("bundle", "check", "--json")
        #expect(json.code == 1)
        let problems = try json.decoded([Problem].self)
        #expect(problems.map(\.code) == ["HB101"])
        #expect(problems.map(\.file) == ["actions/two.so"])
        let one = try await project.hero("bundle", "check", "actions/one.so")
        #expect(one.code == 0)
    }

    @Test("stamp makes a library that was linked by hand a bundle")
    func stamps() async throws {
        let project = try TestProject(["one.swift": BuildCommandTests.action("One"), "actions/README": ""])
        let linked = try await Program.run(
            "swiftc",
            [
                "-emit-library", "-O", "-parse-as-library", "-swift-version", "6", "-module-name", "one", "-I",
                "\(Stage.root)/lib/hero/sdk", "one.swift", "-o", "actions/one.so",
            ], directory: project.root)
        try #require(linked.code == 0, "\(linked.error)")
        let before = try await project.hero("bundle", "check")
        #expect(before.code == 1)
        #expect(before.output.contains("hero bundle stamp"))
        let stamped = try await project.hero("bundle", "stamp", "actions/one.so", "--bundle-version", "1.2.3", "--json")
        #expect(stamped.code == 0)
        let note = try stamped.decoded(Inspection.Note.self)
        #expect(note.name == "one")
        #expect(note.version == "1.2.3")
        #expect(note.kind == "swift")
        #expect(try await project.hero("bundle", "check").code == 0)
        #expect(try await project.hero("action", "one").output == "{}\n")
    }

    @Test("start refuses what check refuses, with 78")
    func startRefuses() async throws {
        let project = try TestProject(["actions/two.so": "import ActionHero"])
        let refused = try await project.hero("start")
        #expect(refused.code == 78)
        #expect(
            refused.error.contains("Error: the bundles were refused, nothing of them was run (1 problem):\n  HB101 "))
    }
}
