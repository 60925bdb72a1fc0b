// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRedis
import HeroTestSupport
import Testing

@testable import HeroShared
@testable import HeroSystem

@Suite("the cache, in Redis and in memory")
struct CacheTests {
    struct Price: Codable, Hashable {
        var amount: Int
        var currency: String
    }

    @Test("a value comes back as what it was saved", arguments: Backend.allCases)
    func roundTrip(_ backend: Backend) async throws {
        try await backend.run { member in
            let cache = member.cache
            let before = WallTime.now.milliseconds
            try await cache.save("price", Price(amount: 5, currency: "EUR"))
            let entry = try await cache.load("price", as: Price.self)
            #expect(entry.key == "price" && entry.value == Price(amount: 5, currency: "EUR"))
            #expect(entry.createdAtMilliseconds >= before)
            try await cache.save("text", "h\u{e9} \u{2713} \u{1F600} \"q\"")
            #expect(try await cache.load("text", as: String.self).value == "h\u{e9} \u{2713} \u{1F600} \"q\"")
            try await cache.save("nothing", JSON.null)
            #expect(try await cache.load("nothing", as: Int?.self).value == nil)
            #expect(try await cache.destroy("price"))
            #expect(try await !cache.destroy("price"))
            #expect(try await cache.size() == 2)
        }
    }

    @Test("what is not there is Object not found, and another type says which", arguments: Backend.allCases)
    func missing(_ backend: Backend) async throws {
        try await backend.run { member in
            await #expect(throws: CacheError(.notFound, "Object not found")) {
                try await member.cache.load("nope", as: Int.self)
            }
            try await member.cache.save("text", "abc")
            let error = await #expect(throws: CacheError.self) { try await member.cache.load("text", as: Int.self) }
            #expect(error?.code == .unreadable)
            #expect(error?.message.hasPrefix("the value of text cannot be read as Int") == true)
        }
    }

    @Test("time to live: none, some, at once, and renewed by a load", arguments: Backend.allCases)
    func timeToLive(_ backend: Backend) async throws {
        try await backend.run { member in
            let cache = member.cache
            try await cache.save("gone", 1, expiresAfter: .zero)
            await #expect(throws: CacheError.self) { try await cache.load("gone", as: Int.self) }
            try await cache.save("gone", 1)
            try await cache.save("gone", 1, expiresAfter: .seconds(-1))
            await #expect(throws: CacheError.self) { try await cache.load("gone", as: Int.self) }
            try await cache.save("stays", 1, expiresAfter: .seconds(1000))
            _ = try await cache.load("stays", as: Int.self, expiresAfter: .seconds(5000))
            if backend == .redis {
                let left = try await member.redis.command("PTTL", "actionhero:cache:stays").integer ?? 0
                #expect(left > 4_000_000 && left <= 5_000_000)
            }
            try await cache.save("stays", 2)
            if backend == .redis {
                #expect(try await member.redis.command("PTTL", "actionhero:cache:stays").integer == -1)
            }
            _ = try await cache.load("stays", as: Int.self, expiresAfter: .zero)
            await #expect(throws: CacheError.self) { try await cache.load("stays", as: Int.self) }
        }
    }

    @Test("lists: first in, first out; null is nothing", arguments: Backend.allCases)
    func lists(_ backend: Backend) async throws {
        try await backend.run { member in
            let cache = member.cache
            try await cache.push("list", "first")
            try await cache.push("list", ["x": 1])
            try await cache.push("list", JSON.null)
            #expect(try await cache.listLength("list") == 3)
            #expect(try await cache.pop("list", as: String.self) == "first")
            #expect(try await cache.pop("list", as: [String: Int].self) == ["x": 1])
            #expect(try await cache.pop("list", as: String.self) == nil)
            #expect(try await cache.listLength("list") == 0)
            #expect(try await cache.pop("list", as: String.self) == nil)
            try await cache.save("value", 1)
            let error = await #expect(throws: RedisFailure.self) { try await cache.push("value", 1) }
            #expect(error?.message == "WRONGTYPE Operation against a key holding the wrong kind of value")
        }
    }

    @Test(
        "names come with their prefix, and special characters in a prefix mean themselves", arguments: Backend.allCases)
    func names(_ backend: Backend) async throws {
        try await backend.run { member in
            let cache = member.cache
            for key in ["k1", "k2", "k2b", "x*y", "xzy", "a:b c", ""] { try await cache.save(key, 1) }
            #expect(try await Set(cache.keys("k2")) == ["actionhero:cache:k2", "actionhero:cache:k2b"])
            #expect(try await cache.keys("x*") == ["actionhero:cache:x*y"])
            #expect(try await cache.size() == 7)
            #expect(
                try await Set(cache.keys(matching: "actionhero:cache:x?y", count: 1))
                    == ["actionhero:cache:x*y", "actionhero:cache:xzy"])
            #expect(try await Set(cache.clear()).count == 7)
            #expect(try await cache.size() == 0)
        }
    }

    @Test("a lock keeps other owners from a key, and its owner not", arguments: Backend.allCases)
    func locks(_ backend: Backend) async throws {
        try await backend.run { member in
            let (mine, other) = (member.cache, member.cache.withLockName("another-node"))
            #expect(mine.lockName == "node-a" && other.lockName == "another-node")
            try await mine.save("k", 1)
            #expect(try await mine.lock("k"))
            #expect(try await !mine.lock("k"))
            #expect(try await !other.lock("k"))
            #expect(try await mine.checkLock("k"))
            #expect(try await !other.checkLock("k"))
            let locked = CacheError(.locked, "Object locked")
            await #expect(throws: locked) { try await other.save("k", 2) }
            await #expect(throws: locked) { try await other.load("k", as: Int.self) }
            await #expect(throws: locked) { try await other.destroy("k") }
            try await mine.save("k", 3)
            #expect(try await mine.load("k", as: Int.self).value == 3)
            #expect(try await mine.locks() == ["actionhero:lock:k"])
            #expect(try await mine.locks("x") == [])
            #expect(try await !other.unlock("k"))
            #expect(try await mine.unlock("k"))
            #expect(try await other.unlock("k"))
            #expect(try await other.load("k", as: Int.self).value == 3)
        }
    }

    @Test("whoever waits for a lock gets the value when it is given back", arguments: Backend.allCases)
    func waitsForLock(_ backend: Backend) async throws {
        try await backend.run { member in
            let other = member.cache.withLockName("another-node")
            try await member.cache.save("k", 1)
            try await member.cache.lock("k")
            async let entry = other.load("k", as: Int.self, retry: .seconds(60))
            #expect(try await member.cache.unlock("k"))
            #expect(try await entry.value == 1)
        }
    }

    @Test("a lock is looked at every 100 ms for as long as the caller wants")
    func looksAgain() async throws {
        let time = ManualTime()
        let member = Member(SharedSettings(id: "node-a", projectRoot: "/"), nil, time: time.keeper)
        try await member.cache.withLockName("other").lock("held")
        let began = time.milliseconds
        await #expect(throws: CacheError(.locked, "Object locked")) {
            try await member.cache.load("held", as: Int.self, retry: .milliseconds(300))
        }
        #expect(time.milliseconds - began == 400)
        time.advance(10_000)
        #expect(try await member.cache.checkLock("held"))
    }

    @Test("a dump holds every value, and reading it replaces everything", arguments: Backend.allCases)
    func dumps(_ backend: Backend) async throws {
        try await backend.run { member in
            let cache = member.cache
            for number in 0..<250 { try await cache.save("k\(number)", number, expiresAfter: .seconds(900)) }
            #expect(try await cache.dumpWrite("dump.json") == 250)
            try await cache.save("later", 1)
            #expect(try await cache.dumpRead("dump.json") == 250)
            #expect(try await cache.load("k249", as: Int.self).value == 249)
            #expect(try await cache.size() == 250)
            try await cache.push("list", 1)
            let error = await #expect(throws: RedisFailure.self) { try await cache.dumpWrite("other.json") }
            #expect(error?.message.hasPrefix("WRONGTYPE") == true)
            let root = member.services.settings.projectRoot
            #expect(!FileManager.default.fileExists(atPath: "\(root)/other.json"))
        }
    }

    @Test(
        "a file that is no dump leaves the cache as it was",
        arguments: ["", "[1]", "{\"other:k\":\"1\"}", "{\"actionhero:cache:k\":1}"])
    func refusesOtherFiles(_ text: String) async throws {
        try await Backend.local.run { member in
            try await member.cache.save("k", 1)
            let file = "\(member.services.settings.projectRoot)/dump.json"
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let error = await #expect(throws: CacheError.self) { try await member.cache.dumpRead("dump.json") }
            #expect(error?.code == .unreadable)
            #expect(try await member.cache.size() == 1)
        }
    }

    @Test(
        "what others have written under the cache's names is no value", arguments: ["{not json", "5", "\"x\"", "[1]"])
    func foreignValues(_ text: String) async throws {
        try await Backend.redis.run { member in
            _ = try await member.redis.command("SET", "actionhero:cache:k", RedisBytes(text))
            await #expect(throws: CacheError(.notFound, "Object not found")) {
                try await member.cache.load("k", as: JSON.self)
            }
        }
    }

    @Test("values of version 19 of the reference are read, and expire when they say so")
    func readsOldValues() async throws {
        try await Backend.redis.run { member in
            let old = #"{"value":{"a":1},"expireTimestamp":null,"createdAt":1795236248617,"readAt":null}"#
            _ = try await member.redis.command("SET", "actionhero:cache:old", RedisBytes(old))
            let entry = try await member.cache.load("old", as: JSON.self)
            #expect(entry.value == ["a": 1] && entry.createdAtMilliseconds == 1_795_236_248_617)
            let over = #"{"value":1,"expireTimestamp":1500000000000.7,"createdAt":1400000000000,"readAt":null}"#
            _ = try await member.redis.command("SET", "actionhero:cache:over", RedisBytes(over))
            await #expect(throws: CacheError(.notFound, "Object expired")) {
                try await member.cache.load("over", as: Int.self)
            }
        }
    }

    @Test("without a connection the error says what cannot be used")
    func notConnected() async throws {
        let server = try await RedisServer(.socket)
        let member = Member(SharedSettings(id: "node-a", projectRoot: "/"), server, commandTimeout: 50)
        try await server.kill()
        let error = await #expect(throws: RedisFailure.self) { try await member.cache.save("k", 1) }
        #expect(error?.code == .notConnected)
        #expect(error?.message.hasPrefix("redis not connected, cache cannot be used: ") == true)
        await member.client?.close()
    }
}
