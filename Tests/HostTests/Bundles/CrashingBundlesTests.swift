// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a bundle that ends its worker is told by its message")
struct CrashingBundlesTests {
    /// Starts a cluster, asks for something that crashes, and waits until the worker is replaced.
    ///
    /// - Returns: The lines about the crash.
    private func crash(_ project: TestProject, _ path: String) async throws -> [String] {
        let scene = try await ClusterScene.start(workers: 1, in: project)
        scene.mark()
        let connection = try HTTPConnection(port: await scene.port)
        try await connection.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await scene.equilibrium(1)
        let lines = scene.newLines
        try await scene.stop()
        return lines
    }

    @Test("a C++ exception that nobody catches names the library that threw it, and its type")
    func exception() async throws {
        let project = try TestProject([
            "lib2/thrower.cpp": """
            #include <cstdint>
            #include <stdexcept>
            __attribute__((noinline)) static int64_t inner(int64_t value) {
                if (value > 1) throw std::runtime_error("boom from C++");
                return value;
            }
            extern "C" int64_t thrower(int64_t value) { return inner(value) + 1; }
            """,
            "actions/thrower.foreign.yml": """
            library: lib2/thrower.so
            symbol: thrower
            result: int64
            inputs:
              - {name: value, type: int64}
            """,
        ])
        let compiled = try await Program.run(
            "clang++",
            ["-fuse-ld=lld", "-O2", "-fPIC", "-shared", "lib2/thrower.cpp", "-o", "lib2/thrower.so"],
            directory: project.root)
        try #require(compiled.code == 0, "\(compiled.error)")
        let lines = try await crash(project, "/api/thrower?value=5")
        let headline = try #require(lines.first { $0.contains("uncaught exception => ") })
        #expect(
            headline.hasSuffix(
                "/thrower.so: Fatal error: a C++ exception of type std::runtime_error was not caught; it came out of "
                    + "thrower"), "\(headline)")
        #expect(lines.contains { $0.contains("what():  boom from C++") })
    }

    @Test("a trap has the compiler's message as its headline, a cast the runtime's")
    func traps() async throws {
        func crash(_ path: String) async throws -> [String] {
            // Each in a project of its own: the log that names the port is the first worker's.
            let project = try TestProject(["actions/traps.swift": Self.traps])
            try await project.build()
            return try await self.crash(project, path)
        }
        #expect(
            try await crash("/api/trap?text=x").contains(
                "alert: [worker #1]: uncaught exception => Swift runtime failure: Unexpectedly found nil while unwrapping "
                    + "an Optional value"))
        #expect(
            try await crash("/api/cast?text=x").contains {
                $0.hasPrefix("alert: [worker #1]: uncaught exception => Could not cast value of type 'Swift.String'")
            })
    }

    private static let traps = """
        import ActionHero

        struct Trap: Action {
            @Input("A number") var text: String
            func run(_ context: Context) async throws -> [String: Int] { ["a": Int(text)!] }
        }

        struct Cast: Action {
            @Input("Anything") var text: String
            func run(_ context: Context) async throws -> [String: Int] {
                let value: Any = text
                return ["a": value as! Int]
            }
        }
        """
}
