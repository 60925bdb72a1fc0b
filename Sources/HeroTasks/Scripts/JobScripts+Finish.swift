// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

extension JobScripts {
    /// What has become of jobs that an owner held.
    package static let finish = make(
        #"""
        -- finish (ack)
        -- KEYS 1 leases  2 held:<owner>  3 attempts  4 kept  5 retry  6 dead  7 failed  8 stat:processed  9 stat:failed
        --      10 stat:expired  11 batches:ended  12… queue:<q> of what is requeued; batch:<id> followed by batch:<id>:jobs
        -- ARGV 1 owner  2 how many are simply done  3… their numbers; then fours: number, outcome, argument, batch
        --      cleared '' (done, and claim gave counters, or it is in a batch) | dropped '' (neither done nor failed)
        --      expired '' | retry delay ms | later delay ms (not a failure) | unknown delay ms (the same, counted) | failed failure entry | requeue index in KEYS
        --      batch: '' or "<index in KEYS>:<id in it>"
        --      at most 100 in all; requeued ones highest number first
        -- → how many of the done were held; then 1 or 0 for each four; then ids of batches that have ended; or LOST
        if not alive(ARGV[1]) then return redis.error_reply('LOST '..ARGV[1]) end
        local held, n = KEYS[2], tonumber(ARGV[2])
        local answer, processed, failed, expired = {0}, 0, 0, 0
        local over = {}
        redis.call('ZREM', KEYS[1], '')
        if n > 0 then
          processed = redis.call('HDEL', held, unpack(ARGV, 3, n + 2))
          answer[1] = processed
        end
        for i = n + 3, #ARGV, 4 do
          local number, outcome, argument, batch = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
          local v, id = redis.call('HGET', held, number), ARGV[1]..'~'..number
          if v then
            local p = bytes(v)
            local sha, final = redis.sha1hex(p), true
            if outcome == 'requeue' then                          -- add first, remove afterwards
              redis.call('LPUSH', KEYS[tonumber(argument)], p)
              final = false
            elseif outcome == 'retry' or outcome == 'later' or outcome == 'unknown' then
              redis.call('HSET', KEYS[4], id, v)
              redis.call('ZADD', KEYS[5], now + argument, id)
              if outcome == 'retry' then
                local f, c = counters(KEYS[3], sha)
                redis.call('HSET', KEYS[3], sha, (f + 1)..' '..c..' '..now)
                failed = failed + 1
              elseif outcome == 'unknown' then
                local f, c, _, u = counters(KEYS[3], sha)
                redis.call('HSET', KEYS[3], sha, f..' '..c..' '..now..' '..(u + 1))
              end
              final = false
            elseif outcome == 'failed' then
              die(KEYS[4], KEYS[6], KEYS[7], id, v, argument)
              failed = failed + 1
            elseif outcome == 'expired' then expired = expired + 1
            elseif outcome == 'cleared' then processed = processed + 1 end
            if final and batch ~= '' then
              local k, member = batch:match('^(%d+):(.*)$')
              k = tonumber(k)
              ends(KEYS[k], KEYS[k + 1], KEYS[11], member, outcome ~= 'cleared')
              over[k] = true
            end
            redis.call('HDEL', held, number)
            if final then redis.call('HDEL', KEYS[3], sha) end
          end
          answer[#answer + 1] = v and 1 or 0
        end
        if processed > 0 then redis.call('INCRBY', KEYS[8], processed) end
        if failed > 0 then redis.call('INCRBY', KEYS[9], failed) end
        if expired > 0 then redis.call('INCRBY', KEYS[10], expired) end
        for k in pairs(over) do
          local id = redis.call('HGET', KEYS[k], 'id')
          if id and redis.call('SISMEMBER', KEYS[11], id) == 1 then answer[#answer + 1] = id end
        end
        return answer
        """#)
}
