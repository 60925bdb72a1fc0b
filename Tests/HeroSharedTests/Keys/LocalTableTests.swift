// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroShared

@Suite("a cache in memory")
struct LocalTableTests {
    @Test("a value is there until its time is over, and not any longer")
    func expires() throws {
        let table = Table(limitBytes: 10_000)
        try table.set("a", [1], expiry: 100, now: 0)
        #expect(try table.get("a", now: 99) == [1])
        #expect(try table.get("a", now: 100) == nil)
        #expect(table.bytes == 0)
        try table.set("a", [1], expiry: 100, now: 0)
        #expect(table.expire("a", 500, now: 50))
        #expect(try table.get("a", now: 549) == [1])
        #expect(!table.expire("a", 500, now: 550))
    }

    @Test("when there is no room, what was used longest ago goes first")
    func evicts() throws {
        let table = Table(limitBytes: 3 * (LocalTable.overheadBytes + 1 + 100))
        for key in ["a", "b", "c"] { try table.set(key, Array(repeating: 0, count: 100), expiry: nil, now: 0) }
        _ = try table.get("a", now: 0)
        try table.set("d", Array(repeating: 0, count: 100), expiry: nil, now: 0)
        #expect(Set(table.keys(GlobPattern("*"), now: 0)) == ["a", "c", "d"])
    }

    @Test("what has expired goes before anything that has not")
    func evictsExpired() throws {
        let table = Table(limitBytes: 2 * (LocalTable.overheadBytes + 1 + 100))
        try table.set("a", Array(repeating: 0, count: 100), expiry: nil, now: 0)
        try table.set("b", Array(repeating: 0, count: 100), expiry: 10, now: 0)
        try table.set("c", Array(repeating: 0, count: 100), expiry: nil, now: 20)
        #expect(Set(table.keys(GlobPattern("*"), now: 20)) == ["a", "c"])
    }

    @Test("a value that is too large by itself is an error, and leaves no older value behind")
    func refusesLarge() throws {
        let table = Table(limitBytes: 1000)
        try table.set("a", [1], expiry: nil, now: 0)
        #expect(throws: CacheError.self) { try table.set("a", Array(repeating: 0, count: 1000), expiry: nil, now: 0) }
        #expect(table.count == 0 && table.bytes == 0)
    }

    @Test("lists give their items back in order, and go with the last one")
    func lists() throws {
        let table = Table(limitBytes: 100_000)
        for number in 0..<100 { try table.push("l", [UInt8(number)], now: 0) }
        #expect(try table.length("l", now: 0) == 100)
        for number in 0..<100 { #expect(try table.pop("l", now: 0) == [UInt8(number)]) }
        #expect(try table.pop("l", now: 0) == nil)
        #expect(table.count == 0 && table.bytes == 0)
    }

    @Test("a list that has grown too large keeps what it has")
    func largeLists() throws {
        let table = Table(limitBytes: 1000)
        try table.push("l", Array(repeating: 7, count: 700), now: 0)
        #expect(throws: CacheError.self) { try table.push("l", Array(repeating: 8, count: 300), now: 0) }
        #expect(try table.length("l", now: 0) == 1)
        #expect(try table.pop("l", now: 0)?.first == 7)
    }

    @Test("values are no lists and lists no values")
    func wrongType() throws {
        let table = Table(limitBytes: 10_000)
        try table.set("v", [1], expiry: nil, now: 0)
        try table.push("l", [1], now: 0)
        #expect(throws: RedisFailure.self) { try table.push("v", [1], now: 0) }
        #expect(throws: RedisFailure.self) { try table.pop("v", now: 0) }
        #expect(throws: RedisFailure.self) { try table.length("v", now: 0) }
        #expect(throws: RedisFailure.self) { try table.get("l", now: 0) }
    }

    @Test("memory stays within the limit, whatever is done in whatever order", arguments: 0..<8)
    func staysBounded(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let table = Table(limitBytes: 4096)
        for now in 0..<5000 {
            let key = "k\(Int.random(in: 0..<40, using: &random))"
            let bytes = [UInt8](repeating: 1, count: Int.random(in: 0..<700, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: try table.set(key, bytes, expiry: nil, now: now)
            case 1: try table.set(key, bytes, expiry: Int.random(in: 1..<100, using: &random), now: now)
            case 2: try? table.push(key, bytes, now: now)
            case 3: _ = try? table.pop(key, now: now)
            case 4: _ = table.delete(key, now: now)
            default: _ = try? table.get(key, now: now)
            }
            #expect(table.bytes >= 0 && table.bytes <= 4096)
        }
        for key in table.keys(GlobPattern("*"), now: 10_000) { _ = table.delete(key, now: 10_000) }
        #expect(table.bytes == 0 && table.count == 0)
    }

    @Test(
        "patterns fit what Redis says they fit",
        arguments: [
            ("*", "", true), ("a*c", "abbc", true), ("a*c", "abb", false), ("h?llo", "hello", true),
            ("h[ae]llo", "hallo", true), ("h[^e]llo", "hello", false), ("h[a-c]llo", "hbllo", true),
            ("a\\*", "a*", true), ("a\\*", "ab", false), ("*a*b*c", "xxaxxbxxc", true), ("", "a", false),
            ("[", "a", false), ("**", "x", true), ("a:*:z", "a:b:c:z", true),
        ])
    func patterns(_ pattern: String, _ text: String, _ fits: Bool) {
        #expect(GlobPattern(pattern).matches(text) == fits)
    }

    @Test("a prefix with special characters fits only itself", arguments: ["a*", "[x]", "a\\b", "q?", "^-"])
    func prefixes(_ prefix: String) {
        let pattern = GlobPattern(GlobPattern.prefix(prefix))
        #expect(pattern.matches(prefix) && pattern.matches(prefix + "tail"))
        #expect(!pattern.matches("ab") && !pattern.matches("x"))
    }

    @Test("a hostile pattern does not take for ever")
    func hostilePattern() {
        let pattern = GlobPattern(String(repeating: "*a", count: 500))
        #expect(!pattern.matches(String(repeating: "a", count: 499) + "b"))
    }

    @Test("one warning in a minute stands for all")
    func rareWarnings() {
        var warning = RareWarning()
        let counts = [0, 1, 59_999, 60_000, 60_001].map { warning.note($0) }
        #expect(counts == [1, nil, nil, 3, nil])
    }

    @Test(
        "a duration is rounded up to milliseconds and fits what Redis takes",
        arguments: [
            (Duration.seconds(2), 2000), (.milliseconds(1500), 1500), (.microseconds(1), 1), (.zero, 0),
            (.milliseconds(-5), -5), (.seconds(Int64.max), 1_000_000_000_000_000),
        ])
    func durations(_ duration: Duration, _ milliseconds: Int) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }
}

/// A table that can be used within an expectation.
private final class Table {
    private var table: LocalTable

    init(limitBytes: Int) { table = LocalTable(limitBytes: limitBytes) }

    var bytes: Int { table.bytes }
    var count: Int { table.count }
    func get(_ key: String, now: Int) throws -> [UInt8]? { try table.get(key, now: now) }
    func set(_ key: String, _ value: [UInt8], expiry: Int?, now: Int) throws {
        try table.set(key, value, expiry: expiry, now: now)
    }
    func expire(_ key: String, _ expiry: Int, now: Int) -> Bool { table.expire(key, expiry, now: now) }
    func delete(_ key: String, now: Int) -> Bool { table.delete(key, now: now) }
    func keys(_ pattern: GlobPattern, now: Int) -> [String] { table.keys(pattern, now: now) }
    func push(_ key: String, _ item: [UInt8], now: Int) throws { try table.push(key, item, now: now) }
    func pop(_ key: String, now: Int) throws -> [UInt8]? { try table.pop(key, now: now) }
    func length(_ key: String, now: Int) throws -> Int { try table.length(key, now: now) }
}
