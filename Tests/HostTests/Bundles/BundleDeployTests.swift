// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a deploy takes effect as a whole, on USR2, or not at all")
struct BundleDeployTests {
    private static func source(_ name: String, _ answer: Int) -> String {
        """
        import ActionHero

        struct \(name): Action {
            func run(_ context: Context) async throws -> [String: Int] { ["answer": \(answer)] }
        }
        """
    }

    private func answers(_ hero: RunningHero) async throws -> [String] {
        var answers: [String] = []
        for name in ["one", "two"] {
            let response = try await hero.request("/api/\(name)")
            answers.append(response.text.filter { !$0.isWhitespace }.prefix(11).description)
        }
        return answers
    }

    @Test("a good one replaces everything, in the same process")
    func good() async throws {
        let project = try TestProject([
            "actions/one.swift": Self.source("One", 1), "actions/two.swift": Self.source("Two", 1),
        ])
        try await project.build()
        let hero = try await project.start()
        try project.write(Self.source("One", 2), to: "actions/one.swift")
        try project.write(Self.source("Two", 2), to: "actions/two.swift")
        try await project.build()
        #expect(try await answers(hero) == [#"{"answer":1"#, #"{"answer":1"#])
        hero.send(SIGUSR2)
        try await hero.line(containing: "Restarted ***")
        #expect(try await answers(hero) == [#"{"answer":2"#, #"{"answer":2"#])
        let maps = try await Program.run("cat", ["/proc/\(hero.identifier)/maps"], directory: project.root).output
        #expect(maps.contains("/one.so") && !maps.contains("/actions/"))
        #expect(project.list("tmp/generations").filter { Int($0) != nil } == ["1", "2"])
        #expect(try await hero.stop() == 0)
    }

    @Test(
        "a bad one leaves everything as it is and says why",
        arguments: [
            ("actions/broken.so", "not a bundle", "HB101 actions/broken.so is a text file"),
            ("actions/two.foreign.yml", "library: libnobody.so\nsymbol: f\n", "HB110 actions/two.foreign.yml"),
            (
                "initializers/broken.swift",
                """
                import ActionHero

                struct Broken: Initializer {
                    func initialize(_ application: Application) async throws { throw ActionError("no database here") }
                }
                """, "no database here"
            ),
        ])
    func bad(_ path: String, _ text: String, _ reason: String) async throws {
        let project = try TestProject([
            "actions/one.swift": Self.source("One", 1), "actions/two.swift": Self.source("Two", 1),
        ])
        try await project.build()
        let hero = try await project.start()
        try project.write(Self.source("One", 2), to: "actions/one.swift")
        try project.write(text, to: path)
        try await project.build()
        hero.send(SIGUSR2)
        try await hero.line(containing: "the new generation was refused; the running one stays in service")
        #expect(hero.lines.contains { $0.contains(reason) })
        #expect(try await answers(hero) == [#"{"answer":1"#, #"{"answer":1"#])
        try project.remove(path)
        if path.hasSuffix(".swift") { try project.remove("initializers/broken.so") }
        hero.send(SIGUSR2)
        try await hero.line(containing: "Restarted ***")
        #expect(try await answers(hero) == [#"{"answer":2"#, #"{"answer":1"#])
        #expect(try await hero.stop() == 0)
    }
}
