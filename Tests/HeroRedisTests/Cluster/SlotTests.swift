// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import Testing

@Suite("slots and keys")
struct SlotTests {
    @Test(
        "a key's slot is the one that Redis computes",
        arguments: [
            ("123456789", 0x31C3), ("foo", 12182), ("", 0), ("{user1000}.following", 3443),
            ("{user1000}.followers", 3443), ("foo{}{bar}", 8363), ("foo{{bar}}zap", 4015), ("foo{bar}{zap}", 5061),
        ])
    func slots(key: String, slot: Int) {
        #expect(HashSlot.of(key) == slot)
    }

    @Test("braces that hold nothing or are not closed do not make a hash tag")
    func braces() {
        #expect(HashSlot.of("{}a") != HashSlot.of("{}b"))
        #expect(HashSlot.of("{a") != HashSlot.of("a"))
        #expect(HashSlot.of("x}{a}") == HashSlot.of("a"))
        #expect(HashSlot.of([0xFF, 0x7B, 0x00, 0x7D]) == HashSlot.of([0x00]))
    }

    @Test(
        "the keys of a command are found whatever its form",
        arguments: [
            ("GET a", "a"), ("set a 1", "a"), ("MGET a b c", "a b c"), ("MSET a 1 b 2", "a b"), ("PING", ""),
            ("DEL a b", "a b"), ("BLPOP a b 0", "a b"), ("BITOP AND d a b", "d a b"), ("EVAL s 2 a b x y", "a b"),
            ("EVALSHA s 0 x", ""), ("FCALL f 1 a x", "a"), ("XREAD COUNT 2 streams a b 0 0", "a b"),
            ("XREADGROUP GROUP g c STREAMS a >", "a"), ("ZUNION 2 a b WEIGHTS 1 2", "a b"),
            ("ZUNIONSTORE d 2 a b AGGREGATE MAX", "d a b"), ("ZINTERCARD 2 a b LIMIT 1", "a b"),
            ("BLMPOP 0 2 a b LEFT", "a b"), ("LMPOP 1 a LEFT", "a"), ("SORT a BY x store b", "a b"),
            ("SORT a", "a"), ("GEORADIUS a 1 1 1 m STORE b STOREDIST c", "a b c"), ("MIGRATE h 1 a 0 9", "a"),
            ("MIGRATE h 1 _ 0 9 REPLACE KEYS a b", "a b"), ("OBJECT ENCODING a", "a"), ("OBJECT HELP", ""),
            ("XGROUP CREATE a g $", "a"), ("XINFO STREAM a", "a"), ("MEMORY USAGE a", "a"), ("MEMORY DOCTOR", ""),
            ("LMOVE a b LEFT RIGHT", "a b"), ("COPY a b", "a b"), ("SOMETHINGNEW a b", "a"), ("PUBLISH c m", ""),
            ("SUBSCRIBE c", ""), ("WAIT 1 1", ""), ("RENAME a b", "a b"), ("LCS a b", "a b"),
        ])
    func keys(command: String, keys: String) {
        #expect(CommandKeys.keys(of: words(command)).map { String(decoding: $0, as: UTF8.self) } == split(keys))
    }

    @Test(
        "numbers that claim more keys than there are, or none, claim nothing that is not there",
        arguments: [
            "EVAL s 9 a", "EVAL s -1 a", "EVAL s x a", "EVAL s", "EVAL", "ZUNIONSTORE d 9999999999999999999 a",
            "XREAD STREAMS", "XREAD", "MSET a", "BLPOP", "SORT a STORE", "MIGRATE", "MIGRATE h 1 a 0 9 KEYS", "OBJECT",
            "BITOP", "COPY a", "EVAL s 9223372036854775807 a", "GEORADIUS", "",
        ])
    func lies(command: String) {
        let arguments = split(command).map { Array($0.utf8) }
        for position in CommandKeys.positions(in: arguments) {
            #expect(arguments.indices.contains(position) && position > 0)
        }
    }

    @Test("a command whose keys are in two slots is refused, with both keys and what to do about it")
    func severalSlots() {
        let error = #expect(throws: RedisError.self) { try CommandRoute(words("MGET a {x}1 b")) }
        #expect(error?.kind == .invalid)
        for text in ["MGET", "`a`", "`{x}1`", "slot 15495", "{user1}:a"] {
            #expect(error?.message.contains(text) == true, "\(text)")
        }
        #expect(throws: Never.self) { try CommandRoute(words("MGET {x}1 {x}2 {x}3")) }
        #expect(throws: RedisError.self) { try CommandRoute(words("EVAL s 2 a b")) }
    }

    @Test("a transaction is of one slot or is refused, naming the two commands")
    func transactions() throws {
        #expect(try CommandRoute.slot(of: [words("SET {x}1 1"), words("PING"), words("GET {x}2")]) == HashSlot.of("x"))
        #expect(try CommandRoute.slot(of: [words("PING")]) == nil)
        let error = #expect(throws: RedisError.self) {
            try CommandRoute.slot(of: [words("SET a 1"), words("HGET b f")])
        }
        #expect(error?.message.contains("`a` (SET") == true && error?.message.contains("`b` (HGET") == true)
    }

    @Test(
        "a command without keys has a place to go",
        arguments: [
            ("PUBLISH c m", CommandRoute.anyNode), ("PING", .anyNode), ("SCAN 0", .scan),
            ("DBSIZE", .everyPrimary(.sum)),
            ("keys *", .everyPrimary(.concatenation)), ("FLUSHALL", .everyPrimary(.first)),
            ("script load x", .everyPrimary(.first)), ("SCRIPT EXISTS x", .everyPrimary(.minimum)),
            ("EVAL s 0", .anyNode), ("GET foo", .slot(12182)),
        ])
    func routes(command: String, route: CommandRoute) throws {
        #expect(try CommandRoute(words(command)) == route)
    }

    @Test(
        "what changes a shared connection is refused before it is sent",
        arguments: [
            "MULTI", "exec", "WATCH a", "SUBSCRIBE a", "SELECT 1", "MONITOR", "ASKING", "QUIT", "RESET", "BLPOP a 0",
        ])
    func refused(command: String) {
        #expect(throws: RedisError.self) { try CommandRoute(words(command)) }
    }

    @Test("a prefix keeps its keys together when it has a tag that is not empty")
    func tags() {
        for prefix in ["{resque}", "a{b}c", "{a}{b}"] { #expect(HashSlot.hasTag(prefix), "\(prefix)") }
        for prefix in ["resque", "", "{}", "{resque", "resque}", "{}{a}"] {
            #expect(!HashSlot.hasTag(prefix), "\(prefix)")
        }
    }
}

func split(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
func words(_ text: String) -> RedisCommand { RedisCommand(split(text).map { Array($0.utf8) }) }
