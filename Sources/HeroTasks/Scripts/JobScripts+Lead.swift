// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

extension JobScripts {
    /// The lead of the schedulers.
    package static let lead = make(
        #"""
        -- lead: takes or keeps the lock of the schedulers, which excludes those of other programs
        -- KEYS 1 resque_scheduler_leader_lock  2 resque_scheduler_master_lock  3 leading
        -- ARGV 1 name  2 seconds of the lock  3 ms without word after which a leader of ours has died   → 1, or 0: another leads
        local older, holder = redis.call('GET', KEYS[2]), redis.call('GET', KEYS[1])
        redis.call('HDEL', KEYS[3], '')
        if older and older ~= ARGV[1] then                        -- two leaders are none
          if holder == ARGV[1] then redis.call('DEL', KEYS[1], KEYS[3]) end
          return 0
        end
        if holder and holder ~= ARGV[1] then
          local at, lease, lock = (redis.call('HGET', KEYS[3], holder) or ''):match('^(%d+) (%d+) (%d+)$')
          if not at or now < at + lease then return 0 end         -- another program's, or alive
          -- Whoever has prolonged the lock since then, under whatever name, is not the one who said so.
          if redis.call('PTTL', KEYS[1]) > at + lock * 1000 - now + 500 then return 0 end
        end
        redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
        redis.call('DEL', KEYS[3])
        redis.call('HSET', KEYS[3], ARGV[1], now..' '..ARGV[3]..' '..ARGV[2])
        redis.call('EXPIRE', KEYS[3], ARGV[2])
        return 1
        """#)
}
