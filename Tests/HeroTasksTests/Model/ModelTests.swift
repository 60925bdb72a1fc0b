// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

/// The scripts alone, in another language and with another client than ours.
@Suite("the random model of the scripts, in Python", .serialized)
struct ModelTests {
    static let hasPython =
        ["/usr/bin/python3", "/usr/local/bin/python3"].contains {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        || (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/python3")
        }

    @Test(
        "loses nothing, keeps every order, and goes on when Redis is full",
        .enabled(if: hasPython, "python3 is not installed"))
    func alone() async throws {
        let server = try await RedisServer()
        try await run(port: server.port, ["--seeds", "3", "--steps", "1000", "--full"], in: server.project)
    }

    @Test("does so in a cluster of three", .enabled(if: hasPython, "python3 is not installed"))
    func cluster() async throws {
        let cluster = try await RedisCluster()
        try await run(
            port: cluster.nodes[0].port, ["--seeds", "2", "--steps", "500", "--first", "100"],
            in: cluster.nodes[0].project)
    }

    private func run(port: Int, _ options: [String], in project: TestProject) async throws {
        var texts = JSON.Object()
        for (name, script) in JobScripts.all { texts[name] = .string(script.source) }
        try project.write(JSON.object(texts).text(), to: "scripts.json")
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/jobs_model.py"
        let words = ["-B", program, project.path("scripts.json"), "redis://127.0.0.1:\(port)"]
        let finished = try await Program.run("python3", words + options, directory: project.root)
        #expect(finished.code == 0, "\(finished.output)\n\(finished.error.suffix(3000))")
        #expect(finished.output.contains("seed "))
    }
}
