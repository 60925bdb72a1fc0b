// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

// The life of an owner.
extension JobScripts {
    /// Once per process.
    package static let start = make(
        #"""
        -- start: once per process
        -- KEYS 1 leases  2 owners   ARGV 1 owner  2 lease ms  3 who (JSON, see §4)   → 1, or 0: this owner has ended
        redis.call('ZREM', KEYS[1], '')                           -- the key that opens a full Redis, here and below
        if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[3]) == 1 then redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) end
        return alive(ARGV[1]) and 1 or 0
        """#)

    /// Every third of the lease.
    package static let renew = make(
        #"""
        -- renew
        -- KEYS 1 leases  2 held:<owner>   ARGV 1 owner  2 lease ms   → the fields of held:<owner>, or LOST
        if not alive(ARGV[1]) then return redis.error_reply('LOST '..ARGV[1]) end
        redis.call('ZREM', KEYS[1], ARGV[1])                      -- ZREM before ZADD: see "a full Redis"
        redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
        return redis.call('HKEYS', KEYS[2])
        """#)

    /// Before a suspect runs.
    package static let mark = make(
        #"""
        -- mark: before a suspect runs, see §3.8
        -- KEYS 1 leases  2 held:<owner>   ARGV 1 owner  2… numbers of all suspects now running   → 1, or LOST
        if not alive(ARGV[1]) then return redis.error_reply('LOST '..ARGV[1]) end
        redis.call('ZREM', KEYS[1], '')
        redis.call('HSET', KEYS[2], '!', ' '..table.concat(ARGV, ' ', 2)..' ')
        return 1
        """#)

    /// The clean end.
    package static let leave = make(
        #"""
        -- leave: the clean end, after everything has been finished or requeued
        -- KEYS 1 leases  2 held:<owner>  3 owners   ARGV 1 owner   → 1, or 0: still holds jobs (HKEYS, requeue, again)
        for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
          if field ~= '#' and field ~= '!' then return 0 end
        end
        redis.call('ZREM', KEYS[1], ARGV[1])
        redis.call('DEL', KEYS[2])
        redis.call('HSET', KEYS[3], ARGV[1], 'gone '..now)        -- a late repetition of start is refused
        return 1
        """#)
}
