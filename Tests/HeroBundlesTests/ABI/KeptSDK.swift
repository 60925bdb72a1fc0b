// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@testable import HeroBundles
@testable import HeroSystem

/// An SDK whose interface is kept in `Tests/ABI`, with bundles that were written for it.
struct KeptSDK: CustomTestStringConvertible, Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The directory's name: a version, or `reduced`.
    let name: String
    /// What bundles say in their notes.
    let version: String

    /// Interfaces of released and coming versions.
    static let all: [KeptSDK] = ((try? FileContents.list(directory)) ?? []).compactMap { name in
        SemanticVersion(name).map { _ in KeptSDK(name: name, version: name) }
    }

    /// What the first version would have been with less in it.
    static let reduced = KeptSDK(name: "reduced", version: "0.0.9")

    static let directory = "\(Stage.repository)/Tests/ABI"
    var root: String { "\(Self.directory)/\(name)" }
    var testDescription: String { name }

    /// Compiles the bundles against this interface and puts them into a project, without their sources.
    ///
    /// - Parameters:
    ///   - project: Where the bundles go.
    ///   - directories: Which of `actions`, `middleware` …; all when empty.
    /// - Throws: ``Failure`` with the compiler's words.
    func build(into project: TestProject, _ directories: String...) async throws {
        let manifest = try Self.hostManifest
        let roles = BundleRole.allCases.filter { directories.isEmpty || directories.contains($0.kind.directory) }
        for role in roles {
            for path in try DirectoryTree.files(below: role.kind.directory, in: "\(root)/bundles", suffix: ".swift") {
                let output = String(path.dropLast(".swift".count)) + ".so"
                let module = String(output.dropLast(3)).replacingOccurrences(of: "/", with: "_")
                try await compile("\(root)/bundles/\(path)", module: module, to: output, in: project)
                try BundleStamp.stamp(
                    project.path(output),
                    BundleManifest(
                        kind: .swift, name: "kept", module: module, sdk: version, sdkInterface: "kept",
                        swift: manifest.swift, target: manifest.target, build: "kept"))
            }
        }
    }

    /// The compiler makes the module out of the interface, as it did when the version was young.
    private func compile(_ source: String, module: String, to output: String, in project: TestProject) async throws {
        try FileContents.createDirectory(
            project.path(output.split(separator: "/").dropLast().joined(separator: "/")))
        let result = try await Program.run(
            "swiftc",
            [
                "-emit-library", "-parse-as-library", "-swift-version", "6", "-O", "-module-name", module, "-I", root,
                "-module-cache-path", project.path("tmp/modules"), source, "-o", project.path(output),
            ], directory: project.root)
        guard result.code == 0 else { throw Failure(description: "\(source): \(result.error)") }
    }

    /// What today's host says about itself.
    static var hostManifest: BundleManifest {
        get throws { try BundleNote.read(from: ELFFile(ELFReader(mapping: Stage.hero))) }
    }
}
