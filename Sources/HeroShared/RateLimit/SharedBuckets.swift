// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis

/// The buckets of all processes: one key of Redis for each client, gone when its bucket is full.
struct SharedBuckets: Sendable {
    let policy: TokenPolicy
    /// What the keys' names begin with.
    let prefix: String
    /// Milliseconds that a request waits for Redis.
    let timeout: Int

    // Time is that of Redis, which may go back when another server takes over. One key, so that a cluster can run it.
    private static let script = RedisScript(
        """
        local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local tokens, at = tonumber(bucket[1] or limit), tonumber(bucket[2] or now)
        tokens = math.min(limit, tokens + math.max(0, now - at) * limit / window)
        local allowed = 0
        if tokens >= 1 then
          tokens, allowed = tokens - 1, 1
        end
        local left = string.format('%.9f', tokens)
        redis.call('HSET', KEYS[1], 'tokens', left, 'at', string.format('%.0f', now))
        redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((limit - tokens) * window / limit) + 1000))
        return {allowed, left}
        """)

    /// Takes a token.
    ///
    /// - Parameters:
    ///   - name: Whose.
    ///   - client: Where the buckets are.
    /// - Returns: Whether there was one.
    /// - Throws: ``RedisError`` when nobody knows in time; then a token may be gone.
    func take(_ name: String, from client: any RedisClient) async throws(RedisError) -> TokenBuckets.Verdict {
        let reply = try await client.run(
            Self.script, keys: [RedisArgument(prefix + name)],
            arguments: [RedisArgument(Int(policy.limit)), RedisArgument(Int(policy.windowMilliseconds))],
            timeout: timeout)
        guard let parts = reply.elements, parts.count == 2, let isAllowed = parts[0].integer,
            let tokens = parts[1].text.flatMap(Double.init)
        else { throw RedisError(.invalid, "the script of the rate limit returned \(reply)") }
        return policy.verdict(isAllowed: isAllowed == 1, tokens: tokens)
    }
}

/// Keeps requests from waiting for a Redis that is away: one of them tries it now and then.
struct SharedBucketsOutage: Sendable {
    /// Milliseconds between two tries.
    static let pause = 1000

    private var isAway = false
    private var nextTry = 0

    /// - Parameter now: Milliseconds of a clock that does not go back.
    /// - Returns: Whether this request may ask Redis.
    mutating func mayAsk(_ now: Int) -> Bool {
        guard isAway else { return true }
        guard now >= nextTry else { return false }
        nextTry = now + Self.pause
        return true
    }

    mutating func failed(_ now: Int) {
        isAway = true
        nextTry = now + Self.pause
    }

    /// - Returns: Whether it had been away.
    mutating func answered() -> Bool {
        defer { isAway = false }
        return isAway
    }
}
