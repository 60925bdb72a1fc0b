// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a process that runs out of descriptors", .timeLimit(.minutes(10)))
struct ShortageTests {
    /// What other tests have open at the moment would count as its own.
    private static let closeInherited =
        "for f in /proc/$$/fd/*; do n=${f##*/}; if [ $n -gt 2 ]; then eval \"exec $n>&-\"; fi; done"

    /// Starts one whose limits the shell has set.
    private func start(_ limits: String, _ files: [String: String] = [:]) async throws -> (RunningHero, TestProject) {
        let project = try TestProject(files.merging(["config/empty.yml": "default: {}\n"]) { $1 })
        let hero = try RunningHero(
            ["-c", "\(Self.closeInherited); \(limits); exec \(Stage.hero) start --set web.port=0"], executable: "bash",
            directory: project.root,
            environment: ["PROJECT_ROOT": project.root])
        try await hero.waitUntilServing()
        return (hero, project)
    }

    @Test("has as many as the system allows from its start on")
    func raised() async throws {
        let (hero, _) = try await start("ulimit -Sn 300 && ulimit -Hn 5000")
        let limits = try String(contentsOfFile: "/proc/\(hero.identifier)/limits", encoding: .utf8)
        let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
        #expect(line.split(separator: " ").dropFirst(3).prefix(2) == ["5000", "5000"])
        #expect(try await hero.stop() == 0)
    }

    @Test(
        "says so with 503 instead of 404, warns once, lets clients wait, and serves all when there are some again"
    )
    func exhausted() async throws {
        let large = String(repeating: "x", count: 100_000)
        let (hero, project) = try await start(
            "ulimit -n 80", ["public/large.txt": large, "public/small.txt": "small", "public/other.txt": large])
        // Its files go with it.
        defer { withExtendedLifetime(project) {} }
        let port = try await hero.port
        let first = try HTTPConnection(port: port)
        // A connection that is served has been taken, and so have those before it.
        func get(_ path: String) async throws -> HTTPResponse {
            try await first.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            return try await first.response()
        }
        #expect(try await get("/small.txt").text == "small")
        var crowd: [HTTPConnection] = []
        for _ in 0..<100 { crowd.append(try HTTPConnection(port: port)) }
        try await hero.line(containing: "no descriptors are left for connections")
        for _ in 1...30 {
            let response = try await get("/large.txt")
            #expect(response.status == 503 && response.text == "that file cannot be read now")
        }
        // What needs none is served.
        #expect(try await get("/health/live").status == 200)
        #expect(try await get("/small.txt").text == "small")
        #expect(try await get("/missing.txt").status == 404)
        try await hero.line(containing: "no descriptors are left for files")
        let waiting = try #require(crowd.last)
        try await waiting.send("GET /small.txt HTTP/1.1\r\nHost: a\r\n\r\n")
        crowd.removeFirst(80)
        #expect(try await waiting.response().text == "small")
        // The server may not have seen yet that all of them have gone.
        var response = try await get("/other.txt")
        while response.status == 503 { response = try await get("/other.txt") }
        #expect(response.text == large)
        // One when it begins, and one in ten seconds.
        #expect(hero.lines.count { $0.contains("no descriptors are left for files") } < 20)
        #expect(!hero.lines.contains { $0.contains("a file cannot be read") })
        crowd = []
        #expect(try await hero.stop() == 0)
    }
}
