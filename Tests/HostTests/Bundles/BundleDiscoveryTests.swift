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

    @Test("a subclass has the inputs of a class of a library: listed, checked and filled; one that it adds is refused")
    func inputsOfLibraries() async throws {
        let project = try TestProject([
            "lib/Base/listing.swift": """
            import ActionHero

            open class Listing: Action, @unchecked Sendable {
                @Input("how many") public var limit: Int
                @Input("where from") public var offset = 0
                public required init() {}
                open class var name: String { "listing" }
                open func run(_ context: Context) async throws -> [String: Int] { ["end": offset + limit] }
            }
            """,
            "actions/orders.swift":
                "import ActionHero\nimport Base\n\nfinal class Orders: Listing, @unchecked Sendable {\n"
                + "    override class var name: String { \"orders\" }\n}\n",
            "actions/users.swift": """
            import ActionHero
            import Base

            final class Users: Listing, @unchecked Sendable {
                override class var name: String { "users" }
                override func run(_ context: Context) async throws -> [String: Int] { ["users": limit] }
            }
            """,
        ])
        try await project.build()
        let listed = try await project.hero("actions").output
        for name in ["orders", "users"] { #expect(listed.contains("--- \(name) ---")) }
        #expect(
            listed.components(separatedBy: "    limit (whole number, required): how many\n").count == 3, "\(listed)")
        let running = try await project.start()
        for (target, status, text) in [
            ("/api/orders?limit=2&offset=3", 200, "\"end\": 5"), ("/api/users?limit=2", 200, "\"users\": 2"),
            ("/api/orders", 422, "limit is a required parameter for this action"),
            ("/api/users?limit=x", 422, "limit must be a whole number"),
        ] {
            let response = try await running.request(target)
            #expect(response.status == status && response.text.contains(text), "\(target): \(response.text)")
        }
        #expect(try await running.stop() == 0)
        try project.write(
            "import ActionHero\nimport Base\n\nfinal class Stray: Listing, @unchecked Sendable {\n"
                + "    override class var name: String { \"stray\" }\n    @Input(\"of whom\") var customer: String\n}\n",
            to: "actions/stray.swift")
        try await project.build()
        let refused = try await project.hero("actions")
        #expect(refused.code == 78)
        #expect(
            refused.error.contains(
                "the input customer of Stray would never have a value: only inputs of Listing are filled, from which "
                    + "init(from:) comes; declare it there, or use a struct"), "\(refused.error)")
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
