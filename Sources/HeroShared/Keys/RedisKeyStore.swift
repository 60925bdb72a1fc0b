// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis

/// Keys in Redis.
struct RedisKeyStore: KeyStore {
    let client: any RedisClient
    /// What cannot be used without a connection, for errors.
    let purpose: String

    /// Commands in one go: large caches must not fill the client's queue.
    private static let batch = 100

    func get(_ keys: [String]) async throws -> [[UInt8]?] {
        try await inBatches(keys) { RedisCommand("GET", RedisArgument($0), isRepeatable: true) }.map(\.bytes)
    }

    func set(_ key: String, _ value: [UInt8], expiry: Int?) async throws {
        var command = RedisCommand("SET", RedisArgument(key), RedisArgument(value))
        if let expiry { command.arguments += [Array("PX".utf8), Array(String(expiry).utf8)] }
        _ = try await send(command)
    }

    func set(_ entries: [(key: String, value: [UInt8])]) async throws {
        _ = try await inBatches(entries) { RedisCommand("SET", RedisArgument($0.key), RedisArgument($0.value)) }
    }

    func setIfAbsent(_ key: String, _ value: [UInt8], expiry: Int) async throws -> Bool {
        try await !send(
            RedisCommand("SET", RedisArgument(key), RedisArgument(value), "NX", "PX", RedisArgument(expiry))
        ).isNull
    }

    func expire(_ key: String, _ expiry: Int) async throws -> Bool {
        try await send(RedisCommand("PEXPIRE", RedisArgument(key), RedisArgument(expiry))).integer == 1
    }

    func delete(_ keys: [String]) async throws -> Set<ByteKey> {
        let replies = try await inBatches(keys) { RedisCommand("DEL", RedisArgument($0)) }
        return Set(zip(keys, replies).filter { ($0.1.integer ?? 0) > 0 }.map { ByteKey($0.0) })
    }

    func keys(matching pattern: String, count: Int) async throws -> [String] {
        var (names, seen) = ([String](), Set<ByteKey>())
        do {
            for try await name in client.scan(matching: pattern, count: count) {
                let text = String(decoding: name, as: UTF8.self)
                if seen.insert(ByteKey(text)).inserted { names.append(text) }
            }
        } catch {
            throw error.thrown(for: purpose)
        }
        return names
    }

    func push(_ key: String, _ item: [UInt8]) async throws {
        _ = try await send(RedisCommand("RPUSH", RedisArgument(key), RedisArgument(item)))
    }

    func pop(_ key: String) async throws -> [UInt8]? {
        try await send(RedisCommand("LPOP", RedisArgument(key))).bytes
    }

    func length(_ key: String) async throws -> Int {
        try await send(RedisCommand("LLEN", RedisArgument(key), isRepeatable: true)).integer ?? 0
    }

    private func send(_ command: RedisCommand) async throws -> RESPValue {
        do throws(RedisError) {
            return try await client.send(command)
        } catch {
            throw error.thrown(for: purpose)
        }
    }

    private func inBatches<Item>(_ items: [Item], _ command: (Item) -> RedisCommand) async throws -> [RESPValue] {
        var replies: [RESPValue] = []
        replies.reserveCapacity(items.count)
        for start in stride(from: 0, to: items.count, by: Self.batch) {
            let commands = items[start..<min(start + Self.batch, items.count)].map(command)
            for result in await client.send(commands) {
                replies.append(try result.mapError { $0.thrown(for: purpose) }.get())
            }
        }
        return replies
    }
}

extension RedisKeyStore {
    private static let deleteUnlessOther = RedisScript(
        """
        local owner = redis.call('GET', KEYS[1])
        if owner and owner ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[1])
        return 1
        """)
    private static let renew = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        """)
    /// A token is at least the time in milliseconds: tokens also grow when the last ones, or all, were lost with a primary,
    /// unless a lock is taken more often than once in a millisecond.
    private static let acquire = RedisScript(
        """
        local owner = redis.call('GET', KEYS[1])
        if owner and owner ~= ARGV[1] then return false end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        local now = redis.call('TIME')
        local last = tonumber(redis.call('GET', KEYS[2]) or '0') or 0
        local token = math.max(last + 1, now[1] * 1000 + math.floor(now[2] / 1000))
        local text = string.format('%.0f', token)
        redis.call('SET', KEYS[2], text, 'PX', 2592000000)
        return text
        """)

    func deleteUnlessOther(_ key: String, _ value: [UInt8]) async throws -> Bool {
        try await run(Self.deleteUnlessOther, [key], [value]).integer == 1
    }

    func renew(_ key: String, _ value: [UInt8], expiry: Int, timeout: Int) async throws -> Bool {
        try await run(Self.renew, [key], [value, Array(String(expiry).utf8)], timeout: timeout).integer == 1
    }

    func acquire(_ key: String, counter: String, _ value: [UInt8], expiry: Int) async throws -> Int? {
        try await run(Self.acquire, [key, counter], [value, Array(String(expiry).utf8)]).integer
    }

    /// All of them may run twice: the value says whose run it is.
    private func run(
        _ script: RedisScript, _ keys: [String], _ arguments: [[UInt8]], timeout: Int? = nil
    ) async throws -> RESPValue {
        do throws(RedisError) {
            return try await client.run(
                script, keys: keys.map { RedisArgument($0) }, arguments: arguments.map { RedisArgument($0) },
                isRepeatable: true, timeout: timeout)
        } catch {
            throw error.thrown(for: purpose)
        }
    }
}

extension RedisError {
    /// What a caller gets: a task that was cancelled is told so, and no more.
    package func thrown(for purpose: String) -> any Error {
        kind == .cancelled ? CancellationError() : RedisFailure(self, purpose: purpose)
    }
}

extension RedisFailure {
    /// - Parameters:
    ///   - error: Of a client.
    ///   - purpose: What cannot be used while there is no connection.
    init(_ error: RedisError, purpose: String) {
        switch error.kind {
        case .notSent:
            self.init(.notConnected, "redis not connected, \(purpose) cannot be used: \(error.message)")
        case .connectionLost, .cancelled: self.init(.outcomeUnknown, error.message)
        case .refused: self.init(.refused, error.message)
        case .invalid: self.init(.invalid, error.message)
        }
    }
}
