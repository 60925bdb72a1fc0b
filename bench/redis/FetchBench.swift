// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroShared

/// Values of the cache that are there already.
struct FetchBench {
    private let services: SharedServices

    init(_ client: StandaloneClient) {
        services = SharedServices(
            SharedSettings(id: "bench", projectRoot: "/"), clients: RedisClients(client), log: NoLog())
    }

    func run(_ load: Load) async throws {
        let cache = Cache(host: services.cacheHost, lockName: "bench")
        // As long as what the commands get.
        try await cache.save("bench", String(repeating: "x", count: 32))
        try await load.run { _ in
            _ = try await cache.fetch("bench") { () async throws -> String in throw ActionError("it was there") }
        }
    }
}

final class NoLog: LogHost {
    func isEnabled(_ level: LogLevel) -> Bool { false }
    func write(level: LogLevel, message: String, data: [(name: String, value: JSON)]) {}
}
