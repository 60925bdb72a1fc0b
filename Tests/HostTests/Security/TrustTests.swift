// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Files of other users can be made by root only.
@Suite("projects of other users", .enabled(if: getuid() == 0))
struct TrustTests {
    /// A project with an action and a command that leave a file when they are loaded.
    private func project() async throws -> TestProject {
        let project = try TestProject([
            "actions/mark.swift": BuildCommandTests.action("Mark"),
            "commands/sweep.swift": """
            import ActionHero

            struct Sweep: Command {
                func run(_ application: Application) async throws { print("swept") }
            }
            """,
        ])
        try await project.build()
        return project
    }

    private func give(_ paths: String..., of project: TestProject) async throws {
        let given = try await Program.run("chown", ["-h", "4242:4242"] + paths, directory: project.root)
        #expect(given.code == 0)
    }

    private func refuses(
        _ project: TestProject, _ path: String, _ words: [String], _ environment: [String: String] = [:]
    ) async throws {
        let refused = try await Program.run(
            Stage.hero, words, directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "PORT": "0"].merging(environment) { $1 })
        #expect(refused.code != 0)
        let named = path.isEmpty ? project.root : project.path(path)
        #expect(refused.error.contains("\(named) belongs to the user 4242, neither to you (user 0) nor to root"))
        #expect(refused.error.contains("HERO_SAFE_DIRECTORY=\(project.root)"))
    }

    @Test(
        "nothing of them is loaded, built or started",
        arguments: [
            ["start"], ["start", "cluster"], ["build"], ["sweep"], ["action", "mark"], ["actions", "list"], ["test"],
            ["cluster", "stop"], ["cluster", "reload"],
        ])
    func refuse(_ words: [String]) async throws {
        let project = try await project()
        try project.write("struct Nothing {}", to: "actions/nothingTests.swift")
        try await give(".", of: project)
        try await refuses(project, "", words)
        #expect(project.list("log") == [] && project.list("pids") == [])
    }

    @Test(
        "a bundle, a folder, a link and what a link leads to count as much as the project",
        arguments: ["actions", "actions/mark.so", "tmp", "config"])
    func refuseParts(_ part: String) async throws {
        let project = try await project()
        try project.write("default: {}\n", to: "config/api.yml")
        try project.write("", to: "tmp/file")
        try await give(part, of: project)
        try await refuses(project, part, ["start"])
        try await link(part, in: project)
        try await refuses(project, part, ["start"])
    }

    /// Moves a part elsewhere, gives it back to root, and leaves a link of the other user's.
    private func link(_ part: String, in project: TestProject) async throws {
        let script = "mkdir -p away/$(dirname $1); mv $1 away/$1; chown -R 0:0 away; ln -s \(project.root)/away/$1 $1"
        #expect(try await Program.run("sh", ["-c", script, "sh", part], directory: project.root).code == 0)
        try await give(part, of: project)
    }

    @Test(
        "who trusts them says so",
        arguments: ["variable", "pattern", "everything", "file", "sudo"])
    func accept(_ way: String) async throws {
        let project = try await project()
        try await give(".", "actions", "actions/mark.so", "commands", "commands/sweep.so", of: project)
        var environment = ["PROJECT_ROOT": project.root, "HOME": project.path("home")]
        switch way {
        case "variable": environment["HERO_SAFE_DIRECTORY"] = "/elsewhere:\(project.root)"
        case "pattern": environment["HERO_SAFE_DIRECTORY"] = "\(project.root)/../*"
        case "everything": environment["HERO_SAFE_DIRECTORY"] = "*"
        case "file": try project.write("\(project.root)\n", to: "home/.config/hero/safe-directories")
        default: environment["SUDO_UID"] = "4242"
        }
        let ran = try await Program.run(Stage.hero, ["sweep"], directory: project.root, environment: environment)
        #expect(ran.output == "swept\n", "\(ran.error)")
    }

    @Test("a list of trusted projects that somebody else has written is not believed")
    func ignoreForgedLists() async throws {
        let project = try await project()
        try project.write("*\n", to: "home/.config/hero/safe-directories")
        try await give(".", "home/.config/hero/safe-directories", of: project)
        try await refuses(project, "", ["sweep"], ["HOME": project.path("home")])
    }

    @Test("looking at them is allowed")
    func mayBeLookedAt() async throws {
        let project = try await project()
        try await give(".", "actions", "actions/mark.so", "commands", "commands/sweep.so", of: project)
        for words in [["help"], ["config"], ["bundle", "check"], ["sweep", "--help"]] {
            let looked = try await Program.run(
                Stage.hero, words, directory: project.root, environment: ["PROJECT_ROOT": project.root])
            #expect(looked.code == 0, "\(words) \(looked.error)")
        }
    }

    @Test("a directory of another user is no place for the embedded Redis, and keeps its permissions")
    func embeddedServer() async throws {
        let project = try TestProject(["config/redis.yml": "default:\n  mode: embedded\n", "data/redis/file": ""])
        try await give("data/redis", of: project)
        _ = try await Program.run("chmod", ["755", "data/redis"], directory: project.root)
        try await refuses(project, "data/redis", ["start"], ["REDIS_ENABLED": "true"])
        try await refuses(project, "data/redis", ["redis", "doctor"], ["REDIS_ENABLED": "true"])
        let mode = try await Program.run("stat", ["-c", "%a", "data/redis"], directory: project.root)
        #expect(mode.output == "755\n")
    }
}
