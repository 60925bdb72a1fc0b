// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

// What others do for an owner that is gone, and for jobs that wait.
extension JobScripts {
    /// Gives back what an owner held.
    package static let reap = make(
        #"""
        -- reap: the caller has read held:<owner>; repeat until 0 is left
        -- KEYS 1 leases  2 held:<owner>  3 attempts  4 kept  5 dead  6 failed  7 stat:failed  8 owners  9 batches:ended
        --      10… queue:<q>; batch:<id> followed by batch:<id>:jobs
        -- ARGV 1 owner  2 '1' = proven dead  3 number of the job that crashed it, '' = unknown  4 crashes allowed  5 window ms
        --      6… fours, highest number first, at most 100: number, index in KEYS of its queue, failure entry if given up,
        --      batch: '' or "<index in KEYS>:<id in it>"
        -- → jobs left, then the numbers given up; or -1: alive
        local owner, held = ARGV[1], KEYS[2]
        if ARGV[2] ~= '1' and alive(owner) then return {-1} end   -- no lease at all: reaped, that is the sweep
        redis.call('ZREM', KEYS[1], owner)                        -- fenced from here on
        local marked, answer = redis.call('HGET', held, '!') or '', {0}
        for i = 6, #ARGV, 4 do
          local number, entry = ARGV[i], ARGV[i + 2]
          local v, id = redis.call('HGET', held, number), owner..'~'..number
          if v then
            local p = bytes(v)
            local sha = redis.sha1hex(p)
            local f, c, at = counters(KEYS[3], sha)
            if now - at > tonumber(ARGV[5]) then c = 0 end
            local guilty = number == ARGV[3] or ARGV[3] == '' and (c == 0 or marked:find(' '..number..' ', 1, true))
            if guilty then c = c + 1 end
            if guilty and c > tonumber(ARGV[4]) then
              die(KEYS[4], KEYS[5], KEYS[6], id, v, entry)
              if ARGV[i + 3] ~= '' then
                local k, member = ARGV[i + 3]:match('^(%d+):(.*)$')
                ends(KEYS[tonumber(k)], KEYS[k + 1], KEYS[9], member, true)
              end
              redis.call('HDEL', KEYS[3], sha)
              redis.call('INCR', KEYS[7])
              answer[#answer + 1] = number
            else
              if guilty then redis.call('HSET', KEYS[3], sha, f..' '..c..' '..now) end
              redis.call('LPUSH', KEYS[tonumber(ARGV[i + 1])], p)
            end
            redis.call('HDEL', held, number)
          end
        end
        local left = redis.call('HLEN', held) - redis.call('HEXISTS', held, '#') - redis.call('HEXISTS', held, '!')
        answer[1] = left
        if left > 0 then redis.call('ZADD', KEYS[1], 0, owner)    -- still to be found, never to be renewed
        else
          redis.call('HSET', KEYS[8], owner, 'gone '..now)
          redis.call('DEL', held)
        end
        return answer
        """#)

    /// Where retries belong.
    package static let whose = make(
        #"""
        -- whose: queues of jobs that wait   KEYS 1 kept   ARGV at most 100 ids   → a name for each, nil of what is not there
        local names = {}
        for i = 1, #ARGV do
          local v = redis.call('HGET', KEYS[1], ARGV[i])
          local n = v and v:match('^%d+')
          names[i] = n and v:sub(#n + 2, #n + 1 + n) or false
        end
        return names
        """#)

    /// Returns retries to their queues.
    package static let promote = make(
        #"""
        -- promote: retries that are due; the caller has read retry and kept
        -- KEYS 1 retry  2 kept  3 queues  4… queue:<q>   ARGV at most 100 triples: id, index in KEYS of its queue, queue name
        -- → how many
        local moved = 0
        for i = 1, #ARGV, 3 do
          local due, v = redis.call('ZSCORE', KEYS[1], ARGV[i]), redis.call('HGET', KEYS[2], ARGV[i])
          if due and v and tonumber(due) <= now then
            redis.call('HDEL', KEYS[2], '')
            known(KEYS[3], ARGV[i + 2])
            redis.call('RPUSH', KEYS[tonumber(ARGV[i + 1])], bytes(v))
            redis.call('ZREM', KEYS[1], ARGV[i])
            redis.call('HDEL', KEYS[2], ARGV[i])
            moved = moved + 1
          end
        end
        return moved
        """#)
}
