// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

extension JobScripts {
    /// The next jobs of an owner.
    package static let claim = make(
        long + #"""
            -- claim: up to `want` jobs, queues in strict order
            -- KEYS 1 leases  2 held:<owner>  3 attempts  4 paused  5 kept  6 dead  7 failed  8 stat:failed  9 cursors
            --      10… queue:<q>
            -- ARGV 1 owner  2 first: number of the first job; the next call's is first + want  3 want, at most 100
            --      4 bytes: nothing more is taken when there are so many; one job always is
            --      5 bytes of the longest job: one that is longer goes to the dead set, and is the last of the claim
            --      6 when, as JavaScript's Date says it, for its entry in failed  7… names of the queues
            -- → number, "<length of queue>:<queue><payload>", counters ('' or "failures crashes ms", behind a + when it has
            --   kept a place to go on), and so on; last of all
            --   number, "<length of queue>:<queue>", "long <bytes>" of a job that was too long; a repetition says nothing of it
            if not alive(ARGV[1]) then return redis.error_reply('LOST '..ARGV[1]) end
            local first, want = tonumber(ARGV[2]), math.min(tonumber(ARGV[3]), 100)
            if want < 1 then return {} end
            local last = tonumber(redis.call('HGET', KEYS[2], '#') or 0)
            if first < last then return redis.error_reply('SPENT '..first) end      -- never a second job under a number
            local jobs, shas, tooLong = {}, {}, nil
            if first == last then                                     -- a repetition: the same jobs, without those finished
              local numbers = {}
              for i = 1, want do numbers[i] = first + i - 1 end
              local held = redis.call('HMGET', KEYS[2], unpack(numbers))
              for i = 1, want do
                if held[i] then jobs[#jobs + 1] = numbers[i] jobs[#jobs + 1] = held[i] jobs[#jobs + 1] = '' end
              end
            else
              local record, taken, n, room = {'#', first}, {}, 0, tonumber(ARGV[4])   -- recorded even if nothing is found
              local most, piece, paused = tonumber(ARGV[5]), 1, {}
              if redis.call('EXISTS', KEYS[4]) == 1 then paused = redis.call('SMISMEMBER', KEYS[4], '*', unpack(ARGV, 7)) end
              for q = 10, paused[1] == 1 and 0 or #KEYS do
                if not taken[KEYS[q]] and paused[q - 8] ~= 1 then     -- named twice, taken once
                  local name, count = ARGV[q - 3], 0
                  local tag = #name..':'..name
                  while n < want and room > 0 and not tooLong do      -- in pieces: a hundred large ones would not fit into memory
                    local some = math.min(want - n, piece)
                    local got = redis.call('LRANGE', KEYS[q], count, count + some - 1)
                    piece = math.min(piece * 4, 10)
                    for i = 1, #got do
                      if room <= 0 then break end
                      local k = first + n
                      count = count + 1
                      if #got[i] > most then
                        tooLong = {k, name, got[i]}
                        break
                      end
                      local v = tag..got[i]                           -- spliced, never decoded and encoded again
                      record[n * 2 + 3], record[n * 2 + 4] = k, v
                      jobs[n * 3 + 1], jobs[n * 3 + 2], jobs[n * 3 + 3] = k, v, ''
                      n, room = n + 1, room - #v
                      if #v > 65536 then piece = 1 end
                    end
                    if #got < some then break end
                  end
                  taken[KEYS[q]] = count
                end
                if n == want or room <= 0 or tooLong then break end
              end
              redis.call('ZREM', KEYS[1], '')
              redis.call('HSET', KEYS[2], unpack(record))             -- add first, remove afterwards
              if tooLong then
                bury(KEYS[5], KEYS[6], KEYS[7], KEYS[8], ARGV[1]..'~'..tooLong[1], tooLong[2], tooLong[3], ARGV[5],
                  ARGV[1]:match('^[^~]*'), ARGV[6])
              end
              for queue, count in pairs(taken) do
                if count > 0 then redis.call('LTRIM', queue, count, -1) end
              end
            end
            local hasCounters = #jobs > 0 and redis.call('EXISTS', KEYS[3]) == 1
            local hasCursors = #jobs > 0 and redis.call('EXISTS', KEYS[9]) == 1
            if hasCounters or hasCursors then
              for i = 2, #jobs, 3 do shas[#shas + 1] = redis.sha1hex(bytes(jobs[i])) end
              local known = hasCounters and redis.call('HMGET', KEYS[3], unpack(shas)) or {}
              local places = hasCursors and redis.call('HMGET', KEYS[9], unpack(shas)) or {}
              for i = 1, #shas do jobs[i * 3] = (places[i] and '+' or '')..(known[i] or '') end
            end
            if tooLong then
              jobs[#jobs + 1], jobs[#jobs + 2], jobs[#jobs + 3] = tooLong[1], #tooLong[2]..':'..tooLong[2], 'long '..#tooLong[3]
            end
            return jobs
            """#)
}
