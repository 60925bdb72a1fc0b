// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis

/// Commands of a client, several in one call.
struct CommandBench {
    private let client: StandaloneClient
    private let isWriting: Bool

    private static let value = RedisArgument([UInt8](repeating: UInt8(ascii: "x"), count: 32))

    init(_ client: StandaloneClient, isWriting: Bool) {
        self.client = client
        self.isWriting = isWriting
    }

    func run(_ load: Load) async throws {
        let write = RedisCommand("SET", "hero:bench", Self.value)
        _ = try await client.send(write)
        let commands = Array(repeating: isWriting ? write : RedisCommand("GET", "hero:bench"), count: load.depth)
        let client = client
        try await load.run { _ in for result in await client.send(commands) { _ = try result.get() } }
    }
}
