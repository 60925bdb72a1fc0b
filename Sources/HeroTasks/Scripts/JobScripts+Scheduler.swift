// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

// What the leader does.
extension JobScripts {
    /// Delayed jobs that are due.
    package static let move = make(
        cancel + #"""
            -- move: jobs that are due, as long as they are still at the head; the caller has read delayed:<s>
            -- KEYS 1 delayed:<s>  2 delayed_queue_schedule  3 queues  4… pairs: timestamps:<job>, queue:<q> (or failed)
            -- ARGV 1 s  2 namespace  3… at most 100 triples: payload, name of the queue ('' = none), what goes to the end of the
            --      second key, if anything
            -- → how many, and how many are left
            redis.call('ZREM', KEYS[2], '')
            local moved = 0
            for i = 3, #ARGV, 3 do
              if redis.call('LINDEX', KEYS[1], 0) ~= ARGV[i] then break end          -- somebody else has taken it
              local k = 4 + moved * 2
              if ARGV[i + 1] ~= '' then known(KEYS[3], ARGV[i + 1]) else cancelled(ARGV[2], ARGV[i]) end
              if ARGV[i + 2] ~= '' then redis.call('RPUSH', KEYS[k + 1], ARGV[i + 2]) end
              redis.call('LPOP', KEYS[1])
              redis.call('SREM', KEYS[k], 'delayed:'..ARGV[1])
              moved = moved + 1
            end
            local left = redis.call('LLEN', KEYS[1])
            if left == 0 then redis.call('ZREM', KEYS[2], ARGV[1]) end
            return {moved, left}
            """#)

    /// Recurrent tasks.
    package static let recur = make(
        #"""
        -- recur: the next run of a recurrent task
        -- KEYS 1 recurrent  2 queues  3 queue:<q>  4 lock:<job>  5 timestamps:<job>
        -- ARGV 1 task  2 what is stored, '' = nothing  3 what is to be stored  4 queue  5 payload  6 how many times, at most 100
        --      7 QueueLock for s, '' = none
        -- → {1}; {0, what is stored}: another was faster; {2}: stored, and one waits already
        local stored = redis.call('HGET', KEYS[1], ARGV[1]) or ''
        if stored ~= ARGV[2] then return {0, stored} end
        local times, answer = math.min(tonumber(ARGV[6]), 100), 1
        if ARGV[7] ~= '' and times > 0 then
          local till = tonumber(redis.call('GET', KEYS[4]) or 0)
          if till and till >= math.floor(now / 1000) or redis.call('EXISTS', KEYS[5]) == 1 then times, answer = 0, 2 end
        end
        for _ = 1, times do
          known(KEYS[2], ARGV[4])
          redis.call('RPUSH', KEYS[3], ARGV[5])
        end
        if ARGV[7] ~= '' and times > 0 then
          redis.call('SET', KEYS[4], math.floor(now / 1000) + ARGV[7] + 1, 'EX', ARGV[7])
        end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
        return {answer}
        """#)
}
