// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis

/// Background jobs in Redis.
final class TaskService: TaskHost {
    private let clients: RedisClients?
    private let namespace: String

    init(_ clients: RedisClients?, namespace: String) {
        self.clients = clients
        self.namespace = namespace
    }

    func queueLengths(timeout: Int?) async throws -> [String: Int] {
        guard let clients else {
            throw RedisFailure(.disabled, "background jobs need Redis, and redis.enabled is false")
        }
        let members = RedisCommand(
            ["SMEMBERS", "\(namespace):queues"].map { Array($0.utf8) }, isRepeatable: true, timeout: timeout)
        let names = try await results(clients.tasks, [members])[0].elements?.compactMap(\.text) ?? []
        guard !names.isEmpty else { return [:] }
        let lengths = names.map {
            RedisCommand(
                ["LLEN", "\(namespace):queue:\($0)"].map { Array($0.utf8) }, isRepeatable: true, timeout: timeout)
        }
        let counts = try await results(clients.tasks, lengths).map { $0.integer ?? 0 }
        return Dictionary(zip(names, counts)) { first, _ in first }
    }

    private func results(_ client: any RedisClient, _ commands: [RedisCommand]) async throws -> [RESPValue] {
        try await client.send(commands).map { result in
            try result.mapError { RedisFailure($0, purpose: "background jobs") }.get()
        }
    }
}
