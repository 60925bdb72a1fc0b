// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroSystem

/// What Swift Testing has written about a run, one JSON object a line.
struct TestEvents {
    struct Test {
        /// `_tests_actions.GreetTests/greets()/greetTests.swift:6:6`.
        let id: String
        /// The name that the author gave to the test, or that of the function.
        let displayName: String
    }

    /// Suites too.
    private(set) var tests: [Test] = []
    private var running: [String] = []

    /// - Parameter path: The file; what cannot be read of it says nothing.
    init(_ path: String) {
        let contents = (try? FileContents.read(path)) ?? []
        for line in contents.split(separator: UInt8(ascii: "\n")) {
            guard let record = try? JSON(parsing: Array(line)), let payload = record["payload"] else { continue }
            if record["kind"] == "test" { add(payload) } else { follow(payload) }
        }
    }

    /// Functions, in the order in which they began.
    var unfinished: [Test] {
        running.compactMap { id in tests.first { $0.id == id && $0.id.contains("(") } }
    }

    private mutating func add(_ test: JSON) {
        guard let id = Self.text(test["id"]), let name = Self.text(test["displayName"]) ?? Self.text(test["name"])
        else { return }
        tests.append(Test(id: id, displayName: name))
    }

    private mutating func follow(_ event: JSON) {
        guard let id = Self.text(event["testID"]) else { return }
        if event["kind"] == "testStarted" { running.append(id) }
        if event["kind"] == "testEnded" { running.removeAll { $0 == id } }
    }

    private static func text(_ value: JSON?) -> String? {
        guard case .string(let text)? = value else { return nil }
        return text
    }
}
