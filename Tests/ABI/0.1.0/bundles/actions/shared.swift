// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

/// Touches everything that processes share, in a process without Redis or with one.
struct Shared: Action {
    func run(_ context: Context) async throws -> JSON {
        var answer: JSON.Object = [:]
        try await cache(context.cache, &answer)
        answer["locked"] = .bool(try await context.locks.withLock("corpus", lease: .seconds(60)) { $0.token > 0 })
        do {
            _ = try await context.rpc.call("corpus.nobody", [1], on: .member("nobody"), timeout: .milliseconds(1))
        } catch let error as RPCError {
            answer["rpc"] = .string("\(error.code): \(error.message)")
        }
        let redis = context.application.redis
        guard redis.isEnabled else {
            do {
                _ = try await redis.pipeline([RedisRequest("GET", ["k"], isRepeatable: true, timeout: .seconds(1))])
            } catch let error as RedisFailure {
                answer["redis"] = .bool(error.code == .disabled)
            }
            return .object(answer)
        }
        answer["redis"] = .bool(try await redis.command("PING") == .status("PONG"))
        return .object(answer)
    }

    private func cache(_ cache: Cache, _ answer: inout JSON.Object) async throws {
        try await cache.save("corpus", 1, expiresAfter: .seconds(60))
        let entry = try await cache.load("corpus", as: Int.self, retry: .zero)
        answer["loaded"] = .bool(entry.key == "corpus" && entry.value == 1 && entry.createdAtMilliseconds > 0)
        answer["fetched"] = .integer(try await cache.fetch("corpus") { 2 })
        answer["destroyed"] = .bool(try await cache.destroy("corpus"))
        do {
            _ = try await cache.load("corpus", as: Int.self)
        } catch let error as CacheError {
            answer["missing"] = .string("\(error.code): \(error.message)")
        }
        try await cache.push("corpusList", "item")
        answer["popped"] = try await cache.pop("corpusList").map { .string($0) }
    }
}
