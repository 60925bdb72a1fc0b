// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

// Jobs that are taken away before they run. Each ends for its batch in the script that removes it: a batch that waits for a
// job that is no more would wait for ever.
extension JobScripts {
    /// In front of scripts that remove jobs.
    ///
    /// Only the job says which batch it is of, so these keys are in no `KEYS`; they are in the slot of all others.
    static let cancel = #"""
        local function cancelled(namespace, p)
          if not p:find(',{"$job":"', -1024, true) then return end
          local id, batch = p:sub(-1024):match(',{"%$job":"([^"\\]+)","%$batch":"([^"\\]+)"}%]}$')
          id = id or p:sub(-1024):match(',{"%$job":"([^"\\]+)"}%]}$')
          if not id then return end
          if batch then
            local key = namespace..':batch:'..batch
            ends(key, key..':jobs', namespace..':batches:ended', id, true)
          end
          redis.call('SET', namespace..':job:'..id, '{"state":"dropped"}', 'XX', 'KEEPTTL')
        end

        """#

    /// A window of a queue.
    package static let sweep = make(
        cancel + #"""
            -- sweep: removes jobs from a part of a queue
            -- KEYS 1 queue:<q>  2 batches:ended
            -- ARGV 1 namespace  2 start  3 how many are looked at  4 name of a task, or ''  5 or bytes with which the job begins
            --      that is followed by its tag  6 how many are removed at most
            -- → how many were looked at, how many were removed
            local start, look, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[6])
            local function isWanted(p)
              if ARGV[5] ~= '' then
                return p:sub(1, #ARGV[5]) == ARGV[5] and p:find('^,{"%$job":"[^{}]*}%]}$', #ARGV[5] + 1) ~= nil
              end
              local name = p:match('^{"class":"([^"\\]*)"')             -- as all of us write it
              if name then return name == ARGV[4] end
              if #p > 1048576 then return false end
              local isJSON, job = pcall(cjson.decode, p)
              return isJSON and type(job) == 'table' and job.class == ARGV[4]
            end
            redis.call('SREM', KEYS[2], '')
            local mark = 'removed '..t[1]..'.'..t[2]
            local looked, removed, piece = 0, 0, 1
            while looked < look and removed < most do
              local got = redis.call('LRANGE', KEYS[1], start + looked, start + math.min(look, looked + piece) - 1)
              if #got == 0 then break end
              piece = math.min(piece * 4, 100)
              for i = 1, #got do
                if removed == most then break end
                if #got[i] > 65536 then piece = 1 end
                if isWanted(got[i]) then
                  cancelled(ARGV[1], got[i])
                  redis.call('LSET', KEYS[1], start + looked, mark)
                  removed = removed + 1
                end
                looked = looked + 1
              end
            end
            if removed > 0 then
              local isNearHead = start * 2 < redis.call('LLEN', KEYS[1])
              redis.call('LREM', KEYS[1], isNearHead and removed or -removed, mark)
            end
            return {looked, removed}
            """#)

    /// The beginning of a queue.
    package static let empty = make(
        cancel + #"""
            -- empty: removes jobs from the head of a queue, and the queue with the last one
            -- KEYS 1 queue:<q>  2 queues  3 batches:ended   ARGV 1 namespace  2 queue  3 how many   → how many, and how many are left
            redis.call('SREM', KEYS[3], '')
            local count, most, piece = 0, tonumber(ARGV[3]), 1
            while count < most do
              local got = redis.call('LRANGE', KEYS[1], count, math.min(most, count + piece) - 1)
              if #got == 0 then break end
              piece = math.min(piece * 4, 100)
              for i = 1, #got do
                if #got[i] > 65536 then piece = 1 end
                cancelled(ARGV[1], got[i])
              end
              count = count + #got
            end
            redis.call('LTRIM', KEYS[1], count, -1)
            local left = redis.call('LLEN', KEYS[1])
            if left == 0 then redis.call('SREM', KEYS[2], ARGV[2]) end
            return {count, left}
            """#)
}
