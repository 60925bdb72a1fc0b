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
        // The working directory has another spelling than PROJECT_ROOT.
        let error = refused.error.replacing("//", with: "/")
        let root = project.root.replacing("//", with: "/")
        let named = path.isEmpty ? root : "\(root)/\(path)"
        #expect(error.contains("\(named) belongs to the user 4242, neither to you (user 0) nor to root"), "\(error)")
        #expect(error.contains("HERO_SAFE_DIRECTORY=\(root), "), "\(error)")
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

    @Test(
        "a directory for uploads counts as much, and so does a link to one", arguments: ["tmp/uploads", "in/forms"])
    func refuseUploads(_ part: String) async throws {
        let project = try await project()
        try project.write("", to: "\(part)/file")
        try project.write("default:\n  formOptions:\n    uploadDir: \(part)\n", to: "config/web.yml")
        try await give(part, of: project)
        for words in [["start"], ["start", "cluster", "--workers=1"]] { try await refuses(project, part, words) }
        try await link(part, in: project)
        try await refuses(project, part, ["start"])
        #expect(project.list("away/\(part)") == ["file"])
    }

    /// Moves a part elsewhere, gives it back to root, and leaves a link of the other user's.
    private func link(_ part: String, in project: TestProject) async throws {
        let script = "mkdir -p away/$(dirname $1); mv $1 away/$1; chown -R 0:0 away; ln -s \(project.root)/away/$1 $1"
        #expect(try await Program.run("sh", ["-c", script, "sh", part], directory: project.root).code == 0)
        try await give(part, of: project)
    }

    /// Files that choose which programs are run, and a program that leaves a file when it is.
    private func trapped() async throws -> TestProject {
        let project = try await project()
        try project.write("#!/bin/sh\ntouch \(project.path("was-run"))\n", to: "evil")
        try await project.makeExecutable("evil")
        try project.write("struct Nothing {}", to: "actions/nothingTests.swift")
        try project.write(
            "default:\n  mode: embedded\n  embedded:\n    executable: \(project.path("evil"))\n",
            to: "config/redis.yaml")
        return project
    }

    private static let acting: [[String]] = [
        ["start"], ["start", "cluster", "--workers=1"], ["sweep"], ["action", "mark"], ["actions", "list"], ["routes"],
        ["test"], ["redis", "doctor"],
    ]

    @Test("a file of the configuration that belongs to somebody else is not believed", arguments: acting)
    func refuseConfiguration(_ words: [String]) async throws {
        let project = try await trapped()
        try await give("config/redis.yaml", of: project)
        _ = try await Program.run("chmod", ["1777", "config"], directory: project.root)
        try await refuses(project, "config/redis.yaml", words, ["REDIS_ENABLED": "true"])
        #expect(!project.exists("was-run"))
    }

    @Test("nor is one that everybody, or somebody else's group, may write to", arguments: acting)
    func refuseWritableConfiguration(_ words: [String]) async throws {
        let project = try await trapped()
        let environment = ["PROJECT_ROOT": project.root, "PORT": "0", "REDIS_ENABLED": "true"]
        for (path, mode) in [("config/redis.yaml", "666"), ("config", "777"), ("config/redis.yaml", "664")] {
            let script = "chmod 755 config; chmod 644 config/redis.yaml; chgrp 4242 config/redis.yaml; chmod $1 $2"
            #expect(try await Program.run("sh", ["-c", script, "sh", mode, path], directory: project.root).code == 0)
            let refused = try await Program.run(Stage.hero, words, directory: project.root, environment: environment)
            #expect(refused.code != 0)
            #expect(refused.error.contains("\(project.path(path)) can be written by "), "\(refused.error)")
            #expect(!project.exists("was-run"))
        }
    }

    @Test("a program for Redis that belongs to somebody else is not run", arguments: [["start"], ["sweep"]])
    func refuseProgram(_ words: [String]) async throws {
        let project = try await trapped()
        try await give("evil", of: project)
        try await refuses(project, "evil", words, ["REDIS_ENABLED": "true"])
        #expect(!project.exists("was-run"))
    }

    @Test("what a library of the project wants of pkg-config is not asked when somebody else has written it")
    func refusePackages() async throws {
        let project = try await project()
        try project.write("pkgConfig: [zlib]\n", to: "lib/Packed/build.yml")
        try project.write("public let packed = 1\n", to: "lib/Packed/packed.swift")
        try await give("lib/Packed/build.yml", of: project)
        try await refuses(project, "lib/Packed/build.yml", ["build"])
    }

    @Test(
        "nothing is generated into a project of somebody else, or through a link",
        arguments: [["generate", "action", "fresh"], ["generate", "project", "--force"], ["generate", "--force"]])
    func refuseGenerating(_ words: [String]) async throws {
        let project = try await project()
        try project.write("kept", to: "away/file")
        let script = "rm -r actions; ln -s away actions"
        #expect(try await Program.run("sh", ["-c", script], directory: project.root).code == 0)
        try await give("actions", of: project)
        try await refuses(project, "actions", words)
        try await give(".", of: project)
        try await refuses(project, "", words)
        #expect(project.list("away") == ["file"])
        #expect(!project.exists("log"))
    }

    @Test("a library of somebody else is not stamped, and its commands are not asked for")
    func refuseStamping() async throws {
        let project = try await project()
        try await CBundle.compile(
            CBundle.action("trap") + CBundle.constructor(project.path("was-loaded")), to: "commands/trap.so",
            in: project)
        let before = try project.bytes("commands/trap.so")
        try await give("commands/trap.so", of: project)
        for words in [["bundle", "stamp", "--kind=c"], ["bundle", "stamp", "--kind=c", "--commands", "--force"]] {
            try await refuses(project, "commands/trap.so", words + ["commands/trap.so"])
        }
        try await refuses(
            project, "commands/trap.so", ["bundle", "describe", "--output", "tmp/out", "commands/trap.so"])
        #expect(try project.bytes("commands/trap.so") == before)
        #expect(!project.exists("was-loaded"))
    }

    @Test(
        "a relative path in HERO_SAFE_DIRECTORY trusts nothing, and the refusal says so", arguments: [".", "", "./*"])
    func ignoreRelative(_ value: String) async throws {
        let project = try await project()
        try await give(".", of: project)
        try await refuses(project, "", ["sweep"], ["HERO_SAFE_DIRECTORY": value])
        let refused = try await Program.run(
            Stage.hero, ["sweep"], directory: project.root, environment: ["HERO_SAFE_DIRECTORY": value])
        #expect(refused.error.contains("HERO_SAFE_DIRECTORY names '\(value)', which does not count"))
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
