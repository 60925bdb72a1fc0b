// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import Testing

@testable import HeroRuntime

@Suite("the actions of a process")
struct ActionRegistryTests {
    private struct Two: Action {
        static let name = "act"
        static let version = 2
        func run(_ context: Context) async throws -> Int { 2 }
    }

    private struct Ten: Action {
        static let name = "act"
        static let version = "10"
        func run(_ context: Context) async throws -> Int { 10 }
    }

    private struct Half: Action {
        static let name = "act"
        static let version = "2.5"
        func run(_ context: Context) async throws -> Int { 3 }
    }

    private func registry(_ records: ActionRecord...) -> ActionRegistry {
        var registry = ActionRegistry()
        for record in records { registry.add(record) }
        return registry
    }

    @Test("versions are ordered as numbers, and words come after all numbers")
    func order() throws {
        #expect(ActionRegistry.isOlder("2", than: "10"))
        #expect(ActionRegistry.isOlder("2.5", than: "3"))
        #expect(ActionRegistry.isOlder("10", than: "beta"))
        // Of any two versions one is the later one.
        for (older, newer) in [("1.1", "1.10"), ("1.9", "1.10"), ("1", "1.0"), ("01", "1"), ("1.2.3", "1.2.10")] {
            #expect(ActionRegistry.isOlder(older, than: newer) && !ActionRegistry.isOlder(newer, than: older))
        }
        #expect(ActionRegistry.isOlder("alpha", than: "beta"))
        #expect(!ActionRegistry.isOlder("beta", than: "1"))
        let actions = try registry(
            ActionRecord(Ten.self, file: "a.so"), ActionRecord(Two.self, file: "b.so"),
            ActionRecord(Half.self, file: "c.so"))
        #expect(actions.all.map(\.version) == ["2", "2.5", "10"])
        #expect(actions.find("act")?.version == "10")
        #expect(actions.find("act", version: "")?.version == "10")
        #expect(actions.find("act", version: "2")?.file == "b.so")
        #expect(actions.find("act", version: "3") == nil)
        #expect(actions.find("Act") == nil)
        #expect(actions.contains("act") && !actions.contains("other"))
        #expect(actions.names == ["act"])
    }

    @Test("one version twice is a problem that names both bundles; the first stays")
    func conflict() throws {
        let actions = try registry(ActionRecord(Two.self, file: "a.so"), ActionRecord(Two.self, file: "b.so"))
        #expect(actions.problems.count == 1)
        #expect("\(try #require(actions.problems.first))".contains("action act v2 is defined by a.so and b.so"))
        #expect(actions.find("act")?.file == "a.so")
    }

    @Test("names that cannot be used are refused with the reference's words")
    func names() throws {
        struct Unnamed: Action {
            static let name = ""
            func run(_ context: Context) async throws -> Int { 1 }
        }
        struct Say: Action {
            func run(_ context: Context) async throws -> Int { 1 }
        }
        struct Silent: Action {
            static let description = ""
            func run(_ context: Context) async throws -> Int { 1 }
        }
        func fault(_ record: ActionRecord) throws -> String { "\(try #require(registry(record).problems.first))" }
        #expect(try fault(ActionRecord(Unnamed.self, file: "a")).contains("name is required for this action"))
        #expect(
            try fault(ActionRecord(Say.self, file: "a")).contains(
                "action `say` is a reserved verb for connections. choose a new name"))
        #expect(
            try fault(ActionRecord(Silent.self, file: "a")).contains("description is required for the action `silent`"))
    }

    @Test("an action's record knows its example and its time limit in nanoseconds")
    func record() throws {
        struct Documented: Action {
            static let outputExample = ["n": 1]
            static let timeout = Duration.milliseconds(1500)
            func run(_ context: Context) async throws -> Int { 1 }
        }
        let record = try ActionRecord(Documented.self, file: "a")
        #expect(record.outputExample == ["n": 1])
        #expect(record.timeoutNanoseconds == 1_500_000_000)
        #expect(try ActionRecord(Two.self, file: "a").outputExample == nil)
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.seconds(-5).wholeNanoseconds == 0)
        #expect(Duration.nanoseconds(1).wholeNanoseconds == 1)
    }
}
