// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("a bundle may bring what the host has too")
struct BundleNamesTests {
    @Test("a plugin with a SwiftNIO of its own, linked statically, runs its own event loops inside the host")
    func ownSwiftNIO() async throws {
        let project = try TestProject(["actions/hello.swift": Sources.hello])
        try await project.build()
        let printed = try await PluginPackage.build(into: project)
        #expect(printed.contains("  name:      acme/shout 1.2.0 (swift)\n") && printed.contains("  module:    Shout\n"))
        #expect(try await project.hero("bundle", "check").output.contains("actions/shout.so: fits"))
        let hero = try await project.start()
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let response = try await hero.request(
                        "/api/\(number % 2 == 0 ? "shout?text" : "hello?name")=ada\(number)")
                    return response.text
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for number in 0..<20 {
            let expected = number % 2 == 0 ? "ADA\(number)" : "Hi ada\(number)"
            #expect(answers.contains { $0.contains("\"\(expected)\"") }, "\(expected)")
        }
        #expect(try await hero.stop() == 0)
    }

    @Test("types that are called like types of the host")
    func hostNames() async throws {
        let project = try TestProject([
            "actions/names.swift": """
            import ActionHero

            struct ActionProcessor: Action {
                func run(_ context: Context) async throws -> [String: String] {
                    ["mine": WebServer().text, "type": String(reflecting: ActionProcessor.self)]
                }
            }
            struct WebServer { var (first, second) = (1, 2); var text: String { "\\(first + second)" } }
            struct HeroProcess: Action {
                func run(_ context: Context) async throws -> [HeroRuntime.ActionRegistry] { [.init(names: ["x"])] }
            }
            enum HeroRuntime { struct ActionRegistry: Encodable, Sendable { var names: [String] } }
            """
        ])
        try await project.build()
        let hero = try await project.start()
        let response = try await hero.request("/api/actionProcessor").text
        #expect(response.contains(#""mine": "3""#) || response.contains(#""mine":"3""#))
        #expect(response.contains("actions_names.ActionProcessor"))
        #expect(try await hero.request("/api/heroProcess").text.contains("names"))
        #expect(try await hero.stop() == 0)
    }

    @Test("a module that is called like a module of the host, with types that are called like its types")
    func hostModule() async throws {
        let project = try TestProject([
            "HeroRuntime.swift": """
            import ActionHero

            public struct ActionProcessor: Action {
                public init() {}
                public func run(_ context: Context) async throws -> [String: [Int]] {
                    ["numbers": ActionRegistry(numbers: [1, 2]).numbers + Box(value: ActionRegistry(numbers: [3])).value.numbers]
                }
            }
            public struct ActionRegistry: Sendable { var numbers: [Int] }
            public struct Box<Value> { var value: Value }
            """
        ])
        try project.write("", to: "actions/none")
        let compiled = try await Program.run(
            "swiftc",
            [
                "-emit-library", "-parse-as-library", "-swift-version", "6", "-O", "-module-name", "HeroRuntime",
                "-I", "\(Stage.root)/lib/hero/sdk", "HeroRuntime.swift", "-o", "actions/core.so",
            ], directory: project.root)
        #expect(compiled.code == 0, "\(compiled.error)")
        #expect(try await project.hero("bundle", "stamp", "--module", "HeroRuntime", "actions/core.so").code == 0)
        let hero = try await project.start()
        let text = try await hero.request("/api/actionProcessor").text.filter { !$0.isWhitespace }
        #expect(text.contains(#""numbers":[1,2,3]"#))
        #expect(try await hero.stop() == 0)
    }

    @Test("two bundles with types, functions and globals of one name, each with its own meaning")
    func sameNames() async throws {
        func source(_ name: String, _ helper: String) -> String {
            """
            import ActionHero

            struct \(name): Action {
                struct Output: Encodable { let helper: String }
                func run(_ context: Context) async throws -> Output { Output(helper: describe(Helper())) }
            }
            \(helper)
            extension Context { var tenant: String { "\(name)" } }
            let prefix = "\(name):"
            """
        }
        let project = try TestProject([
            "actions/one.swift": source(
                "One",
                "struct Helper { var a = 1 }\nfunc describe(_ helper: Helper) -> String { prefix + \"\\(helper.a)\" }"),
            "actions/two.swift": source(
                "Two",
                "class Helper { let b = [\"x\", \"y\"] }\n"
                    + "func describe(_ helper: Helper) -> String { prefix + helper.b.joined() }"),
        ])
        try await project.build()
        let hero = try await project.start()
        #expect(try await hero.request("/api/one").text.contains("One:1"))
        #expect(try await hero.request("/api/two").text.contains("Two:xy"))
        #expect(try await hero.stop() == 0)
    }
}
