// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("help")
struct HelpTests {
    static let commands = [
        "", "start", "start cluster", "build", "test", "bundle", "bundle inspect", "bundle check", "bundle stamp",
        "config", "redis", "redis doctor", "actions",
        "actions list", "action", "routes", "new", "generate", "generate project", "generate action",
        "generate initializer",
        "generate middleware", "generate task", "generate command", "version", "cluster", "cluster status",
        "cluster reload",
        "cluster rollback", "cluster scale", "cluster stop", "cluster generations", "cluster upgrade",
        "cluster release",
        "task", "task run", "task enqueue", "tasks", "tasks show", "tasks workers", "tasks failed", "tasks retry",
        "tasks remove", "tasks delayed",
        "tasks locks", "tasks pause", "tasks resume", "tasks drain",
    ]

    @Test("help says what it always said", arguments: commands)
    func isGolden(_ command: String) async throws {
        let words = command.split(separator: " ").map(String.init)
        let printed = try await Program.run(Stage.hero, words + ["--help"], directory: NSTemporaryDirectory())
        #expect(printed.code == 0)
        #expect(printed.error == "")
        try Golden.expect(printed.output, (["hero"] + words).joined(separator: "-"))
    }

    @Test("every command has a golden help text, and every golden text a command")
    func isComplete() async throws {
        let dump = try await Program.run(
            Stage.hero, ["--experimental-dump-help"], directory: NSTemporaryDirectory())
        let tool = try JSONDecoder().decode(Tool.self, from: Data(dump.output.utf8))
        let all = tool.command.names(below: "hero").sorted()
        #expect(all == Self.commands.map { ($0.isEmpty ? "hero" : "hero \($0)").replacing(" ", with: "-") }.sorted())
        #expect(try Golden.names == all)
    }

    @Test("hero, hero help and hero --help are the same", arguments: [[], ["help"], ["-h"]])
    func hasManySpellings(_ arguments: [String]) async throws {
        let printed = try await Program.run(Stage.hero, arguments, directory: NSTemporaryDirectory())
        #expect(printed.code == 0)
        try Golden.expect(printed.output, "hero")
    }

    @Test("a difference to a golden text is shown line by line")
    func showsDifferences() {
        #expect(Golden.difference("a\nb\nc", "a\nx\nc\nd") == "  a\n- b\n+ x\n  c\n+ d")
    }

    @Test("hero version names the version and the compiler that bundles have to match")
    func printsVersion() async throws {
        let printed = try await Program.run(Stage.hero, ["version"], directory: NSTemporaryDirectory())
        #expect(printed.code == 0)
        let short = try await Program.run(Stage.hero, ["--version"], directory: NSTemporaryDirectory())
        let lines = printed.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "hero \(short.output.trimmingCharacters(in: .newlines))")
        let compiler = try await Program.run("swiftc", ["--version"], directory: NSTemporaryDirectory())
        let version = try #require(lines.last?.firstMatch(of: #/bundles: Swift ([0-9.]+) /#)?.1)
        #expect(compiler.output.contains("Swift version \(version) "))
    }

    @Test(
        "words and flags that mean nothing end with 64 and say where to look",
        arguments: ["nonsense", "build --nonsense", "bundle nonsense", "generate action", "config --set web.port"])
    func refusesNonsense(_ arguments: String) async throws {
        let words = arguments.split(separator: " ").map(String.init)
        let refused = try await Program.run(Stage.hero, words, directory: NSTemporaryDirectory())
        #expect(refused.code == 64)
        #expect(refused.output == "")
        #expect(refused.error.contains("Error: "))
        let place = words == ["nonsense"] ? "run `hero help` to learn more" : "--help' for more information."
        #expect(refused.error.contains(place))
    }

    private struct Tool: Decodable {
        let command: Command
    }

    private struct Command: Decodable {
        let commandName: String
        let subcommands: [Command]?
        /// Whether people are to know of it.
        let shouldDisplay: Bool?

        func names(below path: String) -> [String] {
            let children = (subcommands ?? []).filter { $0.commandName != "help" && $0.shouldDisplay != false }
            return [path] + children.flatMap { $0.names(below: "\(path)-\($0.commandName)") }
        }
    }
}
