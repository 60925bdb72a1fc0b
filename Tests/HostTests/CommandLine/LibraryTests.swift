// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("libraries of a project")
struct LibraryTests {
    /// Two actions that use a type of `lib/Models`, and one that does not.
    private static func files(_ user: String = user()) -> [String: String] {
        [
            "lib/Models/user.swift": user, "lib/Models/deep/extra.swift": "public let extra = 1\n",
            "actions/a.swift": action("First"), "actions/b.swift": action("Second"),
            "actions/c.swift": BuildCommandTests.action("Third"),
        ]
    }

    private static func user(_ members: String = "", greeting: String = "Hi") -> String {
        """
        public struct User: Sendable {
            \(members)
            public var name: String
            public init(name: String) { self.name = name }
            public var greeting: String { "\(greeting) \\(name)" }
        }
        """
    }

    private static func action(_ type: String) -> String {
        """
        import ActionHero
        import Models

        struct \(type): Action {
            func run(_ context: Context) async throws -> [String: String] {
                let users = [User(name: "Ada"), User(name: "Bob")]
                return ["text": users.map(\\.greeting).joined(separator: ", ")]
            }
        }
        """
    }

    private func build(_ project: TestProject, _ words: String...) async throws -> [String] {
        let built = try await Program.run(
            Stage.hero, ["build"] + words, directory: project.root, environment: ["PROJECT_ROOT": project.root])
        #expect(built.code == 0 && built.error == "", "\(built.error)")
        return built.output.split(separator: "\n").map(String.init).sorted()
    }

    @Test("hero build makes them of the sources in lib/NAME, before the bundles that import them")
    func builds() async throws {
        let project = try TestProject(Self.files())
        #expect(
            try await build(project) == [
                "4 bundles: 4 built, 0 up to date", "built actions/a.swift", "built actions/b.swift",
                "built actions/c.swift", "built lib/Models",
            ])
        #expect(project.list("lib") == ["Models", "Models.so"])
        #expect(try await project.hero("action", "first").output == "{\n  \"text\": \"Hi Ada, Hi Bob\"\n}\n")
        #expect(try await build(project) == ["4 bundles: 0 built, 4 up to date"])
        let checked = try await project.hero("bundle", "check", "lib/Models.so", "actions/a.so")
        #expect(checked.output == "lib/Models.so: fits\nactions/a.so: fits\n")
        let running = try await project.start()
        #expect(try await running.request("/api/second").text.contains("Hi Ada, Hi Bob"))
        #expect(try await running.stop() == 0)
        // What only compilers read may go, and comes back the same.
        try project.remove("tmp/build/modules")
        #expect(try await build(project) == ["4 bundles: 1 built, 3 up to date", "built lib/Models"])
    }

    @Test("a new body builds the library alone; a new layout builds what imports it")
    func isIncremental() async throws {
        let project = try TestProject(Self.files())
        try await project.build()
        try project.write(Self.user(greeting: "Hello"), to: "lib/Models/user.swift")
        #expect(try await build(project) == ["4 bundles: 1 built, 3 up to date", "built lib/Models"])
        #expect(try await project.hero("action", "first").output.contains("Hello Ada, Hello Bob"))
        try project.write(Self.user("private var age = 7"), to: "lib/Models/user.swift")
        #expect(
            try await build(project) == [
                "4 bundles: 3 built, 1 up to date", "built actions/a.swift", "built actions/b.swift",
                "built lib/Models",
            ])
    }

    @Test("HB113: bundles that were compiled against another layout are refused before they run")
    func refusesOtherInterface() async throws {
        let project = try TestProject(Self.files())
        try await project.build()
        let (old, bundle) = (try project.bytes("lib/Models.so"), try project.bytes("actions/a.so"))
        try project.write(Self.user("private var age = 7"), to: "lib/Models/user.swift")
        #expect(try await build(project, "lib/Models") == ["1 bundles: 1 built, 0 up to date", "built lib/Models"])
        let checked = try await project.hero("bundle", "check")
        #expect(checked.code == 1)
        #expect(checked.output.contains("HB113 actions/a.so was compiled against another lib/Models.so: interface "))
        #expect(checked.output.contains("actions/c.so: fits\n"))
        #expect(try await project.hero("action", "first").code == 78)
        #expect(try await project.launch().exitCode() == 78)
        // The library of an earlier deploy with bundles of today.
        try await project.build()
        try project.write(old, to: "lib/Models.so")
        #expect(try await project.hero("bundle", "check").code == 1)
        try project.write(bundle, to: "actions/a.so")
        #expect(try await project.hero("bundle", "check", "actions/a.so").code == 0)
        try project.remove("lib/Models.so")
        let missing = try await project.hero("bundle", "check", "actions/a.so")
        #expect(missing.output.hasPrefix("HB110 actions/a.so needs the library Models of the project"))
    }

    @Test("sources of a library that are not built, or have changed since, are said like those of bundles")
    func saysWhatIsNotBuilt() async throws {
        let project = try TestProject(Self.files())
        try await project.build()
        #expect(try await project.hero("action", "first").error == "")
        try project.write(Self.user(greeting: "Hello"), to: "lib/Models/user.swift")
        let changed = "lib/Models has changed since the last build, and the old code runs: run `hero build`"
        #expect(try await project.hero("action", "first").error.contains(changed))
        try project.write("public let other = 1\n", to: "lib/Other/other.swift")
        #expect(try await project.hero("action", "first").error.contains("lib/Other is not built: run `hero build`"))
    }

    @Test("libraries may depend on one another, in an order that is found; a test sees them all")
    func dependOnOneAnother() async throws {
        var files = [
            "lib/Zebra/z.swift": "public struct Stripe: Sendable { public let width = 3; public init() {} }\n",
            "lib/Ape/a.swift": "private import Mule\npublic func width() -> Int { Load().stripe.width }\n",
            "lib/Mule/m.swift": "import Zebra\npublic struct Load { public let stripe = Stripe(); public init() {} }\n",
            "actions/width.swift": """
            import ActionHero
            import Ape

            struct Width: Action {
                func run(_ context: Context) async throws -> [String: Int] { ["width": width()] }
            }
            """,
        ]
        for (library, name) in [("lib/Mule/", "Load"), ("actions/", "width")] {
            files["\(library)\(name)Tests.swift"] = """
                import ActionHero
                import Ape
                import Foundation
                import Mule
                import Testing
                import Zebra

                @Test("\(name) is three") func \(name)IsThree() async {
                    #expect(width() == 3 && Load().stripe.width == Stripe().width)
                    #expect(await SpecHelper.runAction("width")["width"] == 3)
                }
                """
        }
        let project = try TestProject(files)
        let lines = try await project.hero("build").output.split(separator: "\n")
        #expect(lines.prefix(3) == ["built lib/Zebra", "built lib/Mule", "built lib/Ape"])
        #expect(try await project.hero("bundle", "check").output.hasPrefix("lib/Zebra.so: fits\nlib/Mule.so: fits\n"))
        #expect(try await project.hero("action", "width").output == "{\n  \"width\": 3\n}\n")
        // A layout counts through other libraries too, even where they hide what they import.
        let inspected = try await project.hero("bundle", "inspect", "actions/width.so").output
        for name in ["  libraries: Ape", "Mule", "Zebra"] { #expect(inspected.contains("\(name) (interface ")) }
        let tested = try await project.hero("test")
        #expect(tested.code == 0, "\(tested.error)\(tested.output)")
        #expect((tested.error + tested.output).contains("2 tests"))
    }

    @Test("libraries that import one another are refused")
    func refusesCircles() async throws {
        let project = try TestProject([
            "actions/.keep": "", "lib/One/a.swift": "import Two\n", "lib/Two/b.swift": "import One\n",
            "lib/Three/c.swift": "",
        ])
        let refused = try await project.hero("build")
        #expect(refused.code == 1)
        #expect(
            refused.error
                == "Error: lib/One and lib/Two import one another – move what both use to a library of its own\n")
    }

    @Test("a library that does not compile keeps what was built, and nothing that may import it is compiled")
    func failsFirst() async throws {
        let project = try TestProject(Self.files())
        try await project.build()
        let before = try project.bytes("lib/Models.so")
        try project.write("let wrong: Int = \"text\"\n", to: "lib/Models/user.swift")
        let failed = try await project.hero("build")
        #expect(failed.code == 1)
        #expect(failed.output == "failed lib/Models\n4 bundles: 0 built, 0 up to date, 1 failed\n")
        #expect(failed.error.contains("lib/Models/user.swift:1:18: error: cannot convert value of type 'String'"))
        #expect(failed.error.hasSuffix("note: bundles may import what did not compile, so none was built\n"))
        #expect(try project.bytes("lib/Models.so") == before)
    }

    @Test("a library whose sources have gone is pointed out, and can be imported no more")
    func pointsOutOrphans() async throws {
        let project = try TestProject(Self.files())
        try await project.build()
        try project.remove("lib/Models")
        let failed = try await project.hero("build")
        #expect(failed.code == 1 && failed.error.contains("error: no such module 'Models'"))
        #expect(failed.error.contains("note: lib/Models.so has no source any more but will still be loaded; "))
        let kept = try await project.hero("build", "--prune")
        #expect(kept.code == 1)
        #expect(kept.error.contains("; --prune has not deleted it, because the build has failed\n"))
        #expect(project.exists("lib/Models.so"))
        #expect(
            try await project.hero("action", "first").error.contains(
                "the source of lib/Models.so has gone, and what was built of it runs: "))
    }

    @Test(
        "what cannot become a library says why",
        arguments: [
            (
                "lib/my-models/a.swift",
                "lib/my-models cannot become a module: a name begins with a letter (A–Z, a–z) and"
            ),
            (
                "lib/ActionHero/a.swift",
                "lib/ActionHero cannot become a module: the name is that of the SDK – rename it"
            ),
            ("lib/Foundation/a.swift", "lib/Foundation has the name of one of Swift's own modules – rename it"),
            ("lib/CThing/a.swift", "lib/CThing has Swift sources and a module.modulemap – put the map into"),
        ])
    func refusesNames(path: String, message: String) async throws {
        let project = try TestProject([
            path: "", "actions/.keep": "", "lib/CThing/module.modulemap": "module CThing {}\n",
        ])
        let refused = try await project.hero("build")
        #expect(refused.code == 1 && refused.error.hasPrefix("Error: " + message), "\(refused.error)")
    }

    @Test("a source of lib/ that belongs to no library is pointed out")
    func pointsOutStrays() async throws {
        let built = try await TestProject(["actions/.keep": "", "lib/models.swift": ""]).hero("build")
        #expect(built.code == 0)
        #expect(built.error == "note: lib/models.swift belongs to no library; put it into a directory of lib/\n")
    }

    @Test(
        "what build.yml asks for in vain is named with the file",
        arguments: [
            ("pkgConfig: hero-of-nobody", "lib/CThing/build.yml wants hero-of-nobody, which pkg-config does not find"),
            ("pkgConfig: [zlib, --version]", "lib/CThing/build.yml:1: '--version' is no name of a package"),
            ("packages: zlib", "lib/CThing/build.yml:1: the library has no key 'packages'"),
        ])
    func refusesPackages(text: String, message: String) async throws {
        let project = try TestProject([
            "lib/CThing/build.yml": text + "\n", "lib/CThing/module.modulemap": "module CThing {}\n",
            "actions/one.swift": BuildCommandTests.action("One"),
        ])
        let refused = try await project.hero("build")
        #expect(refused.code == 1 && refused.error.contains(message), "\(refused.error)")
    }

    @Test(
        "a header of the project is part of what is compared, also one of the same size that was saved in the same second"
    )
    func comparesHeaders() async throws {
        let project = try TestProject([
            "lib/CThing/module.modulemap": "module CThing { header \"thing.h\" }\n",
            "lib/CThing/thing.h": "static inline int thing(void) { return 1; }\n",
            "actions/thing.swift": """
            import ActionHero
            import CThing

            struct Thing: Action {
                func run(_ context: Context) async throws -> [String: Int32] { ["thing": thing()] }
            }
            """,
        ])
        let saved = Date(timeIntervalSinceNow: -5)
        for number in 1...3 {
            try project.write("static inline int thing(void) { return \(number); }\n", to: "lib/CThing/thing.h")
            try FileManager.default.setAttributes(
                [.modificationDate: saved], ofItemAtPath: project.path("lib/CThing/thing.h"))
            #expect(try await build(project) == ["1 bundles: 1 built, 0 up to date", "built actions/thing.swift"])
            let result = try await project.hero("action", "thing")
            #expect(result.output == "{\n  \"thing\": \(number)\n}\n", "\(result)")
            // What was made of the headers before goes.
            #expect(project.list("tmp/build").filter { $0.hasPrefix("headers-") }.count == 1)
        }
    }
}
