// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A project in a directory of its own, which goes away with the object.
package final class TestProject: Sendable {
    package let root: String

    /// - Parameter files: Contents by path below the project.
    /// - Throws: An error when a file cannot be written.
    package init(_ files: [String: String] = [:]) throws {
        root = "\(NSTemporaryDirectory())/hero-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        for (path, text) in files { try write(text, to: path) }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    package func path(_ path: String) -> String { "\(root)/\(path)" }

    package func write(_ text: String, to path: String) throws {
        try write(Data(text.utf8), to: path)
    }

    package func write(_ data: Data, to path: String) throws {
        let url = URL(fileURLWithPath: self.path(path))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    /// Makes a written file a program.
    ///
    /// Another process writes it again: a child that some other test is just starting may still have this one's open for
    /// writing, and then it cannot be executed (ETXTBSY).
    package func makeExecutable(_ paths: String...) async throws {
        let script = #"for file; do cp "$file" "$file.copy" && chmod 755 "$file.copy" && mv "$file.copy" "$file"; done"#
        _ = try await Program.run("sh", ["-c", script, "sh"] + paths, directory: root)
    }

    package func copy(_ source: String, to path: String) throws {
        try write(Data(contentsOf: URL(fileURLWithPath: source)), to: path)
    }

    package func read(_ path: String) throws -> String {
        try String(contentsOfFile: self.path(path), encoding: .utf8)
    }

    package func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: self.path(path)))
    }

    package func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: self.path(path)) }
    package func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: self.path(path)) }

    /// Names in a directory, sorted; empty when there is none.
    package func list(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: self.path(path))) ?? []).sorted()
    }

    /// Makes the directory one that `hero start` takes for a project, whatever it holds.
    package func makeProject() throws {
        try FileManager.default.createDirectory(atPath: path("config"), withIntermediateDirectories: true)
    }

    /// Runs `hero` in this project until it ends.
    @discardableResult
    package func hero(_ arguments: String..., environment: [String: String] = [:]) async throws -> Finished {
        try await hero(arguments, environment: environment)
    }

    /// Runs `hero` in this project until it ends.
    @discardableResult
    package func hero(_ arguments: [String], environment: [String: String] = [:]) async throws -> Finished {
        if arguments.first == "start" { try makeProject() }
        return try await Program.run(
            Stage.hero, arguments, directory: root, environment: ["PROJECT_ROOT": root].merging(environment) { $1 })
    }

    /// Compiles everything, and fails with the compiler's words.
    package func build(_ arguments: String...) async throws {
        let built = try await Program.run(
            Stage.hero, ["build"] + arguments, directory: root, environment: ["PROJECT_ROOT": root])
        guard built.code == 0 else { throw BuildFailure(description: built.error + built.output) }
    }

    /// Starts `hero start` on a free port and waits until it serves.
    package func start(_ arguments: [String] = [], environment: [String: String] = [:]) async throws -> RunningHero {
        let running = try launch(arguments, environment: environment)
        try await running.waitUntilServing()
        return running
    }

    /// Starts `hero start` on a free port.
    package func launch(_ arguments: [String] = [], environment: [String: String] = [:]) throws -> RunningHero {
        try makeProject()
        let ours = ["PROJECT_ROOT": root, "PORT": "0", "LOG_LEVEL": "debug", "ACTIONHERO_ENV": "development"]
        return try RunningHero(
            ["start"] + arguments, directory: root, environment: ours.merging(environment) { $1 })
    }
}

package struct BuildFailure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}
