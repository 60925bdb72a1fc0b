// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("a command whose output cannot be written")
struct UnwrittenOutputTests {
    private func run(_ command: String) async throws -> Finished {
        let project = try TestProject(["config/empty.yml": "default: {}\n"])
        return try await Program.run("bash", ["-c", command, Stage.hero], directory: project.root)
    }

    @Test(
        "says so and does not end with 0",
        arguments: ["config", "config --json", "version", "--help", "--version", "start --help"])
    func fullDisk(command: String) async throws {
        let finished = try await run("$0 \(command) > /dev/full")
        #expect(finished.code == 74)
        // What a long text fails with first is known to print() only.
        #expect(finished.error.contains("Error: the output could not be written"))
    }

    @Test("does so when nobody reads it", arguments: ["config", "--help"])
    func closedPipe(command: String) async throws {
        let finished = try await run("exec > >(exec true); wait $!; $0 \(command)")
        #expect(finished.code == 74)
        #expect(finished.error == "Error: the output could not be written: Broken pipe\n")
    }

    @Test(
        "and does not write it to some file when there is no standard output at all", arguments: ["config", "version"])
    func noOutput(command: String) async throws {
        let finished = try await run("$0 \(command) >&-")
        #expect(finished.code == 74)
        #expect(finished.error == "Error: the output could not be written: Bad file descriptor\n")
    }

    @Test("still fails as it would otherwise, and says both")
    func failing() async throws {
        let finished = try await run("$0 nonsense > /dev/full")
        #expect(finished.code != 0 && finished.error.contains("nonsense"))
        #expect(try await run("$0 version 2> /dev/full").code == 0)
    }
}
