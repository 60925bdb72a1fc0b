// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a subscription brings.
public enum RedisMessage: Sendable, Hashable {
    /// A message; the pattern is that of the subscription that it fits, `nil` where the channel was named.
    case message(channel: String, pattern: String?, payload: [UInt8])
    /// The connection was away for a while: messages may be missing.
    case gap
}

/// Messages of a subscription, in order.
public struct RedisMessages: AsyncSequence, Sendable {
    /// What the sequence brings.
    public typealias Element = RedisMessage
    /// Nothing: the sequence ends when its task is cancelled or the process stops.
    public typealias Failure = Never

    private let stream: AsyncStream<RedisMessage>

    init(_ stream: AsyncStream<RedisMessage>) { self.stream = stream }

    /// Takes messages, for one task.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var iterator: AsyncStream<RedisMessage>.Iterator

        init(_ iterator: AsyncStream<RedisMessage>.Iterator) { self.iterator = iterator }

        /// The next message; `nil` at the end.
        public mutating func next() async -> RedisMessage? { await iterator.next() }
    }

    /// Begins to take messages.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream.makeAsyncIterator()) }
}
