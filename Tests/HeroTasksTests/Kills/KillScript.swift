// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What Redis has at the beginning of a scene, and what it may have at its end.
enum KillScript {
    static let recurrent = #"{"class":"t","queue":"q","args":[]}"#

    /// Waiting jobs, of which some have crashed a process, delayed ones, and those of a process that is gone.
    static let fill = """
        local ns = '{resque}:'
        local function job(n) return '{"class":"t","queue":"q","args":['..n..']}' end
        redis.call('FLUSHALL')
        redis.call('SADD', ns..'queues', 'q')
        for n = 0, 29 do redis.call('RPUSH', ns..'queue:q', job(n)) end
        for n = 0, 2 do redis.call('HSET', ns..'attempts', redis.sha1hex(job(n)), '0 1 '..redis.call('TIME')[1]..'000') end
        redis.call('ZADD', ns..'delayed_queue_schedule', 1000, '1000')
        for n = 30, 34 do
          redis.call('RPUSH', ns..'delayed:1000', job(n))
          redis.call('SADD', ns..'timestamps:'..job(n), 'delayed:1000')
        end
        redis.call('ZADD', ns..'leases', 1, 'ghost:1~x')
        redis.call('HSET', ns..'owners', 'ghost:1~x', '{}')
        redis.call('HSET', ns..'held:ghost:1~x', '#', 1)
        for n = 35, 39 do redis.call('HSET', ns..'held:ghost:1~x', n - 34, '1:q'..job(n)) end
        return 1
        """

    /// Jobs that `fill` brings.
    static let jobs = 0..<40

    /// Jobs that have not ended, in one look, and 1 for a recurrent task that has not run yet.
    static let unfinished = """
        local ns = '{resque}:'
        local n = redis.call('LLEN', ns..'queue:q') + redis.call('ZCARD', ns..'retry') + redis.call('LLEN', ns..'delayed:1000')
        for _, key in ipairs(redis.call('KEYS', ns..'held:*')) do
          n = n + redis.call('HLEN', key) - redis.call('HEXISTS', key, '#') - redis.call('HEXISTS', key, '!')
        end
        return n + 1 - redis.call('EXISTS', ns..'recurrent')
        """

    /// What is left when nobody works any more, in words.
    static let remains = """
        local ns, found = '{resque}:', {}
        local function look(command, key)
          local n = redis.call(command, ns..key)
          if n ~= 0 then found[#found + 1] = command..' '..key..': '..n end
        end
        for _, key in ipairs(redis.call('KEYS', ns..'held:*')) do found[#found + 1] = key end
        for _, key in ipairs(redis.call('KEYS', ns..'worker:*')) do found[#found + 1] = key end
        for _, key in ipairs({'queue:q', 'delayed:1000'}) do look('LLEN', key) end
        for _, key in ipairs({'leases', 'retry', 'delayed_queue_schedule'}) do look('ZCARD', key) end
        for _, key in ipairs({'workers', 'batches:ended'}) do look('SCARD', key) end
        if redis.call('HLEN', ns..'kept') ~= 2 * redis.call('ZCARD', ns..'dead') then found[#found + 1] = 'kept' end
        return found
        """
}
