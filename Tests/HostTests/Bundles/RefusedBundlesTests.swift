// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a refused bundle stops the boot with everything that is wrong")
struct RefusedBundlesTests {
    private static func action(_ name: String, _ more: String = "") -> String {
        """
        import ActionHero

        struct \(name): Action {
            \(more)
            func run(_ context: Context) async throws -> [String: Int] { [:] }
        }
        """
    }

    @Test("one start shows all problems of all bundles, ends with 78, and hero bundle check says the same")
    func together() async throws {
        let project = try TestProject([
            "actions/a.swift": Self.action("A"), "actions/b.swift": Self.action("B"),
            "actions/sub/c.swift": Self.action("C"), "middleware/m.so": "import ActionHero\n",
        ])
        try await project.build()
        let a = try project.bytes("actions/a.so")
        try project.write(a.prefix(a.count - 100), to: "actions/a.so")
        var b = try project.bytes("actions/b.so")
        let version = try #require(b.range(of: Data("(swift-6".utf8), options: .backwards))
        b.replaceSubrange(version, with: Data("(swift-5".utf8))
        try project.write(b, to: "actions/b.so")
        let expected = [
            "HB101 middleware/m.so is a text file, not a shared library",
            "HB102 actions/a.so is cut short: \(a.count - 100) of \(a.count) bytes",
            "HB106 actions/b.so: built with Swift",
        ]
        let started = try project.launch()
        #expect(try await started.exitCode() == 78)
        let text = started.lines.joined(separator: "\n")
        #expect(text.contains("the bundles were refused, nothing of them was run (3 problems):"))
        for line in expected { #expect(text.contains(line)) }
        #expect(!text.contains("Starting server"))
        let checked = try await project.hero("bundle", "check")
        #expect(checked.code == 1 && checked.output.contains("actions/sub/c.so: fits"))
        for line in expected { #expect(checked.output.contains(line)) }
        let json = try JSONDecoder().decode(
            [[String: String]].self, from: Data(try await project.hero("bundle", "check", "--json").output.utf8))
        #expect(json.map { $0["code"] } == ["HB101", "HB102", "HB106"])
        #expect(json.map { $0["file"] } == ["middleware/m.so", "actions/a.so", "actions/b.so"])
        #expect(json.allSatisfy { $0["remedy"]?.isEmpty == false && $0["message"]?.isEmpty == false })
    }

    @Test("constructors of a refused bundle do not run, nor those of the good one beside it")
    func constructors() async throws {
        let project = try TestProject(["actions/a.swift": Self.action("A")])
        for name in ["good", "bad"] {
            let source = CBundle.constructor(project.path("\(name).ran")) + CBundle.action(name)
            try await CBundle.compile(source, to: "actions/\(name).so", in: project)
        }
        try await project.build()
        try await CBundle.stamp("actions/good.so", in: project)
        #expect(try await project.launch().exitCode() == 78)
        for arguments in [["bundle", "check"], ["bundle", "inspect", "actions/good.so"], ["actions", "list"]] {
            _ = try await Program.run(Stage.hero, arguments, directory: project.root)
        }
        #expect(!project.exists("good.ran") && !project.exists("bad.ran"))
        try await CBundle.stamp("actions/bad.so", in: project)
        #expect(try await project.hero("actions", "list").code == 0)
        #expect(project.exists("good.ran") && project.exists("bad.ran"))
    }

    @Test("hero bundle check knows the application library as start does, for the project and for single files")
    func applicationLibrary() async throws {
        let project = try TestProject(["lib/none": "", "actions/none": ""])
        try await CBundle.compile(
            "int models(void); int models(void) { return 42; }", to: "lib/libModels.so", in: project,
            "-Wl,-soname,libModels.so")
        try await CBundle.compile(
            "int models(void);\n" + CBundle.action("answer", "models()"), to: "actions/answer.so", in: project,
            "-Llib", "-lModels")
        try await CBundle.stamp("actions/answer.so", in: project)
        let all = try await project.hero("bundle", "check")
        #expect(all.code == 0 && all.output == "lib/libModels.so: fits\nactions/answer.so: fits\n")
        let one = try await project.hero("bundle", "check", "actions/answer.so")
        #expect(one.code == 0 && one.output == "actions/answer.so: fits\n")
        #expect(try await project.hero("action", "answer").output.contains("42"))
        try project.remove("lib/libModels.so")
        #expect(
            try await project.hero("bundle", "check").output.hasPrefix("HB110 actions/answer.so needs libModels.so"))
    }

    @Test("HB108: a bundle that was built for a newer SDK names what this host lacks")
    func newerSDK() async throws {
        let project = try TestProject(["newer.swift": Self.action("Newer", "static let description = \"\"")])
        let interface = "\(Stage.root)/lib/hero/sdk/ActionHero.swiftinterface"
        let context = "public struct Context : Swift.Sendable {\n"
        let text = try String(contentsOfFile: interface, encoding: .utf8)
        try project.write(
            text.replacingOccurrences(
                of: context, with: context + "  public var tenant: Swift.String {\n    get\n  }\n"),
            to: "newer/ActionHero.swiftinterface")
        let source = try project.read("newer.swift").replacingOccurrences(of: "[:] }", with: "[context.tenant: 1] }")
        try project.write(source, to: "newer.swift")
        try project.write("", to: "actions/none")
        let compiled = try await Program.run(
            "swiftc",
            [
                "-emit-library", "-parse-as-library", "-swift-version", "6", "-module-name", "newer", "-I", "newer",
                "-module-cache-path", "modules", "newer.swift", "-o", "actions/newer.so",
            ], directory: project.root)
        #expect(compiled.code == 0, "\(compiled.error)")
        #expect(try await project.hero("bundle", "stamp", "--module", "newer", "actions/newer.so").code == 0)
        let checked = try await project.hero("bundle", "check")
        #expect(checked.code == 1 && checked.output.hasPrefix("HB108 actions/newer.so needs ActionHero.Context.tenant"))
        #expect(checked.output.contains(", which hero ") && checked.output.contains("does not have; built for SDK"))
    }

    @Test("HB302: a bundle without any type of the SDK, with the types that it does have")
    func nothing() async throws {
        let project = try TestProject(["actions/a.swift": "struct Foo {}\nclass Bar {}\n"])
        try await project.build()
        let hero = try project.launch()
        #expect(try await hero.exitCode() == 78)
        let text = hero.lines.joined(separator: "\n")
        #expect(text.contains("HB302 actions/a.so defines no Action (types seen: Bar, Foo) – is the conformance there"))
        #expect(!text.contains("nothing of them was run"))
    }

    @Test("HB115: a directory whose kind this host does not have is refused by the build, the check and the start")
    func future() async throws {
        let project = try TestProject(["actions/a.swift": Self.action("A")])
        try await project.build()
        try project.write("struct Mail {}\n", to: "servers/mail.swift")
        let built = try await project.hero("build")
        #expect(built.code == 1)
        #expect(built.error.contains("servers/mail.swift lies in servers/, and hero "))
        #expect(built.error.contains("has no servers yet\nNothing was built"))
        let one = try await project.hero("build", "actions")
        #expect(one.code == 0, "\(one.error)")
        let source = try await project.hero("bundle", "check")
        #expect(source.code == 1 && source.output.contains("HB115 servers/mail.swift lies in servers/, and hero "))
        let refused = try project.launch()
        #expect(try await refused.exitCode() == 78)
        #expect(refused.lines.joined(separator: "\n").contains("HB115 servers/mail.swift"))
        try project.remove("servers/mail.swift")
        try project.copy(project.path("actions/a.so"), to: "servers/a.so")
        let checked = try await project.hero("bundle", "check")
        #expect(checked.code == 1 && checked.output.contains("HB115 servers/a.so lies in servers/, and hero "))
        #expect(checked.output.contains("has no servers yet – move it to the directory of what it defines"))
        let hero = try project.launch()
        #expect(try await hero.exitCode() == 78)
        let text = hero.lines.joined(separator: "\n")
        #expect(text.contains("the bundles were refused, nothing of them was run (1 problem):\n"))
        #expect(text.contains("HB115 servers/a.so"))
    }

    @Test("a misspelt directory is warned of by the build, the check, a start and a cluster, once each")
    func misspelt() async throws {
        let project = try TestProject(["actions/a.swift": Self.action("A"), "action/b.swift": Self.action("B")])
        let warning =
            "action/ means nothing to hero, and what lies in it, such as action/b.swift, is passed over – "
            + "did you mean actions/?"
        let built = try await project.hero("build")
        #expect(built.code == 0)
        #expect(built.error.components(separatedBy: "warning: \(warning)").count == 2, "\(built.error)")
        let checked = try await project.hero("bundle", "check")
        #expect(checked.code == 0)
        #expect(checked.error.components(separatedBy: "warning: \(warning)").count == 2, "\(checked.error)")
        let hero = try await project.start()
        #expect(hero.lines.count { $0.contains(warning) } == 1)
        #expect(try await hero.stop() == 0)
        let cluster = try await RunningCluster.start(workers: 2, project: project)
        #expect(cluster.master.lines.count { $0.contains(warning) } == 1)
        #expect(try await cluster.stop() == 0)
        let lost = try TestProject(["action/b.swift": Self.action("B")])
        let refused = try await lost.hero("build")
        #expect(refused.code == 1 && refused.error.contains(warning), "\(refused.error)")
    }

    @Test("HB303: one action, one middleware, one command in two bundles, all at once and with both files")
    func duplicates() async throws {
        let middleware = "import ActionHero\nstruct Around: ActionMiddleware {}\n"
        let command =
            "import ActionHero\nstruct Say: Command { func run(_ application: Application) async throws {} }\n"
        let project = try TestProject([
            "actions/a.swift": Self.action("Invoice"), "actions/b.swift": Self.action("Invoice"),
            "actions/c.swift": Self.action("Invoice", "static let version = 2"), "middleware/x.swift": middleware,
            "actions/twice.swift": Self.action("One", #"static let name = "twice""#)
                + Self.action("Two", #"static let name = "twice""#).replacing("import ActionHero", with: ""),
            "middleware/y.swift": middleware, "commands/x.swift": command, "commands/y.swift": command,
        ])
        try await project.build()
        let hero = try project.launch()
        #expect(try await hero.exitCode() == 78)
        let text = hero.lines.joined(separator: "\n")
        #expect(text.contains("(4 problems)"))
        for line in [
            "HB303 action invoice v1 is defined by actions/a.so and actions/b.so – remove or rename one",
            "HB303 action twice v1 is defined twice by actions/twice.so – remove or rename one",
            "HB303 middleware around is defined by middleware/x.so and middleware/y.so",
            "HB303 command say is defined by commands/x.so and commands/y.so",
        ] {
            #expect(text.contains(line), "\(text)")
        }
    }

    @Test("HB306: an action that names middleware which is not there, or takes a reserved name")
    func definitions() async throws {
        let project = try TestProject([
            "actions/a.swift": Self.action("A", "static let middleware = [\"nobody\"]"),
            "actions/b.swift": Self.action("Quit"),
        ])
        try await project.build()
        let hero = try project.launch()
        #expect(try await hero.exitCode() == 78)
        let text = hero.lines.joined(separator: "\n")
        #expect(text.contains("(2 problems)") && text.contains("HB306 actions/a.so") && text.contains("nobody"))
        #expect(text.contains("HB306 actions/b.so: action `quit` is a reserved verb for connections"))
    }
}
