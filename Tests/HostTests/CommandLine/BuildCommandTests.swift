// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("hero build")
struct BuildCommandTests {
    static func action(_ type: String) -> String {
        """
        import ActionHero

        struct \(type): Action {
            func run(_ context: Context) async throws -> NoOutput { NoOutput() }
        }
        """
    }

    @Test("each file becomes a bundle beside it, in sub-folders too; tests become none")
    func buildsEverything() async throws {
        let project = try TestProject([
            "actions/one.swift": Self.action("One"), "actions/billing/eu/two.swift": Self.action("Two"),
            "actions/oneTests.swift": "import Testing, and no Swift", "Sources/other.swift": "not Swift",
            "middleware/timer.swift": "import ActionHero\nstruct Timer: ActionMiddleware {}\n",
        ])
        let built = try await project.hero("build")
        #expect(built.code == 0)
        #expect(built.error == "")
        let lines = built.output.split(separator: "\n").map(String.init)
        #expect(
            lines.dropLast().sorted() == [
                "built actions/billing/eu/two.swift", "built actions/one.swift", "built middleware/timer.swift",
            ])
        #expect(lines.last == "3 bundles: 3 built, 0 up to date")
        #expect(project.list("actions") == ["billing", "one.so", "one.swift", "oneTests.swift"])
        #expect(project.exists("actions/billing/eu/two.so"))
        #expect(project.exists("middleware/timer.so"))
        #expect(try await project.hero("action", "two").output == "{}\n")
    }

    @Test("only what has changed in content is compiled again")
    func isIncremental() async throws {
        let project = try TestProject([
            "actions/one.swift": Self.action("One"), "actions/two.swift": Self.action("Two"),
        ])
        try await project.build()
        // Newer, but the same.
        try project.write(Self.action("One"), to: "actions/one.swift")
        #expect(try await project.hero("build").output == "2 bundles: 0 built, 2 up to date\n")
        try project.write(Self.action("Two") + "// changed\n", to: "actions/two.swift")
        #expect(
            try await project.hero("build").output
                == "built actions/two.swift\n2 bundles: 1 built, 1 up to date\n")
        // A bundle that was damaged or replaced does not count as built.
        try project.write("no library", to: "actions/one.so")
        #expect(try await project.hero("build").output.hasPrefix("built actions/one.swift\n"))
    }

    @Test("only the given files and directories are built")
    func buildsWhatIsGiven() async throws {
        let project = try TestProject([
            "actions/one.swift": Self.action("One"), "actions/a/two.swift": Self.action("Two"),
            "actions/ab/three.swift": Self.action("Three"),
        ])
        let built = try await project.hero("build", "actions/a")
        #expect(built.output == "built actions/a/two.swift\n1 bundles: 1 built, 0 up to date\n")
        #expect(!project.exists("actions/one.so"))
        #expect(try await project.hero("build", "actions/one.swift").code == 0)
        #expect(!project.exists("actions/ab/three.so"))
        let refused = try await project.hero("build", "actions/four.swift")
        #expect(refused.code == 1)
        #expect(
            refused.error.hasPrefix("Error: actions/four.swift is no source of a bundle: those are .swift files in "))
    }

    @Test("release and debug are flags, release is the default, and changing it builds again")
    func hasModes() async throws {
        let project = try TestProject(["actions/one.swift": Self.action("One")])
        for (flags, wanted) in [([], "-O "), (["--debug"], "-Onone "), (["--release"], "-O ")] {
            let built = try await Program.run(Stage.hero, ["build"] + flags, directory: project.root)
            #expect(built.output.hasSuffix("1 bundles: 1 built, 0 up to date\n"))
            let inspected = try await project.hero("bundle", "inspect", "actions/one.so")
            #expect(inspected.output.contains("flags:     \(wanted)"))
        }
    }

    @Test("a file that does not compile fails alone, and the bundle that was there stays")
    func keepsWhatWasThere() async throws {
        let project = try TestProject([
            "actions/one.swift": Self.action("One"), "actions/two.swift": Self.action("Two"),
        ])
        try await project.build()
        let before = try project.bytes("actions/one.so")
        try project.write("import ActionHero\nlet wrong: Int = \"text\"\n", to: "actions/one.swift")
        try project.write(Self.action("Two") + "// changed\n", to: "actions/two.swift")
        let built = try await project.hero("build")
        #expect(built.code == 1)
        #expect(built.output.contains("failed actions/one.swift\n"))
        #expect(built.output.contains("built actions/two.swift\n"))
        #expect(built.output.hasSuffix("2 bundles: 1 built, 0 up to date, 1 failed\n"))
        #expect(try project.bytes("actions/one.so") == before)
        #expect(project.list("tmp/build").filter { $0.hasPrefix("actions_") } == [])
    }

    @Test("the compiler's words are passed on as they are, errors and warnings")
    func passesDiagnosticsOn() async throws {
        let source = Self.action("One") + "\nfunc spare() {\n    let unused = 1\n}\n"
        let project = try TestProject(["actions/one.swift": source])
        let warned = try await project.hero("build")
        #expect(warned.code == 0)
        let direct = try await Program.run(
            "swiftc",
            [
                "-frontend", "-typecheck", "-primary-file", "actions/one.swift", "-parse-as-library", "-swift-version",
                "6", "-module-name", "actions_one", "-I", "\(Stage.root)/lib/hero/sdk",
            ], directory: project.root)
        #expect(direct.error.contains("actions/one.swift:7:9: warning: "))
        #expect(warned.error == direct.error)
        try project.write(source + "let wrong: Int = \"text\"\n", to: "actions/one.swift")
        let failed = try await project.hero("build")
        #expect(failed.error.contains("actions/one.swift:9:18: error: cannot convert value of type 'String'"))
    }

    @Test("a bundle is replaced as a whole: who has the old one open keeps it")
    func replacesAtomically() async throws {
        let project = try TestProject(["actions/one.swift": Self.action("One")])
        try await project.build()
        let before = try project.bytes("actions/one.so")
        let open = try FileHandle(forReadingFrom: URL(fileURLWithPath: project.path("actions/one.so")))
        try project.write(Self.action("Uno"), to: "actions/one.swift")
        try await project.build()
        #expect(try open.readToEnd() == before)
        #expect(try project.bytes("actions/one.so") != before)
        #expect(project.list("actions") == ["one.so", "one.swift"])
    }

    @Test("a bundle whose source has gone is pointed out, because it would still be loaded")
    func pointsOutOrphans() async throws {
        let project = try TestProject([
            "actions/one.swift": Self.action("One"), "actions/two.swift": Self.action("Two"),
        ])
        try await project.build()
        try project.remove("actions/two.swift")
        let built = try await project.hero("build")
        #expect(built.code == 0)
        #expect(
            built.error
                == "note: actions/two.so has no source any more but will still be loaded; delete it if it is gone for good, as --prune does\n"
        )
        #expect(project.exists("actions/two.so"))
        #expect(try await project.hero("action", "two").code == 0)
    }

    @Test("two files that would become one module are refused")
    func refusesEqualModules() async throws {
        let project = try TestProject([
            "actions/a-b.swift": Self.action("One"), "actions/a_b.swift": Self.action("Two"),
        ])
        let refused = try await project.hero("build")
        #expect(refused.code == 1)
        #expect(
            refused.error
                == "Error: actions/a-b.swift and actions/a_b.swift would both become the module actions_a_b – rename one\n"
        )
        #expect(project.list("actions") == ["a-b.swift", "a_b.swift"])
    }

    @Test("a project without sources says where they belong")
    func needsSources() async throws {
        let built = try await TestProject(["config/api.yml": ""]).hero("build")
        #expect(built.code == 0)
        #expect(
            built.output.hasPrefix(
                "nothing to build: there are no .swift files in lib/NAME/, initializers/, middleware/, actions/"))
    }

    @Test("on a terminal one line shows the progress")
    func showsProgress() async throws {
        let project = try TestProject(["actions/one.swift": Self.action("One")])
        let shown = try await Program.run(
            "script", ["-qec", "\(Stage.hero) build", "/dev/null"], directory: project.root)
        #expect(shown.code == 0)
        #expect(shown.output.contains("\r\u{1B}[K[1/1] actions/one.swift"))
        #expect(!shown.output.contains("built actions/one.swift"))
        #expect(shown.output.hasSuffix("1 bundles: 1 built, 0 up to date\r\n"))
    }
}
