// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a container", .timeLimit(.minutes(10)))
struct ContainerTests {
    /// The file that docs/deployment.md shows.
    private static var dockerfile: String {
        get throws {
            let page = try Stage.text("docs/deployment.md")
            let start = try #require(page.range(of: "```text\nFROM debian:12"))
            let text = page[page.index(start.lowerBound, offsetBy: 8)...]
            return String(text[..<(try #require(text.range(of: "\n```")).lowerBound)])
        }
    }

    @Test("the page about installing names the packages that the Dockerfile installs")
    func namesPackages() throws {
        let file = try Self.dockerfile
        let line = try #require(
            try Stage.text("docs/install.md").split(separator: "\n").first { $0.contains("| run `hero` |") })
        let names = try #require(line.firstMatch(of: /\| `([a-z0-9+. -]+)`;/)?.1)
        #expect(file.contains("--no-install-recommends \(names) &&"))
    }

    @Test("it does not run as root")
    func hasUser() throws {
        #expect(try Self.dockerfile.contains("\nUSER shop\n"))
    }

    @Test(
        "a root with the documented packages and nothing else starts the cluster of the Dockerfile, with Redis",
        .enabled(if: MinimalRoot.isPossible, "needs root, and Debian's packages"))
    func starts() async throws {
        let shop = try TestProject([
            "actions/kept.swift": """
            import ActionHero

            struct Kept: Action {
                func run(_ context: Context) async throws -> [String: String] {
                    try await context.cache.save("key", "value", expiresAfter: .seconds(60))
                    let entry: CacheEntry<String> = try await context.cache.load("key")
                    return ["cached": entry.value]
                }
            }
            """
        ])
        try await shop.build()
        let hero = try TestProject()
        let installed = try await Program.run(
            "make", ["install-tree", "STAGE=\(Stage.root)", "PREFIX=\(hero.path("hero"))"], directory: Stage.repository)
        try #require(installed.code == 0, "\(installed.error)")
        let image = try await MinimalRoot(
            dockerfile: Self.dockerfile, copying: ["hero": hero.path("hero"), "shop": shop.root])
        let port = try RunningCluster.freePort()
        // Tests go without Redis unless they say so.
        let running = try image.run(environment: [
            "PORT": "\(port)", "REDIS_ENABLED": "true", "PATH": "/usr/bin:/usr/sbin",
        ])
        try await running.line(containing: "cluster equilibrium state reached with 4 workers")
        #expect(try await SystemdTests.get("/api/kept", port).text.contains("value"))
        let status = try String(contentsOfFile: "/proc/\(running.identifier)/status", encoding: .utf8)
        #expect(!status.contains("\nUid:\t0\t"))
        #expect(try await running.stop() == 0)
    }
}
