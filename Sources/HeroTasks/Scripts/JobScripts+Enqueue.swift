// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

// What adds jobs.
extension JobScripts {
    /// One job with conditions.
    package static let enqueue = make(
        #"""
        -- enqueue: one job that has conditions; those without are a plain MULTI
        -- KEYS 1 queues  2 queue:<q>  3 unique:<key>  4 deadlines  5 job:<id>  6 batch:<id>  7 batch:<id>:jobs  8 lock:<job>
        --      9 timestamps:<job>   (any key of the namespace for what is not wanted)
        -- ARGV 1 queue  2 payload  3 unique for ms  4 too old after ms  5 status kept for ms  6 status  7 id in the batch
        --      8 QueueLock for s  9 '1' = not while the same is delayed   (3 to 9: '' = not wanted)
        -- → 1; 0: taken by unique; -1: the batch takes no more; -2: locked; -3: delayed
        if ARGV[3] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
        if ARGV[7] ~= '' and redis.call('HGET', KEYS[6], 'state') ~= 'open' then return -1 end
        if ARGV[8] ~= '' then
          local till = tonumber(redis.call('GET', KEYS[8]) or 0)
          if till and till >= math.floor(now / 1000) then return -2 end
        end
        if ARGV[9] == '1' and redis.call('EXISTS', KEYS[9]) == 1 then return -3 end
        known(KEYS[1], ARGV[1])
        if ARGV[7] ~= '' then redis.call('SADD', KEYS[7], ARGV[7]) end
        redis.call('RPUSH', KEYS[2], ARGV[2])                     -- before the keys that would refuse the caller's next attempt
        if ARGV[3] ~= '' then redis.call('SET', KEYS[3], now, 'PX', ARGV[3]) end
        if ARGV[4] ~= '' then redis.call('ZADD', KEYS[4], now + ARGV[4], redis.sha1hex(ARGV[2])) end
        if ARGV[5] ~= '' then redis.call('SET', KEYS[5], ARGV[6], 'PX', ARGV[5]) end
        if ARGV[8] ~= '' then redis.call('SET', KEYS[8], math.floor(now / 1000) + ARGV[8] + 1, 'EX', ARGV[8]) end
        return 1
        """#)

    /// One job for later.
    package static let schedule = make(
        #"""
        -- schedule: one job for later
        -- KEYS 1 delayed:<s>  2 timestamps:<job>  3 delayed_queue_schedule  4 deadlines  5 unique:<key>  6 job:<id>  7 batch:<id>
        --      8 batch:<id>:jobs   (any key of the namespace for what is not wanted)
        -- ARGV 1 payload  2 s  3 unique for ms  4 too old after ms, from then on  5 status kept for ms  6 status  7 id in the batch
        --      (3 to 7: '' = not wanted)
        -- → 1; 0: taken by unique; -1: the batch takes no more; -4: the same is there already
        if redis.call('SISMEMBER', KEYS[2], 'delayed:'..ARGV[2]) == 1 then return -4 end
        if ARGV[3] ~= '' and redis.call('EXISTS', KEYS[5]) == 1 then return 0 end
        if ARGV[7] ~= '' then
          if redis.call('HGET', KEYS[7], 'state') ~= 'open' then return -1 end
          redis.call('SADD', KEYS[8], ARGV[7])
        end
        redis.call('ZADD', KEYS[3], ARGV[2], ARGV[2])
        redis.call('RPUSH', KEYS[1], ARGV[1])
        redis.call('SADD', KEYS[2], 'delayed:'..ARGV[2])
        if ARGV[3] ~= '' then redis.call('SET', KEYS[5], now, 'PX', ARGV[3]) end
        if ARGV[4] ~= '' then redis.call('ZADD', KEYS[4], ARGV[2] * 1000 + ARGV[4], redis.sha1hex(ARGV[1])) end
        if ARGV[5] ~= '' then redis.call('SET', KEYS[6], ARGV[6], 'PX', ARGV[5]) end
        return 1
        """#)

    /// No more of it.
    package static let unschedule = make(
        cancel + #"""
            -- unschedule: takes a job out of all moments; the caller has read timestamps:<job>
            -- KEYS 1 timestamps:<job>  2… delayed:<s>   ARGV 1 payload  2 namespace  3… s
            -- → those where it was
            local found = {}
            for i = 2, #KEYS do
              if redis.call('LREM', KEYS[i], 0, ARGV[1]) > 0 then found[#found + 1] = ARGV[i + 1] end
              redis.call('SREM', KEYS[1], 'delayed:'..ARGV[i + 1])
            end
            if #found > 0 then cancelled(ARGV[2], ARGV[1]) end
            return found
            """#)
}
