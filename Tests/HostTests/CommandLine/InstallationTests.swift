// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("an installation")
struct InstallationTests {
    /// What `make install` leaves, moved to another place.
    private static let tree = Task {
        let tree = try TestProject(["moved/file": ""])
        try FileManager.default.createDirectory(atPath: tree.path("nothing"), withIntermediateDirectories: true)
        let installed = try await Program.run(
            "make", ["install-tree", "STAGE=\(Stage.root)", "PREFIX=\(tree.path("first"))"],
            directory: Stage.repository)
        try #require(installed.code == 0, "\(installed.error)")
        try FileManager.default.moveItem(atPath: tree.path("first"), toPath: tree.path("moved/hero"))
        return tree
    }

    private static let project = Task {
        let project = try TestProject(["actions/hello.swift": Sources.hello])
        try await project.build()
        return project
    }

    /// A machine without a Swift toolchain, or without another directory, as far as the sandbox allows.
    private struct Machine {
        let toolchain: String
        private let hidesToolchain: Bool
        /// What a program is started with; empty when this user may not mount anything.
        let prefix: [String]

        /// - Parameters:
        ///   - empty: What stands in its place.
        ///   - directory: Another directory than the toolchain's.
        /// - Throws: An error when there is no toolchain.
        init(empty: String, hiding directory: String? = nil) async throws {
            let found = try await Program.run("sh", ["-c", "readlink -f $(command -v swiftc)"], directory: "/")
            let compiler = found.output.trimmingCharacters(in: .whitespacesAndNewlines)
            toolchain = String(compiler.prefix(upTo: try #require(compiler.range(of: "/bin/")).lowerBound))
            hidesToolchain = directory == nil
            let hidden = directory ?? toolchain
            let hide = "mount --bind \(empty) \(hidden) && exec \"$@\""
            for flags in ["-m", "-rm"] {
                let prefix = ["unshare", flags, "sh", "-c", hide, "sh"]
                let probe = try await Program.run("env", prefix + ["ls", hidden], directory: "/")
                guard probe.code == 0, probe.output.isEmpty else { continue }
                self.prefix = prefix
                return
            }
            prefix = []
        }

        /// Without the right to mount, PATH leads to no compiler and ``RunningHero/maps`` still tells what is used.
        var environment: [String: String] {
            prefix.isEmpty && hidesToolchain ? ["PATH": "/nowhere"] : [:]
        }

        func run(_ executable: String, _ arguments: [String], in directory: String) async throws -> Finished {
            try await Program.run(
                "/usr/bin/env", prefix + [executable] + arguments, directory: directory, environment: environment)
        }
    }

    @Test("it starts where there is no toolchain, from wherever it was moved to, and serves bundles built elsewhere")
    func startsWithoutToolchain() async throws {
        let (tree, project) = try await (Self.tree.value, Self.project.value)
        let machine = try await Machine(empty: tree.path("nothing"))
        let hero = tree.path("moved/hero/bin/hero")
        let running = try RunningHero(
            machine.prefix + [hero, "start"], executable: "/usr/bin/env", directory: project.root,
            environment: machine.environment.merging(["PORT": "0"]) { $1 })
        try await running.waitUntilServing()
        #expect(try await running.request("/api/hello?name=Sally").text.contains("Hi Sally"))
        // Not read by Foundation, which takes the first piece that the kernel hands out for the whole.
        let maps = try await Program.run("cat", ["/proc/\(running.identifier)/maps"], directory: "/").output
        #expect(maps.contains("/moved/hero/lib/swift/linux/libswiftCore.so"))
        #expect(!maps.contains(machine.toolchain))
        #expect(!maps.contains(Stage.root))
        #expect(try await running.stop() == 0)
    }

    @Test("without a toolchain only building is missing, and it says what is")
    func saysWhatIsMissing() async throws {
        let (tree, project) = try await (Self.tree.value, Self.project.value)
        let machine = try await Machine(empty: tree.path("nothing"))
        let hero = tree.path("moved/hero/bin/hero")
        for command in [["build"], ["test"]] {
            let directory = try TestProject([
                "actions/hello.swift": Sources.hello, "actions/helloTests.swift": "import Testing\n",
            ])
            let refused = try await machine.run(hero, command, in: directory.root)
            #expect(refused.code == 1)
            #expect(refused.error.contains("needs the Swift compiler (swiftc 6."))
            #expect(
                refused.error.contains("or build the bundles on a machine that has it and copy the .so files here."))
        }
        #expect(try await machine.run(hero, ["action", "hello", "--name=Sally"], in: project.root).code == 0)
        #expect(
            try await machine.run(hero, ["bundle", "check"], in: project.root).output == "actions/hello.so: fits\n")
        let empty = try TestProject()
        #expect(try await machine.run(hero, ["generate"], in: empty.root).code == 0)
    }

    @Test("where there is a toolchain, it builds with its own SDK")
    func builds() async throws {
        let tree = try await Self.tree.value
        let project = try TestProject(["actions/hello.swift": Sources.hello])
        let hero = tree.path("moved/hero/bin/hero")
        #expect(try await Program.run(hero, ["build"], directory: project.root).code == 0)
        let ran = try await Program.run(hero, ["action", "hello", "--name=Sally"], directory: project.root)
        #expect(ran.output == "{\n  \"greeting\": \"Hi Sally\"\n}\n")
    }

    @Test("it runs a project's tests, which need libraries that only the toolchain has, without what it was built in")
    func runsTests() async throws {
        let tree = try await Self.tree.value
        let machine = try await Machine(empty: tree.path("nothing"), hiding: Stage.repository)
        let project = try TestProject([
            "actions/hello.swift": Sources.hello,
            "actions/helloTests.swift": """
            import ActionHero
            import Foundation
            import Testing

            @Suite("hello")
            struct HelloTests {
                @Test("it greets")
                func greets() async throws {
                    let response = await SpecHelper.runAction("hello", params: ["name": "Sally"])
                    #expect(response["greeting"] == "Hi Sally")
                }

                @Test("it fails", .enabled(if: ProcessInfo.processInfo.environment["FAIL"] != nil))
                func fails() { #expect(Bool(false)) }
            }
            """,
        ])
        let hero = tree.path("moved/hero/bin/hero")
        let tested = try await machine.run(hero, ["test"], in: project.root)
        #expect(tested.code == 0, "\(tested.error)\(tested.output)")
        #expect((tested.error + tested.output).contains("it greets"))
        let failed = try await Program.run(hero, ["test"], directory: project.root, environment: ["FAIL": "1"])
        #expect(failed.code == 1)
    }

    @Test("no link leads out of the tree, and nothing of it is a link")
    func hasNoLinks() async throws {
        let tree = try await Self.tree.value
        let root = tree.path("moved/hero")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root)
        #expect(paths.count > 20)
        for path in paths {
            let kind = try FileManager.default.attributesOfItem(atPath: "\(root)/\(path)")[.type]
            #expect(kind as? FileAttributeType != .typeSymbolicLink, "\(path)")
        }
    }

    @Test("a worker that crashes where there is no toolchain leaves a backtrace with names, files and lines")
    func writesBacktrace() async throws {
        let tree = try await Self.tree.value
        let project = try TestProject([
            "actions/crash.swift": """
            import ActionHero

            struct Crash: Action {
                func run(_ context: Context) async throws -> [String: Int] { ["element": lookUp([1, 2, 3], at: 7)] }
            }

            @inline(never)
            private func lookUp(_ list: [Int], at position: Int) -> Int { list[position] }
            """
        ])
        try await project.build()
        let machine = try await Machine(empty: tree.path("nothing"))
        let socket = try ActivatedSocket()
        // Its own number is the master's: what hides the toolchain is replaced by the master, too.
        let script = "LISTEN_PID=$$; export LISTEN_PID; exec \"$@\""
        let command = [tree.path("moved/hero/bin/hero"), "start", "cluster", "--workers=1"]
        let running = try RunningHero(
            machine.prefix + ["/bin/sh", "-c", script, "sh"] + command, executable: "/usr/bin/env",
            directory: project.root,
            environment: machine.environment.merging(["PORT": "\(socket.port)", "LISTEN_FDS": "1"]) { $1 },
            inherited: [socket.descriptor])
        try await running.line(containing: "cluster equilibrium state reached with 1 workers")
        let client = try HTTPConnection(port: socket.port)
        try await client.send("GET /api/crash HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try await client.readToEnd().isEmpty)
        let message = try await running.line(containing: "uncaught exception => ")
        #expect(message.contains("Program crashed"))
        try await running.line(containing: "actions in flight: crash@")
        let backtrace = running.lines.filter { $0.contains(" - alert: ") }
        #expect(backtrace.contains { $0.contains("lookUp") && $0.contains("crash.swift:8") })
        try await running.line(containing: "equilibrium", after: running.lines.firstIndex(of: message) ?? 0)
        #expect(try await running.stop() == 0)
    }

    @Test("the tree has nothing but its parts")
    func hasLayout() async throws {
        let tree = try await Self.tree.value
        #expect(tree.list("moved/hero") == ["bin", "lib", "libexec", "share"])
        #expect(tree.list("moved/hero/libexec/swift/linux") == ["swift-backtrace"])
        #expect(tree.list("moved/hero/bin") == ["hero"])
        #expect(tree.list("moved/hero/lib") == ["hero", "swift"])
        #expect(tree.list("moved/hero/lib/hero/sdk").contains("hero_bundle.h"))
        #expect(tree.list("moved/hero/share/hero/templates").contains("project"))
        #expect(!tree.list("moved/hero/lib/swift/linux").contains("libFoundation.so"))
    }
}
