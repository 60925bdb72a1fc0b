// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A transaction that replicas should have, too.
struct ReplicatedTransaction: Sendable {
    let commands: [RedisCommand]
    let replicas: Int
    let milliseconds: Int

    /// Whether all of it may run twice.
    var isRepeatable: Bool { commands.allSatisfy(\.isRepeatable) }
    var timeout: Int? { commands.compactMap(\.timeout).max() }

    /// - Parameter connection: Has no other user meanwhile: `WAIT` is about what its connection has written.
    /// - Returns: The replies, and how many replicas have what they are about.
    /// - Throws: ``RedisError``; also when only `WAIT` has failed, and the transaction has been run.
    func run(on connection: RedisConnection) async throws(RedisError) -> ReplicatedReplies {
        let values = try await connection.transaction(commands)
        let wait = RedisCommand("WAIT", RedisArgument(replicas), RedisArgument(milliseconds))
        return ReplicatedReplies(values: values, replicas: try await connection.send(wait).integer ?? 0)
    }
}
