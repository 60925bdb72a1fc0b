// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("hero generate")
struct GenerateTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let reason: String
        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let refusals = [
        Refusal(
            arguments: ["action", "--name", "1st"],
            reason: "'1st' cannot be the name of an action: it must begin with a letter (A–Z, a–z)"),
        Refusal(
            arguments: ["action", "--name", "../../evil"],
            reason: "'../../evil' cannot be the name of an action: it must begin with a letter (A–Z, a–z)"),
        Refusal(
            arguments: ["action", "--name", "users/show"],
            reason:
                "'users/show' cannot be the name of an action: '/' is not allowed; use letters (A–Z, a–z), digits and '-' '_' ':'"
        ),
        Refusal(
            arguments: ["action", "--name", "grüßen"],
            reason:
                "'grüßen' cannot be the name of an action: 'ü' is not allowed; use letters (A–Z, a–z), digits and '-' '_' ':'"
        ),
        Refusal(
            arguments: ["action", "ünï"],
            reason: "'ünï' cannot be the name of an action: it must begin with a letter (A–Z, a–z)"),
        Refusal(
            arguments: ["action", "--name", "quit"],
            reason: "'quit' cannot be the name of an action: it is a reserved verb for connections"),
        Refusal(
            arguments: ["initializer", "--name", "string"],
            reason: "'string' cannot be the name of an initializer: String is a type of the SDK or of Swift"),
        Refusal(
            arguments: ["action", "encodable"],
            reason: "'encodable' cannot be the name of an action: Encodable is a type of the SDK or of Swift"),
        Refusal(
            arguments: ["middleware", "--name", "two words"],
            reason:
                "'two words' cannot be the name of a middleware: ' ' is not allowed; use letters (A–Z, a–z), digits and '-' '_' ':'"
        ),
        Refusal(
            arguments: ["command", "--name", "start"],
            reason: "'start' cannot be the name of a command: hero has a command start of its own"),
        Refusal(
            arguments: ["command", "--name", "help me"],
            reason: "'help me' cannot be the name of a command: hero has a command help of its own"),
    ]

    @Test("a name that cannot be used is refused with the reason, and nothing is written", arguments: refusals)
    func refusesNames(_ refusal: Refusal) async throws {
        let project = try TestProject(["config/api.yml": "default: {}\n"])
        let refused = try await Program.run(
            Stage.hero, ["generate"] + refusal.arguments, directory: project.root,
            environment: ["PROJECT_ROOT": project.root])
        #expect(refused.code == 1)
        #expect(refused.output == "")
        #expect(refused.error == "Error: \(refusal.reason)\n")
        #expect(project.list("") == ["config"])
    }

    @Test(
        "a file that exists is never overwritten, be it the source or its test",
        arguments: ["actions/greet.swift", "actions/greetTests.swift"])
    func keepsFiles(_ path: String) async throws {
        let project = try TestProject([path: "mine"])
        let refused = try await project.hero("generate", "action", "--name=greet")
        #expect(refused.code == 1)
        #expect(refused.error == "Error: \(path) exists already; choose another name, or replace it with --force\n")
        #expect(try project.read(path) == "mine")
        #expect(project.list("actions").count == 1)
    }

    @Test("--force replaces a file and its test, and a link by a file")
    func replacesFiles() async throws {
        let project = try TestProject(["actions/greet.swift": "mine", "elsewhere.swift": "kept"])
        try FileManager.default.createSymbolicLink(
            atPath: project.path("actions/greetTests.swift"), withDestinationPath: project.path("elsewhere.swift"))
        let refused = try await project.hero("generate", "action", "greet")
        #expect(refused.code == 1)
        let done = try await project.hero("generate", "action", "greet", "--force")
        #expect(done.output == "replaced file 'actions/greet.swift'\nreplaced file 'actions/greetTests.swift'\n")
        #expect(try project.read("actions/greet.swift").contains("struct Greet: Action"))
        #expect(try project.read("elsewhere.swift") == "kept")
    }

    @Test("--dry-run says what would be written, and writes nothing")
    func canOnlySay() async throws {
        let project = try TestProject(["config/api.yml": "default: {}\n"])
        let file = try await project.hero("generate", "action", "greet", "--dry-run")
        #expect(
            file.output == "would write file 'actions/greet.swift'\nwould write file 'actions/greetTests.swift'\n")
        let new = try await project.hero("new", "shop", "--dry-run")
        #expect(new.code == 0)
        #expect(new.output.contains("would write file 'config/api.yml'\n"))
        #expect(new.output.contains("would create directory 'log'\n"))
        #expect(project.list("") == ["config"])
        let empty = try TestProject()
        #expect(try await Program.run(Stage.hero, ["generate", "--dry-run"], directory: empty.root).code == 0)
        #expect(empty.list("") == [])
    }

    @Test("a name goes without a flag, and there is exactly one")
    func takesName() async throws {
        let project = try TestProject(["config/api.yml": "default: {}\n"])
        #expect(try await project.hero("generate", "middleware", "auth").code == 0)
        #expect(project.exists("middleware/auth.swift"))
        let none = try await project.hero("generate", "action")
        #expect(none.code == 64)
        #expect(none.error.contains("a name is missing"))
        let two = try await project.hero("generate", "action", "one", "--name=two")
        #expect(two.code == 64)
        #expect(two.error.contains("one name is enough; there are one and two"))
        #expect(!project.exists("actions"))
    }

    @Test("a clone that has a license and a README gets the rest, and keeps them")
    func completesClone() async throws {
        let project = try TestProject([
            ".git/config": "", ".gitignore": "mine", "LICENSE": "mine", "README.md": "mine", "CONTRIBUTING.txt": "mine",
        ])
        let generated = try await Program.run(Stage.hero, ["generate"], directory: project.root)
        #expect(generated.code == 0, "\(generated.error)")
        for kept in [".gitignore", "LICENSE", "README.md"] { #expect(try project.read(kept) == "mine") }
        #expect(generated.output.contains("kept file 'README.md'\n"))
        #expect(generated.output.contains("kept file '.gitignore'; it should have: *.so "))
        #expect(project.exists("config/api.yml"))
        let again = try await Program.run(Stage.hero, ["generate"], directory: project.root)
        #expect(again.code == 1)
        #expect(again.error.hasPrefix("Error: this directory is not empty ("))
    }

    @Test("a project is not created among other files, unless with --force, which keeps them")
    func needsEmptyDirectory() async throws {
        let project = try TestProject(["full/mine.txt": "mine", "full/config/api.yml": "mine", "file": "mine"])
        let named = try await project.hero("new", "full")
        #expect(named.code == 1)
        #expect(
            named.error == """
                Error: the directory full is not empty (config, mine.txt); `hero new NAME` makes a directory for a \
                project, --force writes what is missing into this one

                """)
        #expect(project.list("full") == ["config", "mine.txt"])
        #expect(try await project.hero("new", "full", "--force").code == 0)
        #expect(try project.read("full/config/api.yml") == "mine")
        #expect(project.exists("full/actions/status.swift"))
        let file = try await project.hero("generate", "project", "file")
        #expect(file.error == "Error: file exists and is not a directory\n")
        let here = try await project.hero("generate")
        #expect(here.error.hasPrefix("Error: this directory is not empty (file, full); "))
        #expect(project.list("") == ["file", "full"])
        #expect(try await project.hero("generate", "shop").error.contains("`hero new shop` would make a project"))
    }

    @Test(
        "the command that enters a new project means its directory to a shell, whatever that is called",
        arguments: ["my shop", "$(touch x)", "it's", "two\nlines", "größe", "a\u{202E}b"])
    func quotesForShells(_ name: String) async throws {
        let parent = try TestProject()
        let generated = try await parent.hero("new", name)
        #expect(generated.code == 0)
        let lines = generated.output.split(separator: "\n", omittingEmptySubsequences: false)
        let place = try #require(lines.firstIndex { $0.hasPrefix("  cd ") })
        #expect(lines[place + 1] == "  hero build")
        let entered = try await Program.run(
            "bash", ["-c", "\(lines[place].drop { $0 == " " }) && test -f actions/status.swift"], directory: parent.root
        )
        #expect(entered.code == 0, "\(lines[place]): \(entered.error)")
        #expect(parent.list("") == [name])
    }

    @Test("a project generated in an empty directory builds and answers at once")
    func createsInEmptyDirectory() async throws {
        let project = try TestProject([".git/config": "version control may have been there first"])
        let generated = try await project.hero("generate")
        #expect(generated.code == 0)
        #expect(
            generated.output.contains("Next:\n  hero build\n  hero start\n  curl http://localhost:8080/api/status\n"))
        #expect(try await project.hero("build").code == 0)
        let running = try await project.start()
        #expect(try await running.request("/api/status").status == 200)
        #expect(try await running.request("/api/randomNumber").text.contains("\"randomNumber\": 0."))
        #expect(try await running.request("/").text.contains("<html"))
        #expect(try await running.stop() == 0)
    }

    @Test("a project generated in a named directory, with one file of each kind, builds, answers and passes its tests")
    func createsInNamedDirectory() async throws {
        let parent = try TestProject()
        let generated = try await Program.run(Stage.hero, ["new", "deep/my-shop"], directory: parent.root)
        try #require(generated.code == 0)
        #expect(generated.output.contains("Next:\n  cd deep/my-shop\n  hero build\n"))
        #expect(try parent.read("deep/my-shop/config/api.yml").contains("\n  serverName: my_shop\n"))
        let root = parent.path("deep/my-shop")
        for arguments in [
            ["action", "--name=billing:create-invoice", #"--description=says "hi" \(twice)"#],
            ["initializer", "--name", "database", "--load-priority", "500"], ["middleware", "-n", "auth"],
            ["task", "send-email", "--queue", "mails"], ["command", "--name=say hello"],
        ] {
            let file = try await Program.run(Stage.hero, ["generate"] + arguments, directory: root)
            #expect(file.code == 0)
            #expect(file.output.split(separator: "\n").count == 2)
        }
        #expect(parent.list("deep/my-shop/actions").contains("billingCreateInvoiceTests.swift"))
        let tested = try await Program.run(Stage.hero, ["test"], directory: root)
        #expect(tested.code == 0, "\(tested.output)\(tested.error)")
        #expect((tested.output + tested.error).contains("Test run with 7 tests in 6 suites passed"))
        let action = try await Program.run(Stage.hero, ["action", "billing:create-invoice"], directory: root)
        #expect(action.output == "{\n  \"ok\": true\n}\n")
        let command = try await Program.run(Stage.hero, ["say", "hello", "--greeting", "Hoi"], directory: root)
        #expect(command.output.hasPrefix("Hoi from "))
    }

    @Test(
        "a name that is a word or a number to YAML is a project's name all the same",
        arguments: ["null", "true", "123"]
    )
    func quotesNames(_ name: String) async throws {
        let parent = try TestProject()
        #expect(try await Program.run(Stage.hero, ["new", name], directory: parent.root).code == 0)
        #expect(try parent.read("\(name)/config/api.yml").contains("\n  serverName: \"\(name)\"\n"))
        let shown = try await Program.run(
            Stage.hero, ["config", "general.serverName"], directory: parent.path(name))
        #expect(shown.code == 0 && shown.output.contains(name), "\(shown.output)\(shown.error)")
    }

    @Test("a project without a name is refused in words, and a command that was cut short is known")
    func saysWhatIsMissing() async throws {
        let parent = try TestProject()
        let empty = try await Program.run(Stage.hero, ["new", ""], directory: parent.root)
        #expect(empty.code == 1)
        #expect(
            empty.error
                == "Error: a project needs a name, which becomes that of its directory; this one is empty\n")
        for words in [["new", " "], ["new", "\t"], ["generate", "project", "  "]] {
            let blank = try await Program.run(Stage.hero, words, directory: parent.root)
            #expect(blank.code == 1)
            #expect(
                blank.error
                    == "Error: a project needs a name, which becomes that of its directory; this one is blank\n")
        }
        #expect(parent.list("") == [])
        let cut = try await Program.run(Stage.hero, ["gen"], directory: parent.root)
        #expect(cut.error.contains("did you mean `generate`?"))
    }

    @Test("a description may have any characters, and what is generated compiles")
    func escapesDescriptions() async throws {
        let project = try TestProject(["config/api.yml": "default: {}\n"])
        for kind in ["action", "middleware"] {
            let description = "a\rb\nc\td\u{7f}\u{2028}\"\\(e)"
            #expect(try await project.hero("generate", kind, "odd", "--description", description).code == 0)
        }
        let built = try await project.hero("build")
        #expect(built.code == 0, "\(built.error)")
    }

    @Test("hero test fails when a test does, and says which")
    func testsCanFail() async throws {
        let project = try TestProject([
            "actions/one.swift": BuildCommandTests.action("One"),
            "actions/oneTests.swift": """
            import ActionHero
            import Testing

            @Test("one is two")
            func oneIsTwo() async { #expect(await SpecHelper.runAction("one") == "two") }
            """,
        ])
        let tested = try await project.hero("test")
        #expect(tested.code == 1)
        #expect((tested.output + tested.error).contains("Test \"one is two\" failed"))
        let none = try await TestProject(["config/api.yml": ""]).hero("test")
        #expect(none.code == 1)
        #expect(none.error == "Error: there are no tests: files called *Tests.swift beside what they test\n")
    }
}
