// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the page about bundles")
struct BundlesPageTests {
    private let page: DocumentPage

    init() throws { page = try DocumentPage("bundles.md") }

    @Test("its example builds, is inspected, fits and answers as the page says")
    func example() async throws {
        let project = try TestProject(["actions/greeting.swift": page.block("swift")])
        let run = try await Program.run(
            "sh", ["-ec", page.block("sh")], directory: project.root,
            environment: ["PATH": Shell.path, "PROJECT_ROOT": project.root])
        #expect(run.code == 0, "\(run.error)")
        #expect(run.output.contains("actions/greeting.so: fits") && run.output.contains("Hello, Ada!"))
        // The lines that the page shows are those that the command prints, as far as they are the same everywhere.
        let sample = try #require(page.text.range(of: "\n    actions/greeting.so\n"))
        let shown = page.text[sample.upperBound...].split(separator: "\n").prefix { $0.hasPrefix("      ") }.map {
            $0.dropFirst(4)
        }
        #expect(shown.count == 11)
        for line in shown {
            let label = line.prefix { $0 != ":" && !$0.isNumber }
            #expect(run.output.contains(label), "\(line)")
        }
        #expect(run.output.contains("  module:    actions_greeting\n"))
    }

    @Test("its package is the one that the tests build")
    func package() throws {
        #expect(try page.block("swift package") == Stage.text("Tests/PluginPackage/Package.swift"))
        let source = try Stage.text("Tests/PluginPackage/Sources/Shout/Shout.swift")
        // The licence and a remark for the formatter come first.
        let code = try #require(source.range(of: "\n\n"))
        #expect(try page.block("swift action") == String(source[code.upperBound...]))
    }

    @Test("the package uses the SwiftNIO that hero lists")
    func version() throws {
        let package = try Stage.text("Package.swift")
        let version = try #require(package.firstMatch(of: /apple\/swift-nio", exact: "([0-9.]+)"/)?.1)
        #expect(try Stage.text("Tests/PluginPackage/Package.swift").contains("apple/swift-nio\", from: \"\(version)\""))
    }
}

/// What snippets run with.
enum Shell {
    /// The staged hero comes first.
    static let path = "\(Stage.root)/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
}
