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

    @Test("a candidate's warnings stay warnings with one time each, and its crash is told with what it was doing")
    func candidateWords() async throws {
        let project = try TestProject(["actions/one.swift": Self.source("One", 1)])
        try await project.build()
        let hero = try await project.start()
        try project.write(
            """
            import ActionHero

            struct Boom: Initializer {
                func initialize(_ application: Application) async throws { fatalError("boom on purpose") }
            }
            """, to: "initializers/boom.swift")
        try await project.build()
        // A source that is not built deserves a warning.
        try project.write(Self.source("Two", 1), to: "actions/two.swift")
        let mark = hero.lines.count
        hero.send(SIGUSR2)
        try await hero.line(containing: "the new generation was refused; the running one stays in service")
        let lines = hero.lines.dropFirst(mark)
        let warning = try #require(lines.first { $0.contains("actions/two.swift is not built") })
        #expect(warning.contains(" - warning: actions/two.swift is not built"), "\(warning)")
        let crash = try #require(lines.first { $0.contains("(HB304)") })
        #expect(crash.contains("error: the candidate crashed (initializer `boom` has not returned from initialize): "))
        #expect(crash.contains("boom on purpose"))
        #expect(!lines.contains { $0.contains("candidateProgress") || $0.contains("\"timestamp\"") })
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

    @Test("a file of twenty gigabytes among the bundles is refused by its size, and the next deploy works")
    func hugeFile() async throws {
        let project = try TestProject([
            "actions/one.swift": Self.source("One", 1), "actions/two.swift": Self.source("Two", 1),
        ])
        try await project.build()
        let hero = try project.launch(["cluster", "--workers=1"])
        try await hero.line(containing: "equilibrium state reached with 1 workers")
        try project.write("", to: "actions/huge.so")
        truncate(project.path("actions/huge.so"), 20 << 30)
        let refused = try await project.hero("cluster", "reload", "--wait")
        #expect(refused.code != 0)
        #expect((refused.output + refused.error).contains("HB114 actions/huge.so has 21474836480 bytes"))
        let checked = try await project.hero("bundle", "check")
        #expect(checked.code == 1 && checked.output.contains("HB114 actions/huge.so has 21474836480 bytes"))
        try project.remove("actions/huge.so")
        try project.write(Self.source("One", 2), to: "actions/one.swift")
        try await project.build()
        #expect(try await project.hero("cluster", "reload", "--wait").code == 0)
        #expect(try await hero.stop() == 0)
    }

    @Test("a check that has too little memory for a file says so, and which key gives it more")
    func limits() async throws {
        let project = try TestProject(["actions/one.swift": Self.source("One", 1)])
        try await project.build()
        truncate(project.path("actions/one.so"), 900 << 20)
        let size = "default:\n  bundles:\n    maximumSize: 1073741824\n"
        try project.write(size + "    checkMemory: 134217728\n", to: "config/api.yml")
        let short = try await project.hero("bundle", "check")
        #expect(short.code == 1)
        #expect(
            short.output.hasSuffix(
                "/actions/one.so: Cannot allocate memory – let the check have more memory "
                    + "(general.bundles.checkMemory)\n"), "\(short)")
    }

    @Test("the largest size is a matter of configuration, for hero bundle check as for a start")
    func configuredSize() async throws {
        let project = try TestProject(["actions/one.swift": Self.source("One", 1)])
        try await project.build()
        truncate(project.path("actions/one.so"), 3 << 20)
        #expect(try await project.hero("bundle", "check").code == 0)
        try project.write("default:\n  bundles:\n    maximumSize: 2097152\n", to: "config/api.yml")
        let checked = try await project.hero("bundle", "check")
        #expect(checked.output.hasPrefix("HB114 actions/one.so has 3145728 bytes, 2097152 are allowed"))
        let started = try project.launch()
        #expect(try await started.exitCode() == 78)
        #expect(started.lines.contains { $0.contains("HB114 actions/one.so") })
    }
}
