// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeroRuntime

@Suite("directories that are called almost like one that the host reads")
struct MisspeltDirectoryTests {
    /// What is said about a project with these files.
    private func warnings(_ files: String...) throws -> [String] {
        let root = "\(NSTemporaryDirectory())/hero-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        for file in files {
            let path = URL(fileURLWithPath: "\(root)/\(file)")
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: path)
        }
        return MisspeltDirectories.warnings(in: root)
    }

    @Test(
        "each is named with what lies in it and the name that was meant",
        arguments: [
            ("action/deep/a.swift", "actions"), ("Actions/a.swift", "actions"), ("acitons/a.so", "actions"),
            ("task/a.swift", "tasks"), ("initializer/a.swift", "initializers"),
            ("initialisers/a.swift", "initializers"),
            ("midleware/a.swift", "middleware"), ("middlewares/a.so", "middleware"), ("command/a.swift", "commands"),
            ("libs/Shop/a.swift", "lib"), ("Config/api.yml", "config"), ("conf/api.yaml", "config"),
        ])
    func named(file: String, meant: String) throws {
        let directory = file.prefix { $0 != "/" }
        #expect(
            try warnings(file) == [
                "\(directory)/ means nothing to hero, and what lies in it, such as \(file), is passed over – did you mean "
                    + "\(meant)/?"
            ])
    }

    @Test("other names, directories without code, and a second directory of settings are nobody's mistake")
    func others() throws {
        let found = try warnings(
            "actions/a.swift", "tests/a.swift", "Tests/a.swift", "bin/a.so", "docs/a.swift", "Sources/a.swift",
            "servers/a.swift", "action/README.md", "task", "config/api.yml", "configs/other.yml", ".action/a.swift",
            "bench/a.swift", "public/a.so")
        #expect(found == [])
    }
}
