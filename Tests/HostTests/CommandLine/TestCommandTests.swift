// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("hero test")
struct TestCommandTests {
    private static func file(_ tests: String) -> String { "import ActionHero\nimport Testing\n\n\(tests)\n" }

    private static let names = [
        "actions/one.swift": BuildCommandTests.action("One"),
        "actions/oneTests.swift": file(
            """
            @Suite("first things")
            struct OneTests {
                @Test("one is answered") func answers() async { #expect(await SpecHelper.runAction("one")["error"] == nil) }
                @Test func plain() { #expect(Helper().value == 1) }
            }
            struct Helper { let value = 1 }
            """),
        "actions/billing/oneTests.swift": file(
            """
            struct OneTests { @Test("two are counted") func counts() { #expect(Helper().value == 2) } }
            struct Helper { let value = 2 }
            """),
        "initializers/oneTests.swift": file("@Test(\"nothing is wrong\") func oneTests() {}"),
    ]

    private func text(_ finished: Finished) -> String { finished.output + finished.error }

    @Test("tests of one name in several directories are several tests")
    func sameNames() async throws {
        let project = try TestProject(Self.names)
        let tested = try await project.hero("test")
        #expect(tested.code == 0, "\(text(tested))")
        #expect(text(tested).contains("Test run with 4 tests in 2 suites passed"))
    }

    @Test("what is generated under one name for several directories passes its tests")
    func generated() async throws {
        let project = try TestProject(["config/api.yml": "default: {}\n", "lib/tests/t.swift": "public let t = 1\n"])
        for kind in ["action", "initializer"] {
            #expect(try await project.hero("generate", kind, "cacheTest").code == 0)
        }
        let tested = try await project.hero("test")
        #expect(tested.code == 0, "\(text(tested))")
        #expect(text(tested).contains("Test run with 2 tests in 2 suites passed"))
    }

    @Test(
        "--filter finds tests and suites by the name that is shown and by identifier",
        arguments: [
            ("one is answered", 1), ("^two are", 1), ("first things", 2), ("OneTests", 3),
            ("_tests_actions.OneTests/", 2), ("plain\\(\\)", 1), ("(?i)NOTHING IS", 1),
        ])
    func filters(_ filter: String, _ count: Int) async throws {
        let project = try TestProject(Self.names)
        let tested = try await project.hero("test", "--filter", filter)
        #expect(tested.code == 0, "\(text(tested))")
        #expect(text(tested).contains("Test run with \(count) test\(count == 1 ? "" : "s") in "), "\(text(tested))")
    }

    @Test("a filter that no test matches fails, and so does one that is no regular expression")
    func filtersNothing() async throws {
        let project = try TestProject(Self.names)
        let none = try await project.hero("test", "--filter", "three")
        #expect(none.code == 1)
        #expect(none.error.hasSuffix("Error: no test matches --filter 'three', by its identifier or by its name\n"))
        let broken = try await project.hero("test", "--filter", "(")
        #expect(broken.code == 64)
        #expect(broken.error.contains("--filter wants a regular expression, and '(' is none"))
    }

    @Test("files and directories are named as anywhere, from the working directory or absolutely")
    func paths() async throws {
        let project = try TestProject(Self.names)
        for (path, count) in [
            ("./actions", 3), ("actions/billing/", 1), ("actions/oneTests.swift", 2), (project.path("initializers"), 1),
            ("actions/../initializers", 1), ("actions/../actions/oneTests.swift", 2), (".", 4),
        ] {
            let tested = try await project.hero("test", path)
            #expect(tested.code == 0, "\(path): \(text(tested))")
            #expect(text(tested).contains("Test run with \(count) test\(count == 1 ? "" : "s") in "), "\(path)")
        }
        let refused = try await project.hero("test", "actions/one.swift")
        #expect(refused.code == 1)
        #expect(
            refused.error
                == "Error: actions/one.swift holds no tests: those are files called *Tests.swift in the project\n")
    }

    @Test("exit(0) ends no run as if it had passed, and the test in which it was called is named")
    func exits() async throws {
        let leaving =
            "import ActionHero\nimport Glibc\n\nstruct Leave: Action {\n"
            + "    func run(_ context: Context) async throws -> NoOutput { exit(0) }\n}\n"
        let project = try TestProject([
            "actions/leave.swift": leaving,
            "actions/leaveTests.swift": Self.file(
                "@Test(\"people leave\") func leave() async { _ = await SpecHelper.runAction(\"leave\") }"),
            "actions/quitTests.swift": "import Glibc\nimport Testing\n\n@Test(\"the end\") func end() { exit(0) }\n",
        ])
        for (path, name) in [("actions/leaveTests.swift", "people leave"), ("actions/quitTests.swift", "the end")] {
            let tested = try await project.hero("test", path)
            #expect(tested.code == 1)
            #expect(tested.error.contains("Error: exit() was called"), "\(text(tested))")
            #expect(tested.error.contains("\"\(name)\""), "\(text(tested))")
        }
    }

    @Test(
        "a run that something ends by another way than exit is a failed one, which names the test",
        arguments: [
            ("_exit(0)", "exit() was called"), ("quick_exit(0)", "exit() was called"),
            ("_ = [strdup(\"true\"), nil].withUnsafeBufferPointer { execv(\"/bin/true\", $0.baseAddress!) }", program),
            ("_ = [strdup(\"true\"), nil].withUnsafeBufferPointer { execvp(\"true\", $0.baseAddress!) }", program),
        ])
    func ends(_ way: String, _ what: String) async throws {
        let project = try TestProject([
            "actions/quitTests.swift": """
            import Glibc
            import Testing

            @Suite(.serialized) struct Quit {
                @Test func fails() { #expect(Bool(false)) }
                @Test("the end") func end() { \(way) }
            }
            """
        ])
        let tested = try await project.hero("test")
        #expect(tested.code == 1)
        #expect(tested.error.contains("Error: \(what) in the test \"the end\""), "\(text(tested))")
    }

    private static let program = "another program was executed"

    @Test("a program that cannot be executed, and the programs that tests start, end no run")
    func executes() async throws {
        let project = try TestProject([
            "actions/runTests.swift": """
            import Glibc
            import Testing

            @Test func runs() {
                let none: [UnsafeMutablePointer<CChar>?] = [nil]
                none.withUnsafeBufferPointer { none in
                    let list = none.baseAddress!
                    for (path, number) in [
                        ("/no/program", ENOENT), ("/tmp", EACCES), ("./text", ENOEXEC), ("./empty", ENOEXEC),
                        ("./script", ENOENT), ("./bare", ENOEXEC),
                    ] {
                        #expect(execv(path, list) == -1 && errno == number, "\\(path)")
                    }
                    let file = open("text", O_RDONLY | O_CLOEXEC)
                    #expect(fexecve(file, list, list) == -1 && errno == ENOEXEC)
                    close(file)
                }
                #expect(popen("exit 0", "r").map { pclose($0) } == 0)
            }
            """,
            "text": "echo no program\n", "empty": "", "script": "#! /no/interpreter -x\n", "bare": "#!\n",
        ])
        try await project.makeExecutable("text", "empty", "script", "bare")
        let tested = try await project.hero("test")
        #expect(tested.code == 0, "\(text(tested))")
    }

    @Test("exit(0) in an initializer is a failed run, too")
    func initializerExits() async throws {
        let project = try TestProject([
            "initializers/gone.swift": "import ActionHero\nimport Glibc\n\nstruct Gone: Initializer {\n"
                + "    func start(_ application: Application) async throws { exit(0) }\n}\n",
            "actions/someTests.swift": Self.file("@Test func some() {}"),
        ])
        let tested = try await project.hero("test")
        #expect(tested.code == 1)
        #expect(tested.error.contains("exit() was called while no test ran"), "\(text(tested))")
    }

    @Test("a source whose name makes tests of it is pointed out, by hero build as well")
    func misnamed() async throws {
        let project = try TestProject([
            "actions/runTests.swift": BuildCommandTests.action("RunTests"),
            "actions/some.swift": BuildCommandTests.action("Some"),
        ])
        let built = try await project.hero("build")
        #expect(built.code == 0)
        #expect(
            built.error == """
                note: actions/runTests.swift is taken for tests because its name ends in Tests.swift, so no bundle is \
                made of it, but it does not import Testing; rename it if it is a source

                """)
        let refused = try await project.hero("generate", "action", "loadTests")
        #expect(refused.code == 1)
        #expect(
            refused.error
                == "Error: 'loadTests' cannot be the name of an action: its file loadTests.swift would be taken for tests\n"
        )
    }
}
