// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport

/// The package of `docs/bundles.md`, built and stamped as its author would.
enum PluginPackage {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs the page's commands, which put the bundle into a project.
    ///
    /// - Returns: What they print.
    static func build(into project: TestProject) async throws -> String {
        // SwiftNIO takes its time, so what was built stays for the next run.
        let scratch = "\(Stage.repository)/.build-plugin"
        let commands = try DocumentPage("bundles.md").block("sh plugin")
            .replacingOccurrences(of: "/usr/local/lib/hero/sdk", with: "\(Stage.root)/lib/hero/sdk")
            .replacingOccurrences(of: "swift build ", with: "swift build --scratch-path \(scratch) ")
            .replacingOccurrences(of: ".build/release", with: "\(scratch)/release")
        let run = try await Program.run(
            "sh", ["-ec", commands], directory: "\(Stage.repository)/Tests/PluginPackage",
            // What was built lies beside the package here and not below it.
            environment: ["PATH": Shell.path, "PROJECT": project.root, "PROJECT_ROOT": Stage.repository])
        guard run.code == 0 else { throw Failure(description: run.output + run.error) }
        return run.output
    }
}
