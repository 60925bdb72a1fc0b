// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroRuntime

@Suite("the order of initializers")
struct InitializerOrderTests {
    private func entry(_ name: String, _ priority: Int = 1000, after: [String] = []) -> InitializerOrder.Entry {
        InitializerOrder.Entry(
            name: name, loadPriority: priority, startPriority: priority, stopPriority: priority, after: after,
            file: "\(name).so")
    }

    private func order(_ entries: InitializerOrder.Entry...) throws -> [String] {
        try InitializerOrder(entries).order(by: \.startPriority).map { entries[$0].name }
    }

    @Test("ascends by priority, and is that of the files among equals")
    func priorities() throws {
        #expect(try order(entry("c", 3), entry("a", 1), entry("d", 3), entry("b", 2)) == ["a", "b", "c", "d"])
    }

    @Test("puts names given by after first, whatever their priority")
    func after() throws {
        #expect(try order(entry("web", 1, after: ["db"]), entry("db", 900), entry("x", 2)) == ["x", "db", "web"])
        #expect(try order(entry("a", after: ["b"]), entry("b", after: ["c"]), entry("c")) == ["c", "b", "a"])
    }

    @Test("stops what depends on something before that")
    func stopping() throws {
        let entries = [entry("db", 1), entry("web", 5, after: ["db"]), entry("x", 1)]
        let order = try InitializerOrder(entries)
        #expect(order.stopOrder().map { entries[$0].name } == ["x", "web", "db"])
        let equal = [entry("a"), entry("b"), entry("c")]
        #expect(try InitializerOrder(equal).stopOrder().map { equal[$0].name } == ["c", "b", "a"])
    }

    @Test("refuses unknown names, cycles, doubles and impossible priorities, naming them")
    func faults() {
        func fault(_ entries: InitializerOrder.Entry...) -> String? {
            do {
                _ = try InitializerOrder(entries)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(
            fault(entry("web", after: ["databse"]), entry("database"))
                == "initializer `web` wants to come after `databse`, which does not exist – did you mean `database`?")
        #expect(
            fault(entry("a", after: ["b"]), entry("b", after: ["c"]), entry("c", after: ["a"]))
                == "initializers wait for each other: a → b → c → a")
        #expect(fault(entry("a", after: ["a"])) == "initializers wait for each other: a → a")
        #expect(fault(entry("a"), entry("a")) == "initializer a is defined twice by a.so – remove or rename one")
        #expect(
            fault(entry("a", 0))
                == "loadPriority is a required property for the initializer `a` and must be 1 or more, not 0")
    }
}
