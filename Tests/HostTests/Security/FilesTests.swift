// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("files that hero writes", .timeLimit(.minutes(10)))
struct FilesTests {
    private func run(_ script: String, in project: TestProject) async throws -> Finished {
        try await Program.run(
            "sh", ["-c", script, "sh", Stage.hero], directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "HOME": project.path("home"), "PORT": "0"])
    }

    @Test("what may hold secrets is closed to others, whatever the umask")
    func modes() async throws {
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One"), "home/file": ""])
        let made = try await run("umask 000; $1 build && $1 new shop", in: project)
        #expect(made.code == 0, "\(made.error)")
        let listed = try await run("find shop/log tmp/build home/.cache -type d -printf '%m %p\\n'", in: project)
        let lines = listed.output.split(separator: "\n").map(String.init)
        #expect(lines.contains("750 shop/log"))
        for path in ["tmp/build", "tmp/build/modules", "home/.cache", "home/.cache/hero"] {
            #expect(lines.contains("700 \(path)"), "\(lines)")
        }
    }

    @Test("all files of the embedded Redis are closed to others")
    func embedded() async throws {
        let project = try TestProject(["config/redis.yml": "default:\n  mode: embedded\n"])
        let hero = try await project.start(environment: ["REDIS_ENABLED": "true"])
        try await hero.stop()
        let listed = try await run("find data/redis -type f -printf '%m %p\\n'", in: project)
        let lines = listed.output.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.contains("append") }, "\(lines)")
        for line in lines { #expect(line.hasPrefix("600 "), "\(line)") }
    }

    @Test(
        "nothing is made in the home of somebody else", .enabled(if: getuid() == 0),
        arguments: [
            "chown 4242 home", "mkdir home/.cache; chown 4242 home/.cache",
            "mkdir away; ln -s ../away home/.cache; chown -h 4242 home/.cache",
            "mkdir away; chown 4242 away; ln -s ../away home/.cache",
        ])
    func home(_ script: String) async throws {
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One"), "home/file": ""])
        let built = try await run("\(script); $1 build", in: project)
        #expect(built.code == 0, "\(built.error)")
        #expect(!project.exists("home/.cache/hero") && !project.exists("away/hero"))
    }

    @Test("what is no file where one is needed is refused in words, and not waited for")
    func specialFiles() async throws {
        for (script, words, message) in [
            ("mkfifo config/web.yml", "config", "it is a named pipe, and no file"),
            ("mkdir config/web.yml; mkfifo config/web.yml/x.yml", "config", "it is a named pipe, and no file"),
            ("ln -s /dev/zero config/web.yml", "config", "it is a device, and no file"),
            ("mkfifo config/web.yml", "start", "it is a named pipe, and no file"),
            ("mkdir log; mkfifo log/shop-development.log", "start", "it is a pipe or device that nobody reads"),
            ("mkdir -p log/shop-development.log", "start", "shop-development.log: Is a directory"),
            ("mkdir pids; mkfifo pids/actionhero-shop", "start", "it is a named pipe, and no file"),
            ("mkdir -p pids/actionhero-shop", "start", "pids/actionhero-shop: Is a directory"),
            ("mkdir pids; mkfifo pids/shop_pidfile", "start cluster --workers=1", "it is a named pipe, and no file"),
            ("mkdir -p pids/shop_pidfile", "start cluster --workers=1", "pids/shop_pidfile: Is a directory"),
            ("mkdir actions; mkfifo actions/a.swift", "build", "it is a named pipe, and no file"),
        ] {
            let project = try TestProject(["config/empty.yml": "default: {}\n"])
            let finished = try await run(
                "\(script); export ACTIONHERO_TITLE=shop; exec $1 \(words)", in: project)
            #expect(finished.code != 0, "\(words)")
            #expect((finished.error + finished.output).contains(message), "\(finished.error)\(finished.output)")
        }
    }

    @Test("USR1 writes through no link of somebody else's, says so, and goes on", .enabled(if: getuid() == 0))
    func foreignLink() async throws {
        let project = try TestProject(["config/empty.yml": "default: {}\n", "victim": "kept"])
        let hero = try await project.start(environment: ["ACTIONHERO_TITLE": "shop"])
        let path = "log/shop-development.log"
        let script = "mv \(path) old; ln -s \(project.path("victim")) \(path); chown -h 4242 \(path)"
        #expect(try await run(script, in: project).code == 0)
        let mark = hero.lines.count
        hero.send(SIGUSR1)
        try await hero.line(containing: "lines go on to the file that was open", after: mark)
        try await hero.stop()
        #expect(try project.read("victim") == "kept")
        #expect(try project.read("old").contains("Stopped ***"))
    }

    @Test("USR1 makes the directory of the logs again", arguments: ["start", "start cluster --workers=1"])
    func vanishedDirectory(_ words: String) async throws {
        let project = try TestProject(["config/empty.yml": "default: {}\n"])
        let hero = try RunningHero(
            words.split(separator: " ").map(String.init), directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "PORT": "0", "ACTIONHERO_ENV": "development"])
        try await hero.line(containing: words == "start" ? "Started ***" : "cluster equilibrium")
        try project.remove("log")
        hero.send(SIGUSR1)
        while project.list("log").isEmpty { await Task.yield() }
        #expect(try await hero.stop() == 0)
        let log = try #require(project.list("log").first { words == "start" || $0 == "cluster.log" })
        #expect(try project.read("log/\(log)").contains(words == "start" ? "Stopped ***" : "all workers stopped"))
    }
}
