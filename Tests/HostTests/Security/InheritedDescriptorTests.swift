// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("programs that an application starts", .timeLimit(.minutes(10)))
struct InheritedDescriptorTests {
    /// What `ls` has: three of every program, and the directory that it lists.
    private static let command = "ls -l /proc/self/fd 2>&1"

    private func project() async throws -> TestProject {
        let project = try TestProject([
            "config/redis.yml": "default:\n  mode: embedded\n",
            "actions/spawn.swift": """
            import ActionHero
            import Glibc

            struct Spawn: Action {
                @Input("Where to") var path: String
                func run(_ context: Context) async throws -> [String: Int32] {
                    try await context.cache.save("a", "b")
                    return ["code": system("\(Self.command) >\\(path)")]
                }
            }
            """,
            "initializers/spawner.swift": """
            import ActionHero
            import Glibc

            struct Spawner: Initializer {
                func initialize(_ application: Application) async throws { run("initialize") }
                func start(_ application: Application) async throws { run("start") }
                func stop(_ application: Application) async throws { run("stop") }
                private func run(_ step: String) { _ = system("\(Self.command) >\\(path)-\\(step)") }
                private var path: String { getenv("LISTING").map { String(cString: $0) } ?? "/dev/null" }
            }
            """,
        ])
        try await CBundle.compile(
            """
            #include <hero_bundle.h>
            #include <stdlib.h>
            static int64_t pool(const char *command) { return system(command); }
            static const hero_input inputs[] = {{
                .name = "command", .type = HERO_TYPE_TEXT, .flags = HERO_INPUT_REQUIRED}};
            static const hero_action actions[] = {{
                .name = "pool", .result_type = HERO_TYPE_INTEGER, .flags = HERO_ACTION_CANNOT_FAIL,
                .inputs = inputs, .input_count = 1, .function = (hero_function)pool}};
            HERO_BUNDLE(actions);
            """, to: "actions/pool.so", in: project)
        try await CBundle.stamp("actions/pool.so", in: project)
        try await project.build()
        return project
    }

    private func expectNothing(_ path: String, in project: TestProject) throws {
        // `… 3 -> socket:[17]`
        let lines = try project.read(path).split(separator: "\n").dropFirst().map { line in
            line.split(separator: " ").suffix(3).map(String.init)
        }
        #expect(lines.count { ["0", "1", "2"].contains($0.first) } == 3)
        let others = lines.filter { words in
            guard let number = words.first.flatMap({ Int($0) }), number > 2, let target = words.last else {
                return false
            }
            // What `ls` itself looks into.
            return !target.hasPrefix("/proc/")
        }
        #expect(others == [], "\(path)")
    }

    private func targets(_ project: TestProject) -> [String] {
        [
            "/api/spawn?path=\(project.path("action"))",
            "/api/pool?command=ls%20-l%20/proc/self/fd%20%3E\(project.path("pool"))",
        ]
    }

    @Test("have none of the process's descriptors: connections, the port, Redis, the log, TLS")
    func single() async throws {
        let project = try await project()
        let hero = try await project.start(
            environment: ["REDIS_ENABLED": "true", "LISTING": project.path("listing")])
        for target in targets(project) {
            let response = try await hero.request(target)
            #expect(response.status == 200, "\(response.text)")
        }
        _ = try await hero.stop()
        for path in ["action", "pool", "listing-initialize", "listing-start", "listing-stop"] {
            try expectNothing(path, in: project)
        }
    }

    @Test("have none of a worker's either, nor of one that a deploy or USR2 has brought")
    func cluster() async throws {
        let project = try await project()
        let cluster = try await RunningCluster.start(
            workers: 1, project: project,
            environment: ["REDIS_ENABLED": "true", "LISTING": project.path("listing")])
        for target in targets(project) {
            let response = try await cluster.request(target)
            #expect(response.status == 200, "\(response.text)")
        }
        _ = try await cluster.stop()
        for path in ["action", "pool", "listing-initialize", "listing-start", "listing-stop"] {
            try expectNothing(path, in: project)
        }
    }
}
