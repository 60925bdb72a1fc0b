// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the log of a cluster")
struct ClusterLogTests {
    private static let length = 6000
    private static let repetitions = 40

    @Test("long lines that a worker prints from several threads arrive whole, each with the worker's number")
    func collectsLines() async throws {
        let project = try TestProject([
            "actions/shout.swift": """
            import ActionHero
            import Glibc

            struct Shout: Action {
                func run(_ context: Context) async throws -> [String: Bool] {
                    func line(_ letter: Character) -> String { String(repeating: letter, count: \(Self.length)) }
                    await withTaskGroup(of: Void.self) { group in
                        for letter in "abcd" {
                            group.addTask { for _ in 0..<\(Self.repetitions) { print(line(letter)) } }
                        }
                        group.addTask {
                            let text = line("e") + "\\n"
                            for _ in 0..<\(Self.repetitions) { _ = write(2, text, text.utf8.count) }
                        }
                        group.addTask {
                            for _ in 0..<\(Self.repetitions) { context.log.notice(line("f")) }
                        }
                    }
                    return ["ok": true]
                }
            }
            """
        ])
        try await project.build()
        let socket = try ActivatedSocket()
        let cluster = try ServiceCluster(
            project, workers: 1, environment: ["PORT": "\(socket.port)", "LISTEN_FDS": "1"],
            sockets: [socket.descriptor])
        try await cluster.equilibrium(1)
        let pid = try #require(try await cluster.status().pids.first)
        #expect(try await SystemdTests.get("/api/shout", socket.port).status == 200)
        #expect(try await cluster.hero.stop() == 0)
        let label = "[worker #1 (\(pid))]: "
        let long = try cluster.fileMessages().filter { $0.utf8.count > 1000 }
        #expect(long.allSatisfy { $0.hasPrefix(label) })
        for letter in "abcde" {
            let whole = label + String(repeating: letter, count: Self.length)
            #expect(long.filter { $0 == whole }.count == Self.repetitions, "\(letter)")
        }
        let logged = " - notice: " + String(repeating: "f", count: Self.length)
        #expect(long.filter { $0.hasSuffix(logged) }.count == Self.repetitions)
        #expect(long.count == 6 * Self.repetitions)
    }

    @Test("what a worker prints is there before it ends")
    func doesNotHoldBack() async throws {
        let project = try TestProject([
            "initializers/greeting.swift": """
            import ActionHero

            struct Greeting: Initializer {
                static let name = "greeting"
                func start(_ application: Application) async throws { print("printed by an initializer") }
            }
            """
        ])
        try await project.build()
        let cluster = try ServiceCluster(project, workers: 1)
        try await cluster.line("]: printed by an initializer")
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("the workers' log lines stay in their files unless the console is wanted", arguments: [false, true])
    func mindsConsole(isWanted: Bool) async throws {
        // The later of two settings counts.
        let cluster = try ServiceCluster(
            TestProject(), workers: 1, settings: ["cluster.workerConsole=\(isWanted)"])
        try await cluster.equilibrium(1)
        #expect(try await cluster.hero.stop() == 0)
        let text = "Starting server: `web` @"
        #expect(cluster.hero.lines.contains { $0.contains("[worker #1 (") && $0.contains(text) } == isWanted)
        #expect(try cluster.fileMessages().contains { $0.contains(text) } == isWanted)
        #expect(try cluster.fileMessages("actionhero-worker-1-development.log").contains { $0.contains(text) })
    }

    @Test("the levels of console and file are those of the configuration")
    func mindsLevels() async throws {
        let cluster = try ServiceCluster(
            TestProject(), workers: 1, settings: ["logger.console.level=notice", "logger.file.level=info"])
        try await cluster.equilibrium(1)
        #expect(try await cluster.hero.stop() == 0)
        let messages = cluster.hero.messages
        #expect(messages.contains("notice: all workers stopped"))
        #expect(!messages.contains { $0.hasPrefix("info: ") })
        #expect(try cluster.fileMessages().contains("starting worker #1"))
    }

    @Test("with --silent nothing is printed, and cluster.log has it all")
    func isSilent() async throws {
        let project = try TestProject()
        let notify = try NotifySocket(project.path("notify"))
        let cluster = try ServiceCluster(
            project, workers: 1, flags: ["--silent"], environment: ["NOTIFY_SOCKET": notify.name])
        _ = try await notify.messages { $0["READY"] == "1" }
        #expect(try await cluster.hero.stop() == 0)
        #expect(cluster.hero.lines == [])
        let messages = try cluster.fileMessages()
        #expect(messages.first == " - STARTING CLUSTER -")
        #expect(messages.last == "all workers stopped")
    }
}
