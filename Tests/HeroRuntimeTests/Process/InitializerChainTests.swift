// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroRuntime
import HeroTestSupport
import Testing

/// Notes its steps, and fails where the configuration says so.
private protocol Noting: Initializer {}

extension Noting {
    private func note(_ step: String, _ application: Application) throws {
        let journal: Journal = try application.services.require()
        journal.add("\(step) \(Self.name)")
        if application.config["probe.fail"] == .string("\(step) \(Self.name)") {
            throw ActionError("\(Self.name) broke")
        }
    }

    func initialize(_ application: Application) async throws { try note("load", application) }
    func start(_ application: Application) async throws { try note("start", application) }
    func stop(_ application: Application) async throws { try note("stop", application) }
}

@Suite("initializers of a process")
struct InitializerChainTests {
    private struct Database: Noting {}

    private struct Users: Noting {
        static let after = ["database"]
        static let loadPriority = 1
        static let startPriority = 1
        static let stopPriority = 2000
    }

    private struct Early: Noting {
        static let loadPriority = 10
        static let startPriority = 2000
        static let stopPriority = 1
    }

    private func process(failAt step: String = "") throws -> InMemoryProcess {
        try InMemoryProcess(
            [.initializer(Users.self), .initializer(Database.self), .initializer(Early.self)],
            overrides: ["probe": ["fail": .string(step)]])
    }

    @Test("each step follows its own priorities and the names that come first")
    func steps() async throws {
        let process = try process()
        try await process.process.initialize()
        try await process.process.startInitializers()
        await process.process.stopInitializers()
        #expect(
            process.journal.all == [
                "load early", "load database", "load users", "start database", "start users", "start early",
                "stop early", "stop users", "stop database",
            ])
    }

    @Test("the first that fails to load or start ends the boot, and is named with its step")
    func failures() async throws {
        let loading = try process(failAt: "load database")
        await #expect {
            try await loading.process.initialize()
        } throws: {
            "\($0)" == "Error from Initializer name=database type=initialize: database broke"
        }
        #expect(loading.journal.all == ["load early", "load database"])
        let starting = try process(failAt: "start users")
        try await starting.process.initialize()
        await #expect {
            try await starting.process.startInitializers()
        } throws: {
            ($0 as? InitializerFailure)?.initializer == "users" && ($0 as? InitializerFailure)?.step == "start"
        }
        #expect(!starting.journal.all.contains("start early"))
    }

    @Test("one that fails to stop is logged and keeps no other from stopping")
    func stopping() async throws {
        let process = try process(failAt: "stop early")
        try await process.process.initialize()
        try await process.process.startInitializers()
        await process.process.stopInitializers()
        #expect(process.journal.all.suffix(3) == ["stop early", "stop users", "stop database"])
        let errors = try process.log().filter { $0["level"] == "error" }.map { $0["message"] }
        #expect(errors == ["Error from Initializer name=early type=stop: early broke"])
    }

    @Test("every step is announced at debug level")
    func announcements() async throws {
        let process = try InMemoryProcess([.initializer(Database.self)])
        try await process.process.initialize()
        try await process.process.startInitializers()
        await process.process.stopInitializers()
        let lines = try process.log().filter { $0["level"] == "debug" }.compactMap { $0["message"]?.stringValue }
            .filter { $0.hasSuffix("database") }
        #expect(
            lines
                == ["Loading", "Loaded", "Starting", "Started", "Stopping", "Stopped"].map {
                    "\($0) initializer: database"
                })
    }

    @Test("names that do not exist, exist twice or wait for each other stop the boot")
    func faults() {
        struct Lost: Initializer { static let after = ["databse"] }
        struct Left: Initializer { static let after = ["right"] }
        struct Right: Initializer { static let after = ["left"] }
        struct Servers: Initializer {}
        struct Zero: Initializer { static let stopPriority = 0 }
        func fault(_ types: any Initializer.Type...) -> String {
            InMemoryProcess.fault(types.map { .initializer($0) })
        }
        #expect(fault(Lost.self, Database.self).contains("wants to come after `databse`, which does not exist"))
        #expect(fault(Left.self, Right.self).contains("initializers wait for each other: left → right → left"))
        #expect(fault(Servers.self).contains("initializer servers is defined by the framework and"))
        #expect(fault(Zero.self).contains("stopPriority is a required property for the initializer `zero`"))
    }

    @Test("what an initializer provides is there for actions")
    func services() async throws {
        struct Provider: Initializer {
            func initialize(_ application: Application) async throws {
                application.services.provide("from initializer", named: "greeting")
            }
        }
        struct Speak: Action {
            func run(_ context: Context) async throws -> [String: String] {
                ["said": try context.services.require(named: "greeting")]
            }
        }
        let process = try InMemoryProcess([.initializer(Provider.self), .action(Speak.self)])
        #expect(
            await process.answer("speak").error
                == "no service of type Swift.String named greeting: provide it in an initializer")
        try await process.process.initialize()
        #expect(await process.answer("speak").response.data == ["said": "from initializer"])
    }
}

@Suite("starting and stopping a process")
struct LifecycleTests {
    @Test("the log tells of pid, environment and id; the pidfile is there while the process runs")
    func lines() async throws {
        let process = try InMemoryProcess([], environment: "staging")
        try await process.process.initialize()
        try await process.process.start()
        #expect(process.project.list("pids") == ["actionhero-test"])
        await process.process.stop()
        #expect(process.project.list("pids").isEmpty)
        let log = try process.log().filter { $0["level"] != "debug" }
        // That no section of a configuration has that name is said before anything else.
        #expect(log.first?["level"] == "warning")
        let lines = log.filter { $0["level"] != "warning" }.compactMap { $0["message"]?.stringValue }
        let pid = try #require(lines.first)
        #expect(pid.hasPrefix("pid: "))
        #expect(
            lines.dropFirst() == [
                "environment: staging", "*** Starting my_actionhero_project ***", "server ID: test",
                "*** my_actionhero_project Started ***", "stopping process...",
                "*** my_actionhero_project Stopped ***",
            ])
    }

    @Test("a configuration that asks for what this version does not have is told so at boot")
    func absentFeatures() async throws {
        func warnings(_ overrides: JSON) async throws -> [String] {
            let process = try InMemoryProcess([], overrides: overrides)
            try await process.process.start()
            await process.process.stop()
            return try process.log().filter { $0["level"] == "warning" }.compactMap { $0["message"]?.stringValue }
        }
        #expect(try await warnings([:]).isEmpty)
        #expect(
            try await warnings(["socket": ["enabled": true]]) == [
                "this version of hero has no TCP server and ignores socket.enabled"
            ])
    }
}
