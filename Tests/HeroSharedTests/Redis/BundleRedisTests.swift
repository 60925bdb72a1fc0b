// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroShared

@Suite("Redis for bundles")
struct BundleRedisTests {
    @Test("commands, bytes and numbers come back as they were sent")
    func commands() async throws {
        try await Backend.redis.run { member in
            let redis = member.redis
            #expect(redis.isEnabled)
            let stored = try await redis.command("SET", "k", RedisBytes([0, 255, 10]))
            #expect(stored == .status("OK"))
            let found = try await redis.command("GET", "k").bytes
            #expect(found == [0, 255, 10])
            let absent = try await redis.command("GET", "none").isNull
            #expect(absent)
            let raised = try await redis.command("INCRBY", "n", 41).integer
            #expect(raised == 41)
            let next = try await redis.command("INCR", "n").integer
            #expect(next == 42)
            let text = try await redis.command("GET", "n").text
            #expect(text == "42")
            let error = await #expect(throws: RedisFailure.self) { try await redis.command("LPUSH", "n", "x") }
            #expect(error?.code == .refused && error?.message.hasPrefix("WRONGTYPE") == true)
        }
    }

    @Test("a pipeline tells of each command what became of it")
    func pipelines() async throws {
        try await Backend.redis.run { member in
            let results = try await member.redis.pipeline([
                RedisRequest("SET", ["k", "1"]), RedisRequest("LPUSH", ["k", "x"]),
                RedisRequest("GET", ["k"], isRepeatable: true, timeout: .seconds(60)),
            ])
            #expect(try results[0].get() == .status("OK"))
            #expect(throws: RedisFailure.self) { try results[1].get() }
            #expect(try results[2].get().text == "1")
            #expect(try await member.redis.pipeline([]).isEmpty)
        }
    }

    @Test("a transaction runs as one, with errors among its replies")
    func transactions() async throws {
        try await Backend.redis.run { member in
            let replies = try await member.redis.transaction([
                RedisRequest("SET", ["k", "1"]), RedisRequest("LPUSH", ["k", "x"]), RedisRequest("INCR", ["k"]),
            ])
            #expect(replies.count == 3 && replies[2].integer == 2)
            guard case .error(let message) = replies[1] else { return #expect(Bool(false), "no error") }
            #expect(message.hasPrefix("WRONGTYPE"))
            #expect(try await member.redis.transaction([]).isEmpty)
        }
    }

    @Test("a script runs also on a server that has forgotten it")
    func scripts() async throws {
        let members = try await Members(["node-a"])
        let source = "return {KEYS[1], ARGV[1], 7}"
        for _ in 0..<2 {
            let reply = try await members[0].redis.script(source, keys: ["k"], arguments: ["a"])
            #expect(reply.elements?.map { $0.text ?? "\($0.integer ?? 0)" } == ["k", "a", "7"])
            try await members.server.cli("SCRIPT", "FLUSH")
        }
        let error = await #expect(throws: RedisFailure.self) { try await members[0].redis.script("return nope()") }
        #expect(error?.code == .refused)
        await members.close()
    }

    @Test("messages of channels and patterns arrive until the reader stops")
    func subscriptions() async throws {
        try await Backend.redis.run { member in
            let messages = try await member.redis.subscribe("news", patterns: ["ne*"])
            _ = try await member.redis.command("PUBLISH", "news", "hello")
            var seen: Set<RedisMessage> = []
            for await message in messages {
                seen.insert(message)
                if seen.count == 2 { break }
            }
            #expect(
                seen == [
                    .message(channel: "news", pattern: nil, payload: Array("hello".utf8)),
                    .message(channel: "news", pattern: "ne*", payload: Array("hello".utf8)),
                ])
            let error = await #expect(throws: RedisFailure.self) { _ = try await member.redis.subscribe() }
            #expect(error?.code == .invalid)
        }
    }

    @Test("a command that waits does not hold up the others")
    func blocking() async throws {
        try await Backend.redis.run { member in
            async let popped = member.redis.command("BLPOP", "queue", 60)
            _ = try await member.redis.command("RPUSH", "queue", "job")
            #expect(try await popped.elements?.last?.text == "job")
        }
    }

    @Test(
        "what would change the shared connection is refused with what to do instead",
        arguments: [
            ("SUBSCRIBE", ["x"], "use subscribe(_:patterns:)"), ("multi", [], "use transaction(_:)"),
            ("Select", ["1"], "set redis.db"), ("WATCH", ["k"], "use script("),
            ("CLIENT", ["reply", "off"], "CLIENT REPLY"),
            ("MONITOR", [], "use redis-cli"), ("", [], "a command needs a name"),
        ])
    func refused(_ name: String, _ arguments: [String], _ remedy: String) async throws {
        try await Backend.redis.run { member in
            let request = RedisRequest(name, arguments.map { RedisBytes($0) })
            let error = await #expect(throws: RedisFailure.self) { try await member.redis.command(request) }
            #expect(error?.code == .invalid && error?.message.contains(remedy) == true)
            let other = await #expect(throws: RedisFailure.self) { try await member.redis.transaction([request]) }
            #expect(other?.code == .invalid)
            let after = try await member.redis.command("PING")
            #expect(after == .status("PONG"))
        }
    }

    @Test("without Redis every use says so")
    func disabled() async throws {
        let member = Member(SharedSettings(id: "node-a", projectRoot: "/"), nil)
        let redis = member.redis
        #expect(!redis.isEnabled)
        let uses: [() async throws -> Void] = [
            { _ = try await redis.command("PING") }, { _ = try await redis.pipeline([]) },
            { _ = try await redis.transaction([]) }, { _ = try await redis.script("return 1") },
            { _ = try await redis.subscribe("x") },
        ]
        for use in uses {
            let error = await #expect(throws: RedisFailure.self) { try await use() }
            #expect(error == RedisFailure(.disabled, "this application has no Redis: redis.enabled is false"))
        }
    }
}
