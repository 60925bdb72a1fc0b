// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the embedded Redis", .timeLimit(.minutes(10)))
struct EmbeddedTests {
    @Test("starts with hero on a socket that only its user reaches, keeps data over a restart, and stops last")
    func startsAndStops() async throws {
        let project = try await RedisBundles.project()
        let one = try await RedisHero.start(project)
        #expect(try await one.keep("a", "1").status == 200)
        #expect(try await one.recall("a") == "1")
        let answer = try await one.hero.request("/api/recall?key=a").decoded(RedisHero.Answer.self)
        #expect(answer.hasRedis)
        let mode = try FileManager.default.attributesOfItem(atPath: project.path("data/redis"))[.posixPermissions]
        #expect(mode as? Int == 0o700)
        let server = try RedisHero.server(of: one.hero)
        #expect(try await one.hero.stop() == 0)
        #expect(!ProcessTable.isAlive(server))
        let last = try #require(one.hero.lines.firstIndex { $0.contains("redis-server ended with 0") })
        let stopped = try #require(one.hero.lines.firstIndex { $0.contains("Stopped ***") })
        #expect(stopped < last)
        let again = try await RedisHero.start(project)
        #expect(try await again.recall("a") == "1")
        try await again.hero.stop()
    }

    @Test("comes back when it is killed under load, with what was acknowledged a second before")
    func comesBack() async throws {
        let project = try await RedisBundles.project()
        let one = try await RedisHero.start(project)
        let server = try RedisHero.server(of: one.hero)
        let mark = one.hero.lines.count
        // What an action was told is kept is in the server's hands and, after appendfsync everysec, on the disk a second
        // later; a killed process loses nothing that it has written to the file.
        let kept = try await withThrowingTaskGroup(of: [String].self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var kept: [String] = []
                    for number in 0..<60 {
                        let key = "load-\(worker)-\(number)"
                        if try await one.keep(key, key).status == 200 { kept.append(key) }
                        if worker == 0, number == 20 { kill(server, SIGKILL) }
                    }
                    return kept
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try await one.hero.line(containing: "redis-server was ended by signal 9", after: mark)
        try await one.hero.line(containing: "redis-server started with pid", after: mark)
        #expect(kept.count > 100)
        for key in kept { #expect(try await one.recall(key) == key) }
        #expect(try await one.hero.request("/health/ready").status == 200)
        try await one.hero.stop()
    }

    @Test("is shared by two processes of a project, and lives on when the one that runs it ends")
    func isShared() async throws {
        let project = try await RedisBundles.project()
        let one = try await RedisHero.start(project)
        let two = try await RedisHero.start(project, title: "two")
        try await two.hero.line(containing: "another process of this project runs redis-server")
        #expect(try await one.keep("shared", "yes").status == 200)
        #expect(try await two.recall("shared") == "yes")
        let first = try RedisHero.server(of: one.hero)
        #expect(try await one.hero.stop() == 0)
        try await two.hero.line(containing: "redis-server started with pid")
        #expect(!ProcessTable.isAlive(first))
        #expect(try await two.recall("shared") == "yes")
        try await two.hero.stop()
    }

    @Test("ends when its hero is killed, and the next one has what was acknowledged")
    func endsWithHero() async throws {
        let project = try await RedisBundles.project()
        let one = try await RedisHero.start(project)
        for number in 0..<100 { #expect(try await one.keep("k\(number)", "\(number)").status == 200) }
        let server = try RedisHero.server(of: one.hero)
        let guardian = try #require(RedisHero.guardian(of: one.hero))
        one.hero.send(SIGKILL)
        try await one.hero.exitCode()
        try await ProcessTable.waitForEnd(of: server)
        try await ProcessTable.waitForEnd(of: guardian)
        let two = try await RedisHero.start(project)
        for number in 0..<100 { #expect(try await two.recall("k\(number)") == "\(number)") }
        try await two.hero.stop()
    }

    @Test("ends with a hero that is killed after it has replaced itself, and after its server was started again")
    func endsWithReplacedHero() async throws {
        let project = try await RedisBundles.project()
        let one = try await RedisHero.start(project)
        let first = try #require(RedisHero.guardian(of: one.hero))
        one.hero.send(SIGUSR2)
        try await one.hero.line(containing: "Restarted ***")
        #expect(RedisHero.guardian(of: one.hero) == first)
        let mark = one.hero.lines.count
        kill(try RedisHero.server(of: one.hero), SIGKILL)
        try await one.hero.line(containing: "redis-server started with pid", after: mark)
        #expect(!ProcessTable.isAlive(first))
        let server = try RedisHero.server(of: one.hero)
        one.hero.send(SIGKILL)
        try await one.hero.exitCode()
        try await ProcessTable.waitForEnd(of: server)
    }

    @Test("whose hero was killed with all that could end it, ends before the next one touches the data")
    func orphan() async throws {
        let project = try await RedisBundles.project()
        let one = try await RedisHero.start(project)
        #expect(try await one.keep("a", "1").status == 200)
        let orphan = try RedisHero.server(of: one.hero)
        kill(try #require(RedisHero.guardian(of: one.hero)), SIGKILL)
        one.hero.send(SIGKILL)
        try await one.hero.exitCode()
        #expect(ProcessTable.isAlive(orphan))
        let two = try await RedisHero.start(project)
        try await two.hero.line(containing: "redis-server started with pid")
        #expect(!ProcessTable.isAlive(orphan))
        #expect(try await two.recall("a") == "1")
        try await two.hero.stop()
    }

    @Test("goes on while a process replaces itself on USR2")
    func survivesReload() async throws {
        let project = try await RedisBundles.project()
        let one = try await RedisHero.start(project)
        let server = try RedisHero.server(of: one.hero)
        #expect(try await one.keep("a", "1").status == 200)
        one.hero.send(SIGUSR2)
        try await one.hero.line(containing: "Restarted ***")
        #expect(try await one.recall("a") == "1")
        #expect(ProcessTable.isAlive(server))
        #expect(try RedisHero.server(of: one.hero) == server)
        #expect(try await one.hero.stop() == 0)
        #expect(!ProcessTable.isAlive(server))
    }

    @Test("without a redis-server stops the boot with one line that says what to do")
    func missingProgram() async throws {
        let project = try await RedisBundles.project("  embedded:\n    executable: no-redis-here")
        for arguments in [["start"], ["start", "cluster", "--workers=1"]] {
            let done = try await Program.run(
                Stage.hero, arguments, directory: project.root,
                environment: ["PROJECT_ROOT": project.root, "PORT": "0", "REDIS_ENABLED": "true"])
            #expect(done.code == 78)
            #expect(
                done.error.contains(
                    "there is no no-redis-here to run as the project's Redis: install it (apt-get install redis-server), "
                        + "name a server in redis.url, or go without (redis.enabled: false)"))
        }
    }

    @Test("that is too old is not given the data")
    func tooOld() async throws {
        let project = try await RedisBundles.project("  embedded:\n    executable: ./old-redis")
        try project.write("#!/bin/sh\necho 'Redis server v=5.0.14 sha=0'\n", to: "old-redis")
        try await project.makeExecutable("old-redis")
        let hero = try project.launch(environment: ["REDIS_ENABLED": "true"])
        try await hero.line(containing: "is Redis 5.0.14; 6.2 or later is needed")
        try await hero.stop()
    }

    @Test("is not started by commands that need none, and leaves no directory")
    func commandsStartNothing() async throws {
        let project = try await RedisBundles.project()
        for words in [["actions", "list"], ["config"], ["action", "keep", "--help"], ["action", "idle"]] {
            let done = try await Program.run(
                Stage.hero, words, directory: project.root,
                environment: ["PROJECT_ROOT": project.root, "REDIS_ENABLED": "true"])
            #expect(done.code == 0, "\(words): \(done.error)")
        }
        #expect(!project.exists("data"))
    }

    @Test("is run by a command that needs it and finds none, from then to its end")
    func commandsRunIt() async throws {
        let project = try await RedisBundles.project()
        let redis = ["REDIS_ENABLED": "true"]
        let kept = try await project.hero("action", "keep", "--key", "a", "--value", "1", environment: redis)
        #expect(kept.code == 0, "\(kept.error)")
        #expect(kept.error.isEmpty)
        #expect(project.exists("data/redis/appendonlydir") || project.exists("data/redis/appendonly.aof"))
        #expect(!project.exists("data/redis/redis.sock"), "it has ended before the command")
        let found = try await project.hero("action", "recall", "--key", "a", environment: redis)
        #expect(found.code == 0 && found.output.contains("\"value\": \"1\""), "\(found.output)\(found.error)")
        let one = try await RedisHero.start(project)
        #expect(try await one.recall("a") == "1")
        try await one.hero.stop()
    }

    @Test("is shared by commands that run at the same time")
    func commandsShareIt() async throws {
        let project = try await RedisBundles.project()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    let done = try await project.hero(
                        "action", "keep", "--key", "c\(number)", "--value", "v", environment: ["REDIS_ENABLED": "true"])
                    #expect(done.code == 0, "\(done.error)")
                }
            }
            try await group.waitForAll()
        }
        let one = try await RedisHero.start(project)
        for number in 0..<4 { #expect(try await one.recall("c\(number)") == "v") }
        try await one.hero.stop()
    }

    @Test("that a command cannot start is its error, with what to do")
    func commandWithoutProgram() async throws {
        let project = try await RedisBundles.project(
            "  embedded:\n    executable: no-redis-here\n  timeouts:\n    command: 300")
        let done = try await project.hero(
            "action", "keep", "--key", "a", "--value", "1", environment: ["REDIS_ENABLED": "true"])
        #expect(done.code == 1)
        #expect(done.error.contains("there is no no-redis-here to run as the project's Redis"), "\(done.error)")
    }

    @Test("a command can call the processes that run")
    func commandsCall() async throws {
        let project = try await RedisBundles.project()
        let one = try await RedisHero.start(project)
        let done = try await project.hero(
            "action", "ask", "--member", "one", "--text", "hello", environment: ["REDIS_ENABLED": "true"])
        #expect(done.code == 0, "\(done.error)")
        #expect(try await one.recall("heard-one") == "hello")
        try await one.hero.stop()
    }

    @Test("is for tests when the configuration says so, with data of their own", arguments: [false, true])
    func tests(hasRedis: Bool) async throws {
        let project = try TestProject(["actions/sharedTests.swift": RedisBundles.sharedTests])
        let words = hasRedis ? ["--set", "redis.enabled=true"] : []
        let done = try await Program.run(
            Stage.hero, ["test"] + words, directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "WANTED": hasRedis ? "yes" : "no"])
        #expect(done.code == 0, "\(done.output)\(done.error)")
        #expect(project.exists("data/redis-test") == hasRedis)
        #expect(!project.exists("data/redis") && !project.exists("data/redis-test/redis.sock"))
    }

    @Test("the program is asked for its version once, and again when it has changed")
    func version() async throws {
        let project = try await RedisBundles.project()
        let one = try await RedisHero.start(project)
        try await one.hero.stop()
        let known = try project.read("data/redis/program")
        #expect(known.contains("redis-server "))
        try project.write("another\n", to: "data/redis/program")
        let two = try await RedisHero.start(project)
        try await two.hero.stop()
        #expect(try project.read("data/redis/program") == known)
    }

    @Test("is what a command uses while it runs")
    func commandsUseIt() async throws {
        let project = try await RedisBundles.project()
        let one = try await RedisHero.start(project)
        let done = try await project.hero(
            "action", "keep", "--key", "cli", "--value", "seen", environment: ["REDIS_ENABLED": "true"])
        #expect(done.code == 0, "\(done.error)")
        #expect(try await one.recall("cli") == "seen")
        try await one.hero.stop()
    }
}
