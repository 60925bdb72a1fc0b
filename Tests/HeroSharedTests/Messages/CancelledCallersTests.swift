// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

@testable import HeroShared

@Suite("tasks that are cancelled while Redis is silent", .timeLimit(.minutes(10)))
struct CancelledCallersTests {
    /// What a task is in when nothing but its cancellation ends it.
    enum Use: CaseIterable, Sendable {
        case save, load, keys, lock, command, pipeline, transaction, script, blocking, publish, call, subscribe

        func run(_ member: Member) async throws {
            switch self {
            case .save: try await member.cache.save("k", 1)
            case .load: _ = try await member.cache.load("k", as: Int.self)
            case .keys: _ = try await member.cache.keys()
            case .lock: try await member.cache.lock("k")
            case .command: _ = try await member.redis.command("GET", "k")
            case .pipeline:
                _ = try await member.redis.pipeline([RedisRequest("GET", ["k"]), RedisRequest("GET", ["l"])])
            case .transaction: _ = try await member.redis.transaction([RedisRequest("GET", ["k"])])
            case .script: _ = try await member.redis.script("return 1", keys: [])
            case .blocking: _ = try await member.redis.command("BLPOP", "k", "0")
            case .publish: try await member.rpc.send("nothing")
            case .call: _ = try await member.rpc.call("nothing", timeout: .seconds(3600))
            case .subscribe: _ = try await member.redis.subscribe("c")
            }
        }
    }

    @Test("end with CancellationError, and the connection goes on", arguments: Use.allCases)
    func ends(_ use: Use) async throws {
        let server = try await RedisServer(.socket)
        var settings = SharedSettings(id: "node-a", projectRoot: "/")
        settings.lockDuration = 600_000
        let member = Member(settings, server, commandTimeout: 3_600_000)
        _ = try await member.redis.command("PING")
        server.send(SIGSTOP)
        let task = Task { try await use.run(member) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        server.send(SIGCONT)
        #expect(try await member.redis.command("ECHO", "after").text == "after")
        await member.close()
    }

    @Test("a call ends at its time, also while it cannot even be published")
    func call() async throws {
        let server = try await RedisServer(.socket)
        let member = Member(SharedSettings(id: "node-a", projectRoot: "/"), server, commandTimeout: 3_600_000)
        _ = try await member.redis.command("PING")
        server.send(SIGSTOP)
        let error = await #expect(throws: RPCError.self) {
            try await member.rpc.call("nothing", timeout: .milliseconds(50))
        }
        #expect(error?.code == .timedOut)
        server.send(SIGCONT)
        #expect(try await member.redis.command("ECHO", "after").text == "after")
        await member.close()
    }
}
