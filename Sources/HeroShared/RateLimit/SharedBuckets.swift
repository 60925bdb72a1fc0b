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
