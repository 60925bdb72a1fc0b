// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("what commands print")
struct OutputTests {
    @Test("goes out by one function, which spells out what acts on a terminal")
    func hasOneWay() throws {
        let root = "\(Stage.repository)/Sources/hero"
        let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        let sources = files.filter { $0.hasSuffix(".swift") }
        #expect(sources.count > 20)
        for file in sources where !["Project/Terminal.swift", "Project/ReservedOutput.swift"].contains(file) {
            let text = try Stage.text("Sources/hero/\(file)")
            #expect(text.firstMatch(of: /(^|[^.\w])print\(/) == nil, "\(file) prints past Terminal")
        }
    }

    /// A name that would clear the screen and forge a line.
    private static let name = "a\u{1B}[2J\nactions are fine\r\u{9B}1m"
    private static let shown = #"a\x1b[2J\nactions are fine\r\x9b1m"#

    @Test("shows the names of files as text", arguments: ["check", "inspect", "action", "build"])
    func names(_ command: String) async throws {
        let project = try TestProject(["config/api.yml": "default: {}\n"])
        try project.write("no bundle", to: "actions/\(Self.name).so")
        try project.write("no swift", to: "actions/\(Self.name).swift")
        let words =
            switch command {
            case "check": ["bundle", "check"]
            case "inspect": ["bundle", "inspect", "actions/\(Self.name).so"]
            case "action": ["action", "x"]
            default: ["build"]
            }
        let printed = try await Program.run(
            Stage.hero, words, directory: project.root, environment: ["PROJECT_ROOT": project.root])
        #expect(printed.code != 0)
        // The compiler names the file as it is, in what is passed on.
        if command != "build" {
            let all = printed.output + printed.error
            #expect(all.contains(Self.shown), "\(all)")
            #expect(!all.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
            #expect(!all.contains("\nactions are fine"))
        } else {
            #expect(printed.output.contains("failed actions/\(Self.shown).swift"), "\(printed.output)")
        }
    }

    @Test("shows what stands in configuration files as text")
    func configuration() async throws {
        let project = try TestProject(["config/shop.yml": "default:\n  \"k\\e[2J\\nforged: 1\": \"v\\e[2J\\x9b\"\n"])
        for words in [["config", "shop"], ["config", "shop", "--json"]] {
            let printed = try await Program.run(
                Stage.hero, words, directory: project.root, environment: ["PROJECT_ROOT": project.root])
            #expect(printed.code == 0, "\(printed.error)")
            #expect(!printed.output.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
            #expect(!printed.output.contains("\nforged"))
        }
    }
}
