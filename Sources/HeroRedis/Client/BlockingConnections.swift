// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore

/// Sends commands that may wait in the server, each on a connection that it has for itself meanwhile.
final class BlockingConnections: Sendable {
    private let pool: ConnectionPool
    private let loop: any EventLoop
    private let waitMilliseconds: Int

    init(_ settings: RedisConnectionSettings, _ locator: any RedisLocator, on loop: any EventLoop) {
        pool = ConnectionPool(settings, locator, on: loop)
        self.loop = loop
        waitMilliseconds = settings.commandTimeout
    }

    /// - Throws: ``RedisError``: `notSent` when there is no connection within the command's time, or the client's.
    func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        guard let name = command.arguments.first, !name.isEmpty else {
            throw RedisError(.invalid, "a command without a name cannot be sent to Redis")
        }
        return try await run(within: command.timeout, isRepeatable: command.isRepeatable) {
            connection throws(RedisError) in try await connection.send(command)
        }
    }

    /// - Throws: As ``send(_:)``.
    func transaction(_ transaction: ReplicatedTransaction) async throws(RedisError) -> ReplicatedReplies {
        try await run(within: transaction.timeout, isRepeatable: transaction.isRepeatable) {
            connection throws(RedisError) in try await transaction.run(on: connection)
        }
    }

    private func run<Value: Sendable>(
        within timeout: Int?, isRepeatable: Bool,
        _ body: @Sendable (RedisConnection) async throws(RedisError) -> Value
    ) async throws(RedisError) -> Value {
        let deadline = loop.nanoseconds + max(0, min(timeout ?? waitMilliseconds, 1 << 40)) * 1_000_000
        var attempt = 0
        while true {
            do throws(RedisError) {
                return try await pool.with(until: deadline, body)
            } catch {
                guard Self.mayRepeat(isRepeatable, error), await !pool.hasEnded else { throw error }
                try await pause(attempt, until: deadline, otherwise: error)
            }
            attempt += 1
        }
    }

    private static func mayRepeat(_ isRepeatable: Bool, _ error: RedisError) -> Bool {
        switch error.kind {
        case .notSent: true
        case .connectionLost: isRepeatable
        case .refused: error.meansFailover
        case .invalid, .cancelled: false
        }
    }

    private func pause(_ attempt: Int, until deadline: Int, otherwise error: RedisError) async throws(RedisError) {
        var generator = BlockRandom()
        let delay = RedisBackoff.milliseconds(attempt: attempt, using: &generator)
        guard loop.nanoseconds + delay * 1_000_000 < deadline, !Task.isCancelled else { throw error }
        try? await Task.sleep(for: .milliseconds(delay))
    }

    /// On the event loop.
    func relocate(to endpoint: RedisEndpoint, because error: RedisError) {
        pool.relocate(to: endpoint, because: error)
    }

    /// On the event loop: ends all; commands that wait in the server fail.
    func close() -> EventLoopFuture<Void> { pool.close() }
}
