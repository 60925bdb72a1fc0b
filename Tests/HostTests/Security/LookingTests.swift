// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("commands that look")
struct LookingTests {
    /// A project with bundles that leave a file when they are loaded.
    private func trapped() async throws -> TestProject {
        let project = try TestProject(["commands/readme.txt": "", "actions/readme.txt": ""])
        for folder in ["commands", "actions"] {
            let source = CBundle.action("trap") + CBundle.constructor(project.path("was-loaded"))
            try await CBundle.compile(source, to: "\(folder)/trap.so", in: project)
            try await CBundle.stamp("\(folder)/trap.so", in: project)
        }
        return project
    }

    @Test(
        "help, no words at all and typing errors load no bundle",
        arguments: [
            [], ["--help"], ["-h"], ["help"], ["strat"], ["help", "strat"], ["strat", "--help"], ["trap"],
            ["--version"],
            ["config"], ["bundle", "check"], ["bundle", "inspect", "commands/trap.so"], ["cluster", "status"],
        ])
    func loadNothing(_ arguments: [String]) async throws {
        let project = try await trapped()
        let looked = try await Program.run(Stage.hero, arguments, directory: project.root)
        #expect(!project.exists("was-loaded"), "\(looked.output)\(looked.error)")
        #expect(project.list("tmp") == [] && project.list("log") == [] && project.list("data") == [])
    }

    @Test("a file in commands/ that does not say which commands it has is named, with what to do")
    func namesUnknown() async throws {
        let project = try await trapped()
        let help = try await Program.run(Stage.hero, ["help"], directory: project.root)
        let remedy =
            "commands/trap.so does not say which commands it has: run hero build, or hero bundle stamp --commands"
        #expect(help.output.contains("COMMANDS OF THIS PROJECT:\n  \(remedy)\n"))
        let typed = try await Program.run(Stage.hero, ["strat"], directory: project.root)
        #expect(typed.code == 64)
        #expect(typed.error.contains("did you mean `start`?"))
        #expect(typed.error.contains(remedy))
    }

    @Test("a file that is no bundle, a pipe and a huge file in commands/ do not keep help from coming")
    func surviveRubbish() async throws {
        let project = try await trapped()
        let made = try await Program.run(
            "sh",
            [
                "-c",
                "mkfifo commands/pipe.so; truncate -s 900G commands/huge.so; head -c 70000 /dev/urandom >commands/x.so",
            ],
            directory: project.root)
        #expect(made.code == 0)
        let help = try await Program.run(Stage.hero, ["help"], directory: project.root)
        #expect(help.code == 0)
        #expect(help.output.contains("SUBCOMMANDS:"))
    }

    @Test("what a bundle's note says of a command reaches the terminal without its escape sequences")
    func showNotesAsText() async throws {
        let project = try TestProject([
            "commands/red.swift": """
            import ActionHero

            struct Red: Command {
                static let name = "red\\u{1B}[31m"
                static let description = "one\\nCOMMANDS: \\u{1B}]0;title\\u{7} \\u{9B}2J"
                func run(_ application: Application) async throws {}
            }
            """
        ])
        try await project.build()
        let help = try await Program.run(Stage.hero, ["help"], directory: project.root)
        #expect(help.output.contains(#"red\x1b[31m"#))
        #expect(help.output.contains(#"one\nCOMMANDS: \x1b]0;title\x07 \x9b2J"#))
        #expect(!help.output.utf8.contains(0x1B))
    }

    @Test("hero redis doctor starts no server, and leaves data/redis as it is")
    func doctorLooks() async throws {
        let project = try TestProject(["config/redis.yml": "default:\n  mode: embedded\n", "elsewhere/file": ""])
        let environment = ["REDIS_ENABLED": "true", "PROJECT_ROOT": project.root]
        let absent = try await Program.run(
            Stage.hero, ["redis", "doctor"], directory: project.root, environment: environment)
        #expect(absent.code == 0, "\(absent.error)")
        #expect(absent.output.contains("reachable: the embedded server does not run"))
        #expect(project.list("data") == [])
        let linked = try await Program.run(
            "sh", ["-c", "mkdir data; chmod 755 elsewhere; ln -s ../elsewhere data/redis"], directory: project.root)
        #expect(linked.code == 0)
        let looked = try await Program.run(
            Stage.hero, ["redis", "doctor"], directory: project.root, environment: environment)
        #expect(looked.code == 0, "\(looked.error)")
        #expect(project.list("elsewhere") == ["file"])
        let mode = try await Program.run("stat", ["-c", "%a", "elsewhere"], directory: project.root)
        #expect(mode.output == "755\n")
    }

    @Test("hero build runs no linker that a file of the project names")
    func linkerIsTheUsers() async throws {
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One"), "home/file": ""])
        try project.write("#!/bin/sh\ntouch \(project.path("was-run"))\nexit 1\n", to: "linker")
        try await project.makeExecutable("linker")
        let home = ["HOME": project.path("home")]
        #expect(try await project.hero("build", environment: home).code == 0)
        let cache = try #require(project.list("home/.cache/hero").first { $0.hasPrefix("toolchain-") })
        let lines = try project.read("home/.cache/hero/\(cache)").components(separatedBy: "\n")
        let forged = (lines.prefix(2) + [project.path("linker")] + lines.dropFirst(3)).joined(separator: "\n")
        try project.remove("home")
        for name in ["toolchain", cache] { try project.write(forged, to: "tmp/build/\(name)") }
        try project.remove("actions/one.so")
        let built = try await project.hero("build", environment: home)
        #expect(built.code == 0, "\(built.error)")
        #expect(!project.exists("was-run"))
        // One that others may write to is not believed either.
        try project.write(forged, to: "home/.cache/hero/\(cache)")
        _ = try await Program.run("chmod", ["666", "home/.cache/hero/\(cache)"], directory: project.root)
        try project.remove("actions/one.so")
        #expect(try await project.hero("build", environment: home).code == 0)
        #expect(!project.exists("was-run"))
        let mode = try await Program.run(
            "stat", ["-c", "%a", "home/.cache/hero/\(cache)"], directory: project.root)
        #expect(mode.output == "600\n")
    }
}
