// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

// Batches of jobs, whose counts survive a crash between any two steps.
extension JobScripts {
    /// The beginning of a batch.
    package static let open = make(
        #"""
        -- open: begins a batch
        -- KEYS 1 batch:<id>  2 batch:<parent>  3 batch:<parent>:jobs
        -- ARGV 1 id  2 id in the parent, '' = none  3… pairs: field, value   → 1; 0: there is one; -1: the parent takes no more
        if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
        if ARGV[2] ~= '' then
          if redis.call('HGET', KEYS[2], 'state') ~= 'open' then return -1 end
          redis.call('SADD', KEYS[3], ARGV[2])
        end
        redis.call('HSET', KEYS[1], 'id', ARGV[1], 'state', 'open', unpack(ARGV, 3))
        return 1
        """#)

    /// The end of filling a batch.
    package static let close = make(
        #"""
        -- close: a batch takes no more jobs
        -- KEYS 1 batch:<id>  2 batch:<id>:jobs  3 batches:ended   ARGV 1 id   → 1: and all have ended; 0: some have not; -1: not open
        if redis.call('HGET', KEYS[1], 'state') ~= 'open' then return -1 end
        local empty = redis.call('SCARD', KEYS[2]) == 0
        if empty then redis.call('SADD', KEYS[3], ARGV[1]) end
        redis.call('HSET', KEYS[1], 'state', 'closed')
        return empty and 1 or 0
        """#)

    /// The jobs behind a batch.
    package static let settle = make(
        #"""
        -- settle: enqueues what follows a batch; the caller has read batch:<id>
        -- KEYS 1 batches:ended  2 batch:<id>  3 batch:<id>:jobs  4 queues  5 batch:<parent>  6 batch:<parent>:jobs  7… queue:<q>
        -- ARGV 1 id  2 id in the parent, '' = none  3 '1' = counts as failed there  4 ms to keep the record
        --      5… triples: index in KEYS of its queue, queue, payload
        -- → 1, or 0: nothing to settle, or not yet
        redis.call('SREM', KEYS[1], '')
        if redis.call('HGET', KEYS[2], 'state') ~= 'closed' or redis.call('SCARD', KEYS[3]) > 0 then
          redis.call('SREM', KEYS[1], ARGV[1])
          return 0
        end
        for i = 5, #ARGV, 3 do
          known(KEYS[4], ARGV[i + 1])
          redis.call('RPUSH', KEYS[tonumber(ARGV[i])], ARGV[i + 2])
        end
        if ARGV[2] ~= '' then ends(KEYS[5], KEYS[6], KEYS[1], ARGV[2], ARGV[3] == '1') end
        redis.call('HSET', KEYS[2], 'state', 'settled')
        redis.call('PEXPIRE', KEYS[2], ARGV[4])
        redis.call('SREM', KEYS[1], ARGV[1])
        return 1
        """#)
}
