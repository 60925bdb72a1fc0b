// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

// What a job needs while it runs.
extension JobScripts {
    /// Limits and age.
    package static let admit = make(
        #"""
        -- admit: whether a job may run now whose task has limits, or which may be too old
        -- KEYS 1 leases  2 held:<owner>  3 running:<task>  4 starts:<task>  5 deadlines
        -- ARGV 1 owner  2 number  3 most at a time, '' = any  4 most starts, '' = any  5 in how many ms  6 '1' = may be too old
        -- → {1}; {0, ms to wait, 0 = unknown}; {-1}: too old; {-2}: not held; or LOST
        if not alive(ARGV[1]) then return redis.error_reply('LOST '..ARGV[1]) end
        local v, id = redis.call('HGET', KEYS[2], ARGV[2]), ARGV[1]..'~'..ARGV[2]
        if not v then return {-2} end
        redis.call('ZREM', KEYS[1], '')
        if ARGV[6] == '1' then
          local deadline = redis.call('ZSCORE', KEYS[5], redis.sha1hex(bytes(v)))
          if deadline and tonumber(deadline) < now then return {-1} end
        end
        if ARGV[3] ~= '' then
          if redis.call('ZSCORE', KEYS[3], id) then return {1} end               -- a repetition
          if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[3]) then
            for _, other in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
              if not alive(other:match('^(.*)~')) then redis.call('ZREM', KEYS[3], other) end
            end
            if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[3]) then return {0, 0} end
          end
        end
        if ARGV[4] ~= '' then                                     -- the last so many starts
          local most, period = tonumber(ARGV[4]), tonumber(ARGV[5])
          local first = redis.call('LINDEX', KEYS[4], -most)
          if first and now - first < period then return {0, period - (now - first)} end
          redis.call('RPUSH', KEYS[4], now)
          redis.call('LTRIM', KEYS[4], -most, -1)
          redis.call('PEXPIRE', KEYS[4], period)
        end
        if ARGV[3] ~= '' then redis.call('ZADD', KEYS[3], now, id) end
        return {1}
        """#)

    /// Takes a lock for the time of a run.
    package static let lock = make(
        #"""
        -- lock: JobLock. One whose owner has ended is taken over; node-resque's own values say nothing of an owner
        -- KEYS 1 leases  2 workerslock:<job>   ARGV 1 owner  2 number  3 seconds   → 1, or 0: another runs; or LOST
        if not alive(ARGV[1]) then return redis.error_reply('LOST '..ARGV[1]) end
        local mine, found = ARGV[1]..'~'..ARGV[2], redis.call('GET', KEYS[2])
        if found then
          local holder = found:match('^%d+ (.*)$')
          if not holder or holder ~= mine and alive(holder:match('^(.*)~')) then return 0 end
        end
        redis.call('ZREM', KEYS[1], '')
        redis.call('SET', KEYS[2], (math.floor(now / 1000) + ARGV[3] + 1)..' '..mine, 'EX', ARGV[3])
        return 1
        """#)

    /// Gives it back.
    package static let unlock = make(
        #"""
        -- unlock: JobLock, after the run
        -- KEYS 1 workerslock:<job>   ARGV 1 owner  2 number   → 1, or 0: another's
        local found = redis.call('GET', KEYS[1])
        if not found or found:match('^%d+ (.*)$') ~= ARGV[1]..'~'..ARGV[2] then return 0 end
        return redis.call('DEL', KEYS[1])
        """#)

    /// Keeps what a job says.
    package static let note = make(
        #"""
        -- note: progress, cursor or result of a job, from whoever holds it
        -- KEYS 1 leases  2 held:<owner>  3 where to  4 cursors
        -- ARGV 1 owner  2 number  3 ms to keep it  4 value  5 the job's SHA-1, if claims are to say that there is one, or ''
        -- → 1, or 0: not held; or LOST
        if not alive(ARGV[1]) then return redis.error_reply('LOST '..ARGV[1]) end
        if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 0 then return 0 end
        if ARGV[5] ~= '' then redis.call('HSET', KEYS[4], ARGV[5], now + ARGV[3]) end
        redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[3])
        return 1
        """#)
}
