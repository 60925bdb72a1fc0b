// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("sources that are not built")
struct UnbuiltSourcesTests {
    private static let notBuilt = "actions/two.swift is not built: run `hero build`"
    private static let changed =
        "actions/one.swift has changed since the last build, and the old code runs: run `hero build`"

    /// One action that is built and then changed, one that was never built.
    private static func project(_ files: [String: String] = [:]) async throws -> TestProject {
        let sources = ["actions/one.swift": BuildCommandTests.action("One"), "actions/oneTests.swift": "// no bundle"]
        let project = try TestProject(sources.merging(files) { $1 })
        try await project.build()
        try project.write(BuildCommandTests.action("One") + "// changed\n", to: "actions/one.swift")
        try project.write(BuildCommandTests.action("Two"), to: "actions/two.swift")
        return project
    }

    @Test("hero start warns of each, and of nothing when all is built")
    func startWarns() async throws {
        let project = try await Self.project()
        let running = try await project.start()
        let lines = running.lines.filter { $0.contains(" - warning: ") && $0.contains("hero build") }
        #expect(lines.contains { $0.hasSuffix(Self.notBuilt) } && lines.contains { $0.hasSuffix(Self.changed) })
        #expect(try await running.stop() == 0)
        try await project.build()
        let again = try await project.start()
        #expect(!again.lines.contains { $0.contains("hero build") })
        #expect(try await again.stop() == 0)
    }

    @Test(
        "a source with another time and the same content is no news, and one with an older time and another content is")
    func comparesContents() async throws {
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One")])
        try await project.build()
        let path = project.path("actions/one.swift")
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: 3600)], ofItemAtPath: path)
        #expect(try await project.hero("action", "one").error == "")
        try project.write(BuildCommandTests.action("One") + "// another\n", to: "actions/one.swift")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: path)
        let ran = try await project.hero("action", "one")
        #expect(ran.code == 0)
        #expect(ran.error.contains(Self.changed))
    }

    @Test("where there are no sources, nothing is said")
    func isSilentWithoutSources() async throws {
        let built = try TestProject(["actions/one.swift": BuildCommandTests.action("One")])
        try await built.build()
        let project = try TestProject()
        try project.copy(built.path("actions/one.so"), to: "actions/one.so")
        let ran = try await project.hero("action", "one")
        #expect(ran.code == 0)
        #expect(ran.error == "")
    }

    @Test("general.requireBuilt refuses to start, in one process and in several, with 78 and the remedy")
    func canRefuse() async throws {
        let project = try await Self.project(["config/api.yml": "default:\n  requireBuilt: true\n"])
        for arguments in [[], ["cluster", "--workers=1"]] {
            let refused = try project.launch(arguments)
            #expect(try await refused.exitCode() == 78)
            let line = refused.lines.first { $0.contains("config/api.yml:2") } ?? refused.lines.joined(separator: "\n")
            #expect(line.contains("general.requireBuilt is true, and \(Self.notBuilt)"))
            #expect(line.contains(Self.changed))
        }
    }

    @Test("a deploy says it to the log and to whoever waits, or is rejected")
    func deployWarns() async throws {
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One")])
        try await project.build()
        let cluster = try ServiceCluster(project, workers: 1, settings: ["cluster.probation.duration=0"])
        try await cluster.equilibrium(1)
        try project.write(BuildCommandTests.action("Two"), to: "actions/two.swift")
        let deployed = try await project.hero("cluster", "reload", "--wait")
        #expect(deployed.output.hasPrefix("warning: \(Self.notBuilt)\n"))
        #expect(deployed.code == 0)
        try await cluster.line(Self.notBuilt)
        try project.write("default:\n  requireBuilt: true\n", to: "config/api.yml")
        let rejected = try await project.hero("cluster", "reload", "--wait")
        #expect(rejected.code == 1)
        #expect(rejected.error.contains("general.requireBuilt is true, and \(Self.notBuilt)"))
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("hero action names the remedy beside its error")
    func actionNamesRemedy() async throws {
        let unknown = try await Self.project().hero("action", "two")
        #expect(unknown.code == 1)
        #expect(unknown.error.contains(Self.notBuilt))
        #expect(unknown.error.contains("Error: there is no action two"))
    }

    @Test(
        "in development the answer 404 names the remedy, for files that came after the start too; elsewhere it does not"
    )
    func answerNamesRemedy() async throws {
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One")])
        try await project.build()
        let running = try await project.start()
        let plain = try await running.request("/api/two")
        #expect(plain.status == 404)
        #expect(plain.text.contains("\"error\": \"unknown action or invalid apiVersion\""))
        #expect(try await running.stop() == 0)
        try project.write(BuildCommandTests.action("Two"), to: "actions/two.swift")
        let second = try await project.start()
        #expect(
            try await second.request("/api/two").text.contains(
                "unknown action or invalid apiVersion – actions/two.swift is not loaded: run `hero build`, then restart"
            ))
        #expect(try await second.stop() == 0)
        let production = try await project.start(environment: ["ACTIONHERO_ENV": "production"])
        #expect(!(try await production.request("/api/two").text.contains("two.swift")))
        #expect(try await production.stop() == 0)
    }

    @Test("the answer 404 says nothing of libraries that are loaded, and names those that are not")
    func answerKnowsLibraries() async throws {
        let project = try TestProject([
            "lib/Models/user.swift": "public let user = 1\n",
            "actions/one.swift": "import Models\n" + BuildCommandTests.action("One"),
        ])
        try await project.build()
        let running = try await project.start()
        let plain = try await running.request("/api/two").text
        #expect(plain.contains("\"error\": \"unknown action or invalid apiVersion\""), "\(plain)")
        #expect(try await running.stop() == 0)
        try project.write("public let order = 1\n", to: "lib/Orders/order.swift")
        let second = try await project.start()
        let hint = try await second.request("/api/two").text
        #expect(hint.contains("unknown action or invalid apiVersion – lib/Orders is not loaded: run"), "\(hint)")
        #expect(try await second.stop() == 0)
    }

    @Test("a command of the project that nobody has built is missed with the remedy, beside built ones too")
    func commandNamesRemedy() async throws {
        let source =
            "import ActionHero\nstruct Report: Command { func run(_ application: Application) async throws {} }\n"
        let project = try TestProject(["commands/report.swift": source])
        let missed = try await project.hero("report")
        #expect(missed.code == 64)
        #expect(missed.error.contains("commands/report.swift is not built: run `hero build`"))
        try await project.build()
        #expect(try await project.hero("report").code == 0)
        try project.write(source.replacing("Report", with: "Other"), to: "commands/other.swift")
        let other = try await project.hero("other")
        #expect(other.code == 64)
        #expect(other.error.contains("commands/other.swift is not built: run `hero build`"))
    }

    @Test("--prune deletes the bundle whose source has gone, and no other")
    func prunes() async throws {
        let project = try TestProject([
            "actions/one.swift": BuildCommandTests.action("One"), "actions/two.swift": BuildCommandTests.action("Two"),
        ])
        try await project.build()
        try project.copy(project.path("actions/one.so"), to: "middleware/bought.so")
        try project.remove("actions/two.swift")
        let built = try await project.hero("build", "--prune")
        #expect(built.code == 0)
        #expect(built.output.hasSuffix("deleted actions/two.so\n"))
        #expect(project.list("actions") == ["one.so", "one.swift"])
        #expect(project.exists("middleware/bought.so"))
    }
}
