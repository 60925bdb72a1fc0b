// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Elements of a keyspace or of one key, in pieces, while others go on changing them.
///
/// As Redis promises: what is there all the time comes at least once, and may come twice; what comes and goes meanwhile
/// may come or not.
package struct RedisScan: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = RedisError

    private let client: any RedisClient
    private let head: [[UInt8]]
    private let options: [[UInt8]]

    init(_ client: any RedisClient, _ head: [RedisArgument], _ options: [RedisArgument]) {
        self.client = client
        self.head = head.map(\.bytes)
        self.options = options.map(\.bytes)
    }

    package func makeAsyncIterator() -> Iterator { Iterator(scan: self) }

    /// Asks for the next piece when the last one has been used up.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let scan: RedisScan
        private var elements: ArraySlice<RESPValue> = []
        /// `nil` at the end; not a number: a client of several servers has cursors of its own.
        private var cursor: [UInt8]? = Array("0".utf8)

        fileprivate init(scan: RedisScan) { self.scan = scan }

        package mutating func next() async throws(RedisError) -> [UInt8]? {
            while true {
                if let element = elements.popFirst() {
                    if let bytes = element.bytes { return bytes }
                    continue
                }
                guard let cursor else { return nil }
                let command = RedisCommand(scan.head + [cursor] + scan.options, isRepeatable: true)
                let reply = try await scan.client.send(command).elements ?? []
                guard reply.count == 2, let next = reply[0].bytes, let page = reply[1].elements else {
                    throw RedisError(.refused, "ERR the answer to \(command.name) is no cursor with elements")
                }
                elements = page[...]
                self.cursor = next == Array("0".utf8) ? nil : next
            }
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(RedisError) -> [UInt8]? {
            try await next()
        }
    }
}

extension RedisClient {
    /// All keys (`SCAN`).
    ///
    /// - Parameters:
    ///   - pattern: Which, in Redis' notation; all when it is `nil`.
    ///   - type: Only keys of this type, for example `hash`.
    ///   - count: About how many the server looks at for one reply.
    /// - Returns: The keys, as they are asked for.
    package func scan(matching pattern: String? = nil, type: String? = nil, count: Int = 500) -> RedisScan {
        var options = Self.options(pattern, count)
        if let type { options += ["TYPE", RedisArgument(type)] }
        return RedisScan(self, ["SCAN"], options)
    }

    /// All members of a set (`SSCAN`).
    package func scanSet(_ key: RedisArgument, matching pattern: String? = nil, count: Int = 500) -> RedisScan {
        RedisScan(self, ["SSCAN", key], Self.options(pattern, count))
    }

    /// All of a hash (`HSCAN`): field, value, field, value.
    package func scanHash(_ key: RedisArgument, matching pattern: String? = nil, count: Int = 500) -> RedisScan {
        RedisScan(self, ["HSCAN", key], Self.options(pattern, count))
    }

    /// All of a sorted set (`ZSCAN`): member, score, member, score.
    package func scanSortedSet(
        _ key: RedisArgument, matching pattern: String? = nil, count: Int = 500
    ) -> RedisScan {
        RedisScan(self, ["ZSCAN", key], Self.options(pattern, count))
    }

    private static func options(_ pattern: String?, _ count: Int) -> [RedisArgument] {
        (pattern.map { ["MATCH", RedisArgument($0)] } ?? []) + ["COUNT", RedisArgument(count)]
    }
}
