// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What everybody uses Redis through, whatever kind of server is behind it: embedded, alone, Sentinel or Cluster.
package protocol RedisClient: AnyObject, Sendable {
    /// Sends commands in one go.
    ///
    /// - Parameter commands: In a cluster they may go to several nodes; order is kept per slot.
    /// - Returns: One result each, in order. An error reply is a failure of kind `refused`.
    func send(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>]

    /// Runs commands as one `MULTI` … `EXEC`, written in one piece.
    ///
    /// - Parameter commands: In a cluster all keys must be in one slot.
    /// - Returns: The replies; an error in one command is a value among them.
    /// - Throws: ``RedisError`` when the transaction as a whole was not run, or nobody knows whether it was.
    func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue]

    /// Runs commands as ``transaction(_:)`` does, and waits until replicas have them (`WAIT`), on a connection of its own.
    ///
    /// - Parameters:
    ///   - commands: In a cluster all keys must be in one slot.
    ///   - replicas: How many should have them.
    ///   - milliseconds: How long to wait for that; 0 for ever.
    /// - Returns: The replies, and how many replicas have them: there may be fewer than were asked for.
    /// - Throws: ``RedisError``; also when the transaction was run, and the connection broke afterwards.
    func transaction(
        _ commands: [RedisCommand], replicas: Int, milliseconds: Int
    ) async throws(RedisError) -> ReplicatedReplies

    /// Sends a command that may wait in the server (`BLPOP`, `WAIT`) on a connection of its own.
    func sendBlocking(_ command: RedisCommand) async throws(RedisError) -> RESPValue

    /// Messages of channels and patterns, until the sequence is given up.
    ///
    /// - Returns: A sequence that survives reconnects and says where messages may be missing.
    /// - Throws: ``RedisError`` when the first subscription cannot be made within the client's limit.
    func subscribe(channels: [String], patterns: [String]) async throws(RedisError) -> RedisSubscription

    /// Ends all connections; commands in flight get their replies or fail within the client's limit.
    func close() async
}

extension RedisClient {
    package func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        guard let result = await send([command]).first else {
            throw RedisError(.invalid, "a client returned no result for \(command.name)")
        }
        return try result.get()
    }
}

/// What a subscription brings.
package enum RedisEvent: Sendable, Hashable {
    case message(channel: String, pattern: String?, payload: [UInt8])
    /// The connection was away for a while: messages may be missing.
    case gap
}

/// Events of a subscription, in order.
package struct RedisSubscription: AsyncSequence, Sendable {
    package typealias Element = RedisEvent
    package typealias Failure = Never

    private let stream: AsyncStream<RedisEvent>

    package init(_ stream: AsyncStream<RedisEvent>) { self.stream = stream }

    package func makeAsyncIterator() -> AsyncStream<RedisEvent>.Iterator { stream.makeAsyncIterator() }
}
