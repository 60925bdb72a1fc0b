// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the compiler that hero build uses")
struct BuildToolchainTests {
    /// A toolchain whose frontend is a script.
    private func toolchain(_ project: TestProject, frontend: String, version: String? = nil) async throws -> String {
        let found = try await Program.run("sh", ["-c", "readlink -f $(command -v swiftc)"], directory: project.root)
        let usr = String(found.output.prefix(upTo: try #require(found.output.range(of: "/bin/")).lowerBound))
        let real = try await Program.run("swiftc", ["--version"], directory: project.root).output
        try project.write("#!/bin/sh\ncat <<'END'\n\(version ?? real)\nEND\n", to: "toolchain/bin/swiftc")
        try project.write(
            "#!/bin/sh\n\(frontend)\nexec \(usr)/bin/swift-frontend \"$@\"\n", to: "toolchain/bin/swift-frontend")
        try await project.makeExecutable("toolchain/bin/swiftc", "toolchain/bin/swift-frontend")
        let link = "ln -s \(usr)/bin/clang toolchain/bin/clang; ln -s \(usr)/lib toolchain/lib"
        try #require(try await Program.run("sh", ["-c", link], directory: project.root).code == 0)
        return project.path("toolchain/bin")
    }

    @Test("several files are compiled at the same time", .enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1))
    func isParallel() async throws {
        let project = try TestProject([
            "actions/one.swift": BuildCommandTests.action("One"), "actions/two.swift": BuildCommandTests.action("Two"),
        ])
        // The first of two compilers waits for the second; the limit is only reached when there is none.
        let meet = """
            mkfifo \(project.path("meet")) 2>/dev/null
            if mkdir \(project.path("first")) 2>/dev/null
            then timeout 120 cat \(project.path("meet")) >/dev/null || exit 9
            else echo here >\(project.path("meet"))
            fi
            """
        let bin = try await toolchain(project, frontend: meet)
        let built = try await project.hero(
            "build", environment: ["PATH": "\(bin):/usr/bin:/bin", "XDG_CACHE_HOME": project.path("cache")])
        #expect(built.error == "")
        #expect(built.output.hasSuffix("2 bundles: 2 built, 0 up to date\n"))
    }

    @Test("without swiftc in PATH it says so, and where to get it")
    func needsCompiler() async throws {
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One"), "empty/file": ""])
        let refused = try await project.hero("build", environment: ["PATH": project.path("empty")])
        #expect(refused.code == 1)
        #expect(refused.output == "")
        #expect(refused.error.hasPrefix("Error: hero build needs the Swift compiler (swiftc 6."))
        #expect(
            refused.error.contains(", which is not in PATH.\nInstall that version from https://www.swift.org/install,"))
        #expect(project.list("actions") == ["one.swift"])
    }

    @Test("a compiler of another version is refused with both versions")
    func refusesOtherCompilers() async throws {
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One")])
        let bin = try await toolchain(
            project, frontend: "",
            version: "Swift version 6.2.9 (swift-6.2.9-RELEASE)\nTarget: x86_64-unknown-linux-gnu")
        let refused = try await project.hero(
            "build", environment: ["PATH": "\(bin):/usr/bin:/bin", "XDG_CACHE_HOME": project.path("cache")])
        #expect(refused.code == 1)
        let message =
            /Error: this hero loads bundles of Swift 6\.\d.*, but .*\/swiftc is Swift 6\.2\.9 \(swift-6\.2\.9-RELEASE\)\./
        #expect(refused.error.firstMatch(of: message) != nil, "\(refused.error)")
        #expect(project.list("actions") == ["one.swift"])
    }
}
