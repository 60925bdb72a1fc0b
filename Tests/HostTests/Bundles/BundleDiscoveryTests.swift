// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the types of a bundle are found without being listed")
struct BundleDiscoveryTests {
    private struct Listed: Decodable, Equatable { let name: String }

    private func actions(_ project: TestProject) async throws -> [String] {
        let list = try await project.hero("actions", "list", "--json")
        #expect(list.code == 0, "\(list.error)")
        return try JSONDecoder().decode([Listed].self, from: Data(list.output.utf8)).map(\.name)
    }

    @Test("several types in one file, of several kinds, nested and extended, in any directory")
    func severalTypes() async throws {
        let run = "func run(_ context: Context) async throws -> [String: Int] { [:] }"
        let project = try TestProject([
            "actions/many.swift": """
            import ActionHero

            struct Zebra: Action { \(run) }
            struct Ant: Action { \(run) }
            enum Space { struct Inner: Action { static let name = "inner"; \(run) } }
            struct Later: Sendable {}
            extension Later: Action { \(run) }
            struct Generic<Value>: Action { \(run) }
            struct Helper {}
            struct Around: ActionMiddleware { static let isGlobal = true }
            extension Int: Marker {}
            protocol Marker {}
            """,
            "actions/deep/er/below.swift": "import ActionHero\nstruct Below: Action { \(run) }",
            "initializers/both.swift": """
            import ActionHero

            struct Both: Initializer, Action {
                static let name = "both"
                \(run)
            }
            """,
        ])
        try await project.build()
        #expect(try await actions(project) == ["ant", "below", "both", "inner", "later", "zebra"])
    }

    @Test("tests beside a source become no bundle; hidden sources neither")
    func companions() async throws {
        let project = try TestProject([
            "actions/hello.swift": Sources.hello,
            "actions/helloTests.swift": "import Testing\n@Test func x() {}\n",
            "actions/.draft.swift": "this does not compile",
        ])
        try await project.build()
        #expect(project.list("actions").filter { $0.hasSuffix(".so") } == ["hello.so"])
        #expect(try await actions(project) == ["hello"])
    }

    @Test("a subclass inherits its conformance, a class that has nothing to do with it does not")
    func subclasses() async throws {
        let project = try TestProject([
            "actions/animals.swift": """
            import ActionHero

            class Animal: Action, @unchecked Sendable {
                required init() {}
                class var name: String { "animal" }
                func run(_ context: Context) async throws -> [String: Int] { [:] }
            }
            final class Dog: Animal, @unchecked Sendable { override class var name: String { "dog" } }
            class Plant {}
            final class Tree: Plant {}
            """
        ])
        try await project.build()
        #expect(try await actions(project) == ["animal", "dog"])
    }

    @Test("a subclass inherits its conformance from a class of a library, too")
    func subclassesOfLibraries() async throws {
        let project = try TestProject([
            "lib/Base/base.swift": """
            import ActionHero

            open class Base: Action, @unchecked Sendable {
                public required init() {}
                open func run(_ context: Context) async throws -> NoOutput { NoOutput() }
            }
            """,
            "actions/heir.swift": "import Base\n\nfinal class Heir: Base, @unchecked Sendable {}\n",
        ])
        try await project.build()
        #expect(try await actions(project) == ["heir"])
    }

    @Test("linked files and directories are built elsewhere and loaded here")
    func links() async throws {
        let library = try TestProject(["actions/hello.swift": Sources.hello])
        try await library.build()
        let project = try TestProject(["actions/none": ""])
        try FileManager.default.createSymbolicLink(
            atPath: project.path("actions/linked"), withDestinationPath: library.path("actions"))
        try FileManager.default.createSymbolicLink(atPath: project.path("actions/loop"), withDestinationPath: ".")
        #expect(try await actions(project) == ["hello"])
    }
}
