// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the SDK's documentation")
struct SymbolTests {
    private struct Graph: Decodable {
        struct Symbol: Decodable {
            struct Kind: Decodable { let identifier: String }
            struct Comment: Decodable {}

            let kind: Kind
            let pathComponents: [String]
            let docComment: Comment?
        }

        let symbols: [Symbol]
    }

    private static let graphs = Task {
        let project = try TestProject(["symbols/.keep": ""])
        let machine = try await Program.run("uname", ["-m"], directory: "/").output
        let extracted = try await Program.run(
            "swift",
            [
                "symbolgraph-extract", "-module-name", "ActionHero", "-I", "\(Stage.root)/lib/hero/sdk", "-target",
                "\(machine.trimmingCharacters(in: .newlines))-unknown-linux-gnu", "-minimum-access-level", "public",
                "-skip-synthesized-members", "-output-dir", "symbols",
            ], directory: project.root)
        try #require(extracted.code == 0, "\(extracted.error)")
        return project
    }

    @Test("every public declaration has a comment")
    func isComplete() async throws {
        let project = try await Self.graphs.value
        let data = try project.bytes("symbols/ActionHero.symbols.json")
        let symbols = try JSONDecoder().decode(Graph.self, from: data).symbols
        #expect(symbols.count > 250)
        let silent = symbols.filter { $0.docComment == nil }
        #expect(silent.map { $0.pathComponents.joined(separator: ".") } == [])
    }

    @Test("it builds without a warning, and the landing page names every type")
    func buildsWithoutWarning() async throws {
        let project = try await Self.graphs.value
        let catalogue = "\(Stage.repository)/Sources/ActionHero/ActionHero.docc"
        let converted = try await Program.run(
            "docc",
            [
                "convert", catalogue, "--additional-symbol-graph-dir", "symbols", "--fallback-display-name",
                "ActionHero",
                "--fallback-bundle-identifier", "ActionHero", "--warnings-as-errors", "--output-path", "archive",
            ], directory: project.root)
        #expect(converted.code == 0, "\(converted.error)\(converted.output)")
        let landing = try String(contentsOfFile: "\(catalogue)/ActionHero.md", encoding: .utf8)
        let data = try project.bytes("symbols/ActionHero.symbols.json")
        for symbol in try JSONDecoder().decode(Graph.self, from: data).symbols where symbol.pathComponents.count == 1 {
            #expect(landing.contains("- ``\(symbol.pathComponents[0])``"))
        }
    }
}
