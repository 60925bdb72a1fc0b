// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

// What operators and housekeeping do.
extension JobScripts {
    /// Another chance.
    package static let revive = make(
        #"""
        -- revive: a dead job goes back to its queue; the caller has read kept
        -- KEYS 1 dead  2 kept  3 failed  4 queues  5 queue:<q>   ARGV 1 id  2 queue
        -- → 1; 0: there is none; -1: another program has removed or retried its entry, so it is dropped
        local v, entry, whole = unpack(redis.call('HMGET', KEYS[2], ARGV[1], ARGV[1]..':f', ARGV[1]..':l'))
        if not v or not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
        local there = not entry or redis.call('LPOS', KEYS[3], entry)
        redis.call('ZREM', KEYS[1], '')
        if there then
          known(KEYS[4], ARGV[2])
          redis.call('RPUSH', KEYS[5], whole or bytes(v))
          if entry then redis.call('LREM', KEYS[3], 1, entry) end
        end
        redis.call('ZREM', KEYS[1], ARGV[1])
        erase(KEYS[2], ARGV[1], entry)
        return there and 1 or -1
        """#)

    /// None.
    package static let discard = make(
        cancel + #"""
            -- discard: jobs that are dead, or wait for their next attempt, are given up
            -- KEYS 1 dead or retry  2 kept  3 failed   ARGV 1 namespace for retries, '' for dead ones, which have ended before
            --      2… at most 100 ids   → how many
            local count = 0
            redis.call('HDEL', KEYS[2], '')
            for i = 2, #ARGV do
              local v = ARGV[1] ~= '' and redis.call('HGET', KEYS[2], ARGV[i])
              if v then cancelled(ARGV[1], bytes(v)) end
              local entry = redis.call('HGET', KEYS[2], ARGV[i]..':f')
              if entry then redis.call('LREM', KEYS[3], 1, entry) end
              count = count + redis.call('ZREM', KEYS[1], ARGV[i])
              erase(KEYS[2], ARGV[i], entry)
            end
            return count
            """#)

    /// One entry of `failed`.
    package static let strike = make(
        #"""
        -- strike: an entry of failed is removed, and the dead job that it is of
        -- KEYS 1 failed  2 kept  3 dead   ARGV 1 entry   → how many entries, 0 or 1
        local count = redis.call('LREM', KEYS[1], 1, ARGV[1])
        local id = redis.call('HGET', KEYS[2], 'f:'..redis.sha1hex(ARGV[1]))
        if id then
          redis.call('ZREM', KEYS[3], id)
          erase(KEYS[2], id, ARGV[1])
        end
        return count
        """#)

    /// What others have removed.
    package static let orphans = make(
        #"""
        -- orphans: dead jobs whose entry is not in failed any more
        -- KEYS 1 dead  2 kept  3 failed   ARGV 1 start  2 stop   → how many were looked at, then ids
        local ids = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2])
        local answer = {#ids}
        for i = 1, #ids do
          local entry = redis.call('HGET', KEYS[2], ids[i]..':f')
          if entry and not redis.call('LPOS', KEYS[3], entry) then answer[#answer + 1] = ids[i] end
        end
        return answer
        """#)

    /// Old records.
    package static let forget = make(
        #"""
        -- forget: fields of a hash that nobody has changed since they were read
        -- KEYS 1 attempts or owners   ARGV at most 100 pairs: field, value   → how many
        local count = 0
        for i = 1, #ARGV, 2 do
          if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
            count = count + redis.call('HDEL', KEYS[1], ARGV[i])
          end
        end
        return count
        """#)
}
