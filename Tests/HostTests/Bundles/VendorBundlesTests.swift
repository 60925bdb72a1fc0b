// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("bundles of third parties")
struct VendorBundlesTests {
    /// A library as another tool would link it, without a note.
    private func link(_ type: String, module: String, to output: String, in project: TestProject) async throws {
        let source = """
            import ActionHero

            public struct \(type): Action {
                public init() {}
                public func run(_ context: Context) async throws -> [String: Int] { [:] }
            }
            """
        try project.write(source, to: "\(type).swift")
        let linked = try await Program.run(
            "swiftc",
            [
                "-emit-library", "-parse-as-library", "-swift-version", "6", "-module-name", module, "-I",
                "\(Stage.root)/lib/hero/sdk", "\(type).swift", "-o", output,
            ], directory: project.root)
        try #require(linked.code == 0, "\(linked.error)")
    }

    @Test("a stamp takes the module's name from the file, and refuses another one")
    func stampedModule() async throws {
        let project = try TestProject(["actions/none": ""])
        try await link("Invoice", module: "Billing", to: "actions/a.so", in: project)
        let refused = try await project.hero("bundle", "stamp", "--module", "Other", "actions/a.so")
        #expect(refused.code == 1)
        #expect(refused.error.hasPrefix("Error: the types of actions/a.so belong to the module Billing"))
        #expect(try await project.hero("bundle", "check").output.hasPrefix("HB104 "))
        #expect(try await project.hero("bundle", "stamp", "actions/a.so").code == 0)
        let inspected = try await project.hero("bundle", "inspect", "actions/a.so")
        #expect(inspected.output.contains("\n  module:    Billing\n"))
    }

    @Test("HB112: two libraries of one module are refused whatever their notes say")
    func sameModule() async throws {
        let project = try TestProject(["actions/none": ""])
        try await link("Invoice", module: "Billing", to: "actions/a.so", in: project)
        try await link("Receipt", module: "Billing", to: "actions/b.so", in: project)
        for name in ["a", "b"] {
            #expect(try await project.hero("bundle", "stamp", "actions/\(name).so").code == 0)
        }
        // As an older hero has stamped it.
        let bytes = try project.bytes("actions/b.so")
        let note = try #require(bytes.range(of: Data(#""module":"Billing""#.utf8)))
        var forged = bytes
        forged.replaceSubrange(note, with: Data(#""module":"Another""#.utf8))
        try project.write(forged, to: "actions/b.so")
        let checked = try await project.hero("bundle", "check")
        #expect(checked.output.contains("HB112 module Billing comes from actions/a.so and actions/b.so – rename one"))
        let inspected = try await project.hero("bundle", "inspect", "actions/b.so")
        #expect(inspected.output.contains("\n  module:    Billing (the note says Another)\n"))
    }

    @Test("sources of one name that two makers have built meet in one project")
    func twoMakers() async throws {
        func maker(_ name: String, _ type: String) async throws -> TestProject {
            let project = try TestProject([
                "config/api.yml": "default:\n  serverName: \(name)\n",
                "actions/invoice.swift": BuildCommandTests.action(type),
            ])
            try await project.build()
            return project
        }
        let one = try await maker("Acme & Sons", "Invoice")
        let two = try await maker("2nd Vendor", "Receipt")
        let inspected = try await one.hero("bundle", "inspect", "actions/invoice.so")
        #expect(inspected.output.contains("\n  module:    Acme___Sons_actions_invoice\n"))
        #expect(try await two.hero("bundle", "inspect", "actions/invoice.so").output.contains("_2nd_Vendor_actions"))
        let shop = try TestProject(["actions/none": ""])
        try shop.write(one.bytes("actions/invoice.so"), to: "actions/acme.so")
        try shop.write(two.bytes("actions/invoice.so"), to: "actions/second.so")
        #expect(try await shop.hero("bundle", "check").code == 0)
        #expect(try await shop.hero("action", "invoice").output == "{}\n")
        #expect(try await shop.hero("action", "receipt").output == "{}\n")
        // Nothing of the environment goes into the name: what was built is up to date for everybody.
        #expect(try await one.hero("build", environment: ["ACTIONHERO_ENV": "production"]).output.contains("0 built"))
    }

    @Test("a configuration that cannot be read stops the build instead of changing the modules' names")
    func unreadableName() async throws {
        let project = try TestProject([
            "config/api.yml": "default: [\n", "actions/one.swift": BuildCommandTests.action("One"),
        ])
        let built = try await project.hero("build")
        #expect(built.code == 1 && built.error.contains("config/api.yml:2:"))
        #expect(project.list("actions") == ["one.swift"])
    }

    @Test("HB106, HB108: who has made a bundle is asked for another build, its source only where it was built")
    func remedies() async throws {
        let project = try TestProject(["actions/a.swift": BuildCommandTests.action("A"), "actions/none": ""])
        try await project.build()
        try await link("Invoice", module: "Billing", to: "actions/b.so", in: project)
        let stamped = try await project.hero(
            "bundle", "stamp", "--name", "acme/billing", "--bundle-version", "2.1.0", "actions/b.so")
        #expect(stamped.code == 0)
        for name in ["a", "b"] {
            var bytes = try project.bytes("actions/\(name).so")
            let version = try #require(bytes.range(of: Data("(swift-6".utf8), options: .backwards))
            bytes.replaceSubrange(version, with: Data("(swift-5".utf8))
            try project.write(bytes, to: "actions/\(name).so")
        }
        // A copy under another name is somebody else's file as well.
        try project.write(project.bytes("actions/a.so"), to: "actions/c.so")
        let lines = try await project.hero("bundle", "check").output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.hasSuffix(" – hero build actions/a.swift") == true)
        #expect(
            lines.dropFirst().first?.hasSuffix(
                " – get a build of acme/billing 2.1.0 for this host from whoever made it, or build it again where it was "
                    + "made and stamp it there") == true)
        #expect(lines.last?.contains(" – get a build of actions/a 0.0.0 for this host from whoever made it") == true)
    }

    @Test("HB110: Foundation and other parts of Swift's runtime are not to be linked statically")
    func runtimeLibraries() async throws {
        let project = try TestProject(["actions/none": ""])
        for (name, library) in [("a", "libFoundationNobodyHas.so"), ("b", "libswiftNobodyHas.so"), ("c", "libq.so.9")] {
            try await CBundle.compile("int x;", to: "\(name)-needed.so", in: project, "-Wl,-soname,\(library)")
            try await CBundle.compile(
                CBundle.action(name), to: "actions/\(name).so", in: project, "-Wl,--no-as-needed", "\(name)-needed.so")
            try await CBundle.stamp("actions/\(name).so", in: project)
        }
        let lines = try await project.hero("bundle", "check").output.split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("HB110 ") })
        #expect(lines.first?.contains("make install FOUNDATION=full") == true)
        #expect(lines.first?.contains("import FoundationEssentials") == true)
        #expect(lines.allSatisfy { $0.contains("statically") == $0.contains("libq.so.9") })
    }
}

@Suite("hero bundle stamp writes to what it was meant for")
struct StampPlaceTests {
    private func project(_ source: String = CBundle.action("a")) async throws -> TestProject {
        let project = try TestProject(["actions/none": ""])
        try await CBundle.compile(source, to: "actions/a.so", in: project)
        return project
    }

    @Test("a link is neither followed nor replaced")
    func links() async throws {
        let project = try await project()
        try FileManager.default.createSymbolicLink(
            atPath: project.path("actions/link.so"), withDestinationPath: "a.so")
        let before = try project.bytes("actions/a.so")
        for flags in [[], ["--force"]] {
            let refused = try await Program.run(
                Stage.hero, ["bundle", "stamp", "--kind", "c", "actions/link.so"] + flags, directory: project.root)
            #expect(refused.code == 1)
            #expect(
                refused.error
                    == "Error: actions/link.so is a symbolic link: name the file that it leads to\n")
        }
        #expect(try project.bytes("actions/a.so") == before)
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: project.path("actions/link.so")) == "a.so")
    }

    @Test("a library that is nothing for hero is refused; a bundle may be stamped as often as one likes")
    func others() async throws {
        let project = try await project("int answer(void); int answer(void) { return 42; }")
        let before = try project.bytes("actions/a.so")
        for (kind, lack) in [("c", "has no hero_bundle_table"), ("swift", "uses nothing of the SDK")] {
            let refused = try await project.hero("bundle", "stamp", "--kind", kind, "actions/a.so")
            #expect(refused.code == 1)
            #expect(
                refused.error
                    == "Error: actions/a.so \(lack), so it is no bundle – --force stamps it all the same\n")
        }
        #expect(try project.bytes("actions/a.so") == before)
        #expect(try await project.hero("bundle", "stamp", "--kind", "c", "--force", "actions/a.so").code == 0)
        #expect(try await project.hero("bundle", "stamp", "--kind", "c", "actions/a.so").code == 0)
    }

    @Test("nothing outside of the directory and the project is written to, unless that is said")
    func outside() async throws {
        let (project, other) = (try await project(), try TestProject(["here": ""]))
        let file = project.path("actions/a.so")
        let before = try project.bytes("actions/a.so")
        let refused = try await other.hero("bundle", "stamp", "--kind", "c", file)
        #expect(refused.code == 1 && refused.error.contains("lies outside of this directory and of the project"))
        // A link to the directory is another way to the same place.
        try FileManager.default.createSymbolicLink(
            atPath: other.path("link"), withDestinationPath: project.path("actions"))
        #expect(try await other.hero("bundle", "stamp", "--kind", "c", "link/a.so").code == 1)
        #expect(try project.bytes("actions/a.so") == before)
        #expect(
            try await other.hero("bundle", "stamp", "--kind", "c", file, environment: ["PROJECT_ROOT": project.root])
                .code == 0)
        #expect(try await other.hero("bundle", "stamp", "--kind", "c", "--force", file).code == 0)
    }
}

@Suite("what the optimizer would drop is found by the build")
struct PrivateTypesTests {
    @Test("a private action fails the build with its place, whatever it stands in; others do not")
    func privateTypes() async throws {
        let project = try TestProject([
            "actions/a.swift": """
            import ActionHero

            // private struct Commented: Action {}
            let text = "private struct Quoted: Action {"
            private struct Plain: Action {
                func run(_ context: Context) async throws -> [String: Int] { [:] }
            }
            struct Seen: Action {
                private(set) var count = 0
                private struct Helper { var value = 1 }
                func run(_ context: Context) async throws -> [String: Int] { ["a": Helper().value] }
            }
            fileprivate enum Space {
                struct Inner: ActionHero.Action {
                    func run(_ context: Context) async throws -> [String: Int] { [:] }
                }
            }
            extension Seen {
                fileprivate struct Nested<Value>: Sendable where Value: Sendable { var value: Value }
                private struct Middle: Sendable, ActionMiddleware {}
            }
            """,
            "actions/b.swift": BuildCommandTests.action("B"),
        ])
        let built = try await project.hero("build")
        #expect(built.code == 1)
        let ending = "is private, so the optimizer drops it and the host would not see this"
        #expect(
            built.error == """
                actions/a.swift:5:1: error: 'Plain' \(ending) Action; take 'private' away
                actions/a.swift:14:1: error: 'Space.Inner' \(ending) Action; take 'private' away
                actions/a.swift:20:1: error: 'Seen.Middle' \(ending) ActionMiddleware; take 'private' away

                """)
        #expect(project.list("actions") == ["a.swift", "b.so", "b.swift"])
        let source = try project.read("actions/a.swift")
        try project.write(
            source.replacingOccurrences(of: "fileprivate enum", with: "enum").replacingOccurrences(
                of: "private struct Plain", with: "struct Plain"
            ).replacingOccurrences(of: "private struct Middle", with: "struct Middle"), to: "actions/a.swift")
        #expect(try await project.hero("build").code == 0)
        #expect(try await project.hero("actions", "list").output.contains("--- inner ---"))
    }

    @Test("a private type that code mentions stays in the bundle, and is no mistake")
    func mentioned() async throws {
        let project = try TestProject([
            "actions/a.swift": """
            import ActionHero

            private struct Kept: Action {
                func run(_ context: Context) async throws -> [String: Int] { [:] }
            }
            struct Other: Action {
                func run(_ context: Context) async throws -> [String: String] { ["is": "\\(Kept.self as any Action.Type)"] }
            }
            """
        ])
        #expect(try await project.hero("build").code == 0)
        #expect(try await project.hero("action", "kept").code == 0)
    }
}

@Suite("what bundles print does not mix into a command's result")
struct PrintingBundlesTests {
    @Test("hero action and hero actions list write their result alone to standard output")
    func results() async throws {
        let project = try TestProject([
            "actions/loud.swift": """
            import ActionHero

            struct Loud: Action {
                func run(_ context: Context) async throws -> [String: Int] {
                    print("printed by the action")
                    return ["a": 1]
                }
            }
            """
        ])
        try await CBundle.compile(
            """
            #include <stdio.h>
            #include <stdlib.h>
            #include <unistd.h>
            __attribute__((constructor)) static void loud(void) {
                printf("printed while it was loaded\\n");
                (void)!write(1, "written\\n", 8);
                (void)!system("echo from a program");
            }

            """ + CBundle.action("quiet"), to: "actions/quiet.so", in: project)
        try await CBundle.stamp("actions/quiet.so", in: project)
        try await project.build()
        let run = try await project.hero("action", "loud")
        #expect(run.output == "{\n  \"a\": 1\n}\n")
        for text in ["printed by the action", "printed while it was loaded", "written", "from a program"] {
            #expect(run.error.contains(text))
        }
        struct Listed: Decodable { let name: String }
        let listed = try await project.hero("actions", "list", "--json").decoded([Listed].self)
        #expect(listed.map(\.name).sorted() == ["loud", "quiet"])
        #expect(try await project.hero("action", "loud", "--help").output.hasPrefix("OVERVIEW: "))
        let full = try await Program.run(
            "sh", ["-c", "\"\(Stage.hero)\" action loud >/dev/full"], directory: project.root)
        #expect(full.code == 1 && full.error.contains("cannot write the answer: No space left on device"))
    }
}
