// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import Testing

@testable import HeroRuntime

@Suite("tasks of bundles")
struct TaskRecordTests {
    private struct Mail: BackgroundTask {
        static let queue = "mails"
        @Input("The address", validate: .pattern("@")) var to: String
        @Input("The subject", format: .trimmed) var subject = "Hello"
        @Input("Whom else") var others: [String]?

        func run(_ context: TaskContext) async throws -> String { "\(to): \(subject)" }
    }

    private struct Silent: BackgroundTask {
        func run(_ context: TaskContext) async throws {}
    }

    private struct Periodic: BackgroundTask {
        static let frequency = Duration.seconds(1)
        static let plugins = [ResquePlugin.queueLock(lockTimeout: .seconds(5))]
        func run(_ context: TaskContext) async throws {}
    }

    private struct Opaque: Sendable {}

    private struct ReturnsOpaque: BackgroundTask {
        func run(_ context: TaskContext) async throws -> Opaque { Opaque() }
    }

    private struct Twofold: BackgroundTask {
        static let frequency = Duration.seconds(1)
        static let cron = "@daily"
        func run(_ context: TaskContext) async throws {}
    }

    private struct Nameless: BackgroundTask {
        static let name = ""
        func run(_ context: TaskContext) async throws {}
    }

    private struct Negative: BackgroundTask {
        static let expires = Duration.seconds(-1)
        func run(_ context: TaskContext) async throws {}
    }

    private struct Lost: BackgroundTask {
        static let middleware = ["nowhere"]
        func run(_ context: TaskContext) async throws {}
    }

    private func record<T: BackgroundTask>(_ type: T.Type) throws -> TaskRecord {
        try TaskRecord(type, file: "tasks/x.so")
    }

    @Test("what is stored is what was given, as it was given, then the defaults of what was not")
    func fillsDefaults() throws {
        let mail = try record(Mail.self)
        let stored = try mail.validated(["more": 1, "to": "a@b"], missingValues: [])
        #expect(JSON.object(stored).description == #"{"more":1,"to":"a@b","subject":"Hello"}"#)
        let given = try mail.validated(["subject": "  x ", "to": "a@b"], missingValues: [])
        #expect(JSON.object(given).description == #"{"subject":"  x ","to":"a@b"}"#)
    }

    @Test(
        "inputs that a task does not take are refused with the first reason",
        arguments: [
            ([:], "to is a required input for task mail"), (["to": "nobody"], "to must match @"),
            (["to": "a@b", "others": ["x": 1]], "others "),
        ] as [(JSON.Object, String)])
    func refuses(_ inputs: JSON.Object, _ reason: String) throws {
        let error = #expect(throws: TaskError.self) {
            try record(Mail.self).validated(inputs, missingValues: [.null, ""])
        }
        #expect(error?.code == .invalidInputs)
        #expect(error?.message.hasPrefix(reason) == true, "\(error?.message ?? "")")
    }

    @Test("a task that runs by itself has the plugins that keep it from running twice, unless it has its own")
    func periodicPlugins() throws {
        #expect(
            try record(Periodic.self).plugins == [
                .queueLock(lockTimeout: .seconds(5)), .jobLock(reEnqueue: false), .delayQueueLock,
            ])
        #expect(try record(Silent.self).plugins.isEmpty)
    }

    @Test("a task that cannot be used keeps the process from booting, and says why")
    func faults() {
        #expect(
            InMemoryProcess.fault([.backgroundTask(ReturnsOpaque.self)])
                .contains("run(_:) returns Opaque, which is not Encodable; return something that is, or nothing"))
        #expect(
            InMemoryProcess.fault([.backgroundTask(Twofold.self)])
                .contains("task `twofold`: it has a frequency and a cron; one has to go"))
        #expect(InMemoryProcess.fault([.backgroundTask(Nameless.self)]).contains("name is required for this task"))
        #expect(InMemoryProcess.fault([.backgroundTask(Negative.self)]).contains("its expires is negative"))
        #expect(
            InMemoryProcess.fault([.backgroundTask(Lost.self)])
                .contains("task `lost`: it asks for the middleware `nowhere`, which does not exist"))
        let twice = InMemoryProcess.fault([.backgroundTask(Silent.self), .backgroundTask(Silent.self)])
        #expect(twice.contains("task silent is defined by actions/0.so and actions/1.so"))
    }

    @Test("a process knows its tasks, and says so in its log")
    func registers() throws {
        let process = try InMemoryProcess([.backgroundTask(Silent.self), .backgroundTask(Periodic.self)])
        let registry = process.process.tasks.registry
        #expect(registry.all.map(\.name) == ["continueChain", "periodic", "runAction", "silent"])
        #expect(registry.periodic.map(\.name) == ["periodic"])
        #expect(registry.find("silent")?.file == "actions/0.so" && registry.find("x") == nil)
        #expect(throws: TaskError.self) { try registry.require("x") }
        #expect(try process.logText().contains("task loaded: silent, actions/0.so"))
    }
}
