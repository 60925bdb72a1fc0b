// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroShared
import Synchronization

/// Calls of a method in another process.
struct CallBench {
    static let other = "answerer"

    private let services: SharedServices

    init(_ client: StandaloneClient, id: String) {
        services = SharedServices(SharedSettings(id: id, projectRoot: "/"), clients: RedisClients(client), log: NoLog())
    }

    func answer() async throws {
        let rpc = RPC(host: services.rpcHost)
        rpc.register("bench.double") { call in try call.argument(0, as: Int.self) * 2 }
        rpc.register("bench.processorTime") { _ in ProcessorTime.microseconds }
        try await services.start()
    }

    func run(_ load: Load) async throws {
        try await services.start()
        let rpc = RPC(host: services.rpcHost)
        let target = RPC.Target.member(Self.other)
        try await load.run(
            others: { try await rpc.call("bench.processorTime", on: target).intValue ?? 0 },
            each: { caller in
                let answer = try await rpc.call("bench.double", [.integer(caller)], on: target)
                guard answer == .integer(2 * caller) else { throw ActionError("a wrong answer") }
            })
    }
}

/// What a call is made of, with nothing around it: a message to another process and one back.
struct MessageBench {
    private static let channel = "hero:bench"
    private static let question = "processor time?"

    private let client: StandaloneClient

    init(_ client: StandaloneClient) { self.client = client }

    private static func channel(of caller: Int) -> String { "\(channel):\(caller)" }

    /// Never returns.
    func answer(_ begun: @escaping @Sendable () -> Void) async throws {
        let messages = try await client.subscribe(channels: [Self.channel], patterns: [])
        async let watch: Void = begun()
        for await case .message(_, _, let payload) in messages {
            // As calls are: one must not wait for another.
            Task { try await answer(String(decoding: payload, as: UTF8.self)) }
        }
        await watch
    }

    private func answer(_ text: String) async throws {
        let caller = text.split(separator: " ").first.flatMap { Int($0) } ?? 0
        let answer = text.hasSuffix(Self.question) ? "\(ProcessorTime.microseconds)" : text
        _ = try await client.send(RedisCommand("PUBLISH", "\(Self.channel(of: caller))", RedisArgument(answer)))
    }

    func run(_ load: Load) async throws {
        var lines: [Line] = []
        for caller in 0..<load.callers {
            lines.append(
                Line(
                    caller: caller, client: client,
                    answers: try await client.subscribe(channels: [Self.channel(of: caller)], patterns: [])))
        }
        // As long as the messages of a call.
        let text = String(repeating: "x", count: 200)
        let all = lines
        try await load.run(
            others: { Int(try await all[0].ask(Self.question)) ?? 0 },
            each: { caller in
                guard try await all[caller].ask(text).hasSuffix(text) else { throw ActionError("a wrong answer") }
            })
    }

    /// One caller's messages; used by one task at a time.
    private struct Line: Sendable {
        let caller: Int
        let client: StandaloneClient
        let answers: RedisSubscription

        func ask(_ text: String) async throws -> String {
            _ = try await client.send(
                RedisCommand("PUBLISH", "\(MessageBench.channel)", RedisArgument("\(caller) \(text)")))
            for await case .message(_, _, let payload) in answers { return String(decoding: payload, as: UTF8.self) }
            throw ActionError("the subscription has ended")
        }
    }
}
