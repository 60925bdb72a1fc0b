// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Another program that shares queues with us, in the keys of Resque.
///
/// Debian has neither Ruby's Resque nor node-resque: `HERO_TEST_RUBYLIB` names directories with `resque.rb`,
/// `HERO_TEST_NODE_PATH` such with `node-resque` and `ioredis`. The third is a program of ours over Debian's client for Python.
/// All three know three classes, `Echo`, `Fails` and `Waits`; the last waits for an element of the list `<namespace>:go`.
package struct ResquePeer: Sendable, CustomStringConvertible {
    package let name: String
    private let executable: String
    private let program: String
    private let probe: [String]
    private let environment: [String: String]

    package static let ruby = ResquePeer(
        name: "Ruby's Resque", executable: "ruby", program: "resque.rb", probe: ["-e", "require 'resque'"],
        environment: path("RUBYLIB", from: "HERO_TEST_RUBYLIB"))
    package static let node = ResquePeer(
        name: "node-resque", executable: "node", program: "resque.js", probe: ["-e", "require('node-resque')"],
        environment: path("NODE_PATH", from: "HERO_TEST_NODE_PATH"))
    /// Of all Pythons that of Debian, for which there is the package.
    package static let python = ResquePeer(
        name: "a client in Python", executable: "/usr/bin/python3", program: "resque.py",
        probe: ["-c", "import redis"],
        environment: ["PYTHONDONTWRITEBYTECODE": "1"])
    package static let all = [ruby, node, python]

    private static func path(_ name: String, from ours: String) -> [String: String] {
        let environment = ProcessInfo.processInfo.environment
        return (environment[ours] ?? environment[name]).map { [name: $0] } ?? [:]
    }

    package var description: String { name }

    /// Why it cannot be run here; `nil` when it can.
    package func absence() async -> String? {
        let finished = try? await Program.run(executable, probe, directory: "/", environment: environment)
        if let finished, finished.code == 0 { return nil }
        return "\(name) is not here: `\(executable) \(probe.joined(separator: " "))` fails"
    }

    /// Runs it until it ends.
    ///
    /// - Parameters:
    ///   - words: `enqueue QUEUE CLASS ARGUMENTS`, `work QUEUE…` until nothing is left, `show`, `requeue INDEX`,
    ///     `remove INDEX` of a failed job; node-resque also `delay MILLISECONDS QUEUE CLASS ARGUMENTS`, and `promote` until
    ///     nothing is delayed.
    ///   - socket: Where Redis is.
    ///   - namespace: Before all keys, without the colon.
    /// - Returns: What it printed: a line of JSON for each job of `Echo`, and for `show`.
    /// - Throws: An error with its words when it fails.
    @discardableResult
    package func run(_ words: String..., socket: String, namespace: String) async throws -> [String] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
        let settings = ["REDIS_SOCKET": socket, "NAMESPACE": namespace, "LANG": "C.UTF-8"]
        let finished = try await Program.run(
            executable, ["\(folder)/\(program)"] + words, directory: "/",
            environment: environment.merging(settings) { $1 })
        guard finished.code == 0 else { throw Failure(description: "\(name): \(finished.error)\(finished.output)") }
        return finished.output.split(separator: "\n").map(String.init)
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }
}
