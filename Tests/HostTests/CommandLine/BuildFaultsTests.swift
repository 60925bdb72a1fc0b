// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("what hero build says and leaves behind")
struct BuildFaultsTests {
    @Test("equal sources at one place give equal files, built after one another and side by side")
    func reproducible() async throws {
        let project = try TestProject([
            "actions/one.swift": BuildCommandTests.action("One"),
            "actions/two.swift": "import ActionHero\nimport Models\n\nstruct Two: Action {\n"
                + "    func run(_ context: Context) async throws -> [String: Int] { [\"n\": number] }\n}\n",
            "lib/Models/m.swift": "public let number = 1\n",
        ])
        let outputs = ["actions/one.so", "actions/two.so", "lib/Models.so"]
        for flags in [[], ["--debug"]] {
            var seen: Set<[Data]> = []
            for _ in 0..<2 {
                for output in outputs where project.exists(output) { try project.remove(output) }
                if project.exists("tmp") { try project.remove("tmp") }
                async let first = project.hero(["build"] + flags)
                async let second = project.hero(["build"] + flags)
                for built in try await [first, second] { #expect(built.code == 0, "\(built.error)") }
                seen.insert(try outputs.map { try project.bytes($0) })
            }
            #expect(seen.count == 1)
        }
        #expect(project.list("tmp/build").filter { $0.hasPrefix("work-") } == [])
    }

    @Test("what a build that was killed has left goes with the next one")
    func leftOver() async throws {
        let project = try TestProject([
            "actions/one.swift": BuildCommandTests.action("One"), "tmp/build/work-1-2/actions_one.o": "left",
            "tmp/build/work-1-2/lock": "", "tmp/build/actions_one-17.o": "left by an earlier version",
        ])
        try await project.build()
        #expect(project.list("tmp/build") == ["lock", "modules"])
    }

    @Test("outside of a project nothing is built, and that is no success")
    func outside() async throws {
        let directory = try TestProject(["letters/mine.txt": "mine"])
        let refused = try await Program.run(Stage.hero, ["build"], directory: directory.root)
        #expect(refused.code == 1 && refused.error.contains("is no project of hero"))
        let missing = try await directory.hero("build", environment: ["PROJECT_ROOT": directory.path("shpo")])
        #expect(missing.code == 1 && missing.error.contains("/shpo is no directory"))
        #expect(directory.list("") == ["letters"])
    }

    @Test("percent signs in the path of a project are nothing special")
    func percent() async throws {
        let parent = try TestProject(["50%% of%it/actions/one.swift": BuildCommandTests.action("One")])
        let built = try await Program.run(Stage.hero, ["build"], directory: parent.path("50%% of%it"))
        #expect(built.code == 0, "\(built.error)")
        #expect(parent.exists("50%% of%it/actions/one.so"))
    }

    @Test("a private type counts as an action by a protocol of the project's own, also one of a library")
    func ownProtocols() async throws {
        let project = try TestProject([
            "lib/Base/base.swift": "import ActionHero\n\npublic protocol AdminAction: Action {}\n",
            "actions/a.swift": """
            import ActionHero
            import Base

            protocol Counted: Action {}
            private struct One: Counted {
                func run(_ context: Context) async throws -> [String: Int] { [:] }
            }
            fileprivate struct Two: AdminAction {
                func run(_ context: Context) async throws -> [String: Int] { [:] }
            }
            struct Three: AdminAction {
                func run(_ context: Context) async throws -> [String: Int] { [:] }
            }
            """,
        ])
        let built = try await project.hero("build")
        #expect(built.code == 1)
        let ending = "is private, so the optimizer drops it and the host would not see this Action; take 'private' away"
        #expect(
            built.error == "actions/a.swift:5:1: error: 'One' \(ending)\nactions/a.swift:8:1: error: 'Two' \(ending)\n")
    }

    @Test("an action in a library is pointed out, since the host looks for none there")
    func strays() async throws {
        let project = try TestProject([
            "lib/Orders/place.swift": BuildCommandTests.action("Place"),
            "actions/one.swift": BuildCommandTests.action("One"),
        ])
        let built = try await project.hero("build")
        #expect(built.code == 0)
        #expect(
            built.error == """
                lib/Orders/place.swift:3:1: warning: the host looks for no Action in a library and will not see 'Place'; \
                move it to actions/

                """)
    }

    @Test("a name that the host will refuse is said when it is built", arguments: [true, false])
    func reservedNames(_ isLiteral: Bool) async throws {
        let source =
            isLiteral
            ? BuildCommandTests.action("Leave").replacing(
                "Action {\n", with: "Action {\n    static let name = \"quit\"\n")
            : BuildCommandTests.action("Quit")
        let built = try await TestProject(["actions/quit.swift": source]).hero("build")
        #expect(built.code == 0)
        #expect(
            built.error == """
                actions/quit.swift:\(isLiteral ? 4 : 3):1: warning: quit is a reserved verb for connections: the host will \
                refuse an action of that name (HB306); choose another one

                """)
    }

    @Test("a function that no library has is said with its name and the remedy, by the build and by the check")
    func undefined() async throws {
        let project = try TestProject([
            "lib/CThing/module.modulemap": "module CThing {\n    header \"thing.h\"\n}\n",
            "lib/CThing/thing.h": "int thing_open(void);\n",
            "actions/thing.swift": "import ActionHero\nimport CThing\n\nstruct Thing: Action {\n"
                + "    func run(_ context: Context) async throws -> [String: Int32] { [\"n\": thing_open()] }\n}\n",
        ])
        let built = try await project.hero("build")
        #expect(built.code == 0)
        let problem =
            "HB116 actions/thing.so cannot be loaded: undefined symbol: thing_open – link the library that has it: name its "
            + "package in lib/NAME/build.yml, or the library in the module.modulemap beside it (link \"NAME\")"
        #expect(built.error == "warning: \(problem)\n")
        let checked = try await project.hero("bundle", "check")
        #expect(checked.code == 1 && checked.output == "\(problem)\n")
    }

    @Test("a header of any name is compared, and one that has changed is said like a source", arguments: ["h", "inc"])
    func headers(_ ending: String) async throws {
        let project = try TestProject([
            "lib/CThing/module.modulemap": "module CThing {\n    header \"thing.h\"\n}\n",
            "lib/CThing/thing.h": ending == "h" ? "static const int thing = 1;\n" : "#include \"more.inc\"\n",
            "lib/CThing/more.inc": "static const int thing = 1;\n",
            "actions/thing.swift": "import ActionHero\nimport CThing\n\nstruct Thing: Action {\n"
                + "    func run(_ context: Context) async throws -> [String: Int32] { [\"n\": thing] }\n}\n",
        ])
        try await project.build()
        #expect(try await project.hero("action", "thing").error == "")
        try project.write("static const int thing = 2;\n", to: "lib/CThing/\(ending == "h" ? "thing.h" : "more.inc")")
        let old = try await project.hero("action", "thing")
        #expect(old.output.contains("\"n\": 1"))
        #expect(old.error.contains("lib/CThing has changed since the last build, and the old code runs"))
        #expect(try await project.hero("build").output.hasPrefix("built actions/thing.swift\n"))
        #expect(try await project.hero("action", "thing").output.contains("\"n\": 2"))
    }

    @Test("a bundle without anything for the host is said when it is built, with the place for shared code")
    func useless() async throws {
        let project = try TestProject([
            "actions/empty.swift": "", "actions/helper.swift": "func helper() -> Int { 1 }\n",
            "actions/one.swift": BuildCommandTests.action("One"),
            "initializers/only.swift": "struct Only {}\n",
            "lib/Base/base.swift": "import ActionHero\n\nopen class Base: Action, @unchecked Sendable {\n"
                + "    public required init() {}\n    open func run(_ context: Context) async throws -> NoOutput { NoOutput() }\n}\n",
            "actions/inherits.swift": "import Base\n\nfinal class Inherits: Base, @unchecked Sendable {}\n",
        ])
        let built = try await project.hero("build")
        #expect(built.code == 0, "\(built.error)")
        let warnings = [
            ("actions/empty", "Action"), ("actions/helper", "Action"), ("initializers/only", "Initializer"),
        ]
        #expect(
            built.error.split(separator: "\n").sorted().map(String.init)
                == warnings.map { path, noun in
                    "\(path).swift:1:1: warning: it defines no \(noun), so the host will load no bundle of this project "
                        + "(HB302); code that others use belongs into lib/NAME/"
                })
        #expect(try await project.hero("action", "one").error.contains("HB302"))
    }

    @Test("two sources that define one action are said when one of them is built; two versions are no conflict")
    func conflicts() async throws {
        let named = { (type: String, lines: String) in
            BuildCommandTests.action(type).replacing("Action {\n", with: "Action {\n\(lines)")
        }
        let project = try TestProject([
            "actions/one.swift": BuildCommandTests.action("One"),
            "actions/oneTwo.swift": named("Another", "    static let name = \"one\"\n    static let version = 2\n"),
        ])
        #expect(try await project.hero("build").error == "")
        try project.write(
            named("Third", "    static let name = \"one\"\n    static let version = 2\n"), to: "actions/third.swift")
        let built = try await project.hero("build")
        #expect(built.code == 0)
        #expect(
            built.error == """
                actions/third.swift:3:1: warning: the action one v2 is defined by actions/oneTwo.swift, too: the host will \
                load no bundle of this project (HB303); remove or rename one

                """)
        #expect(try await project.hero("action", "one").error.contains("HB303"))
    }

    @Test(
        "a source that cannot be read fails alone, in a library too",
        arguments: ["actions/gone.swift", "lib/Gone/gone.swift"], ["ln -s /no/where", "mkfifo"])
    func unreadable(_ source: String, _ make: String) async throws {
        let project = try TestProject([
            "actions/one.swift": BuildCommandTests.action("One"), "lib/Gone/.keep": "",
            "lib/Models/m.swift": "public let number = 1\n",
        ])
        #expect(try await Program.run("bash", ["-c", "\(make) \(source)"], directory: project.root).code == 0)
        let built = try await project.hero("build")
        #expect(built.code == 1)
        #expect(built.output.contains("failed \(source.hasPrefix("lib") ? "lib/Gone" : source)\n"), "\(built.error)")
        #expect(built.error.hasPrefix("error: cannot "), "\(built.error)")
        if source.hasPrefix("actions") { #expect(built.output.contains("built actions/one.swift\n")) }
    }
}
