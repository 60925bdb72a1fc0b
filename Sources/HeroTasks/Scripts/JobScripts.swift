// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// What happens to jobs inside of Redis, where nothing can come between two steps; in Lua.
///
/// Rules for whoever changes one:
/// - What adds comes before what removes: a command that fails does not undo those before it, and a job that is there twice
///   is better than none.
/// - A full Redis refuses a script at its first write when that may grow something. Those that move or free jobs therefore
///   begin with one that can only free, often of nothing. Scripts that enqueue do not.
/// - Time is the server's (`TIME`). All keys are in `KEYS` and in one slot, but for those that only a removed job names.
/// - No call names more than ``mostJobs`` jobs.
package enum JobScripts {
    /// By the names under which tests look at them.
    package static let all: [(name: String, script: RedisScript)] = [
        ("start", start), ("claim", claim), ("renew", renew), ("mark", mark), ("finish", finish), ("leave", leave),
        ("reap", reap), ("promote", promote), ("admit", admit), ("lock", lock), ("unlock", unlock), ("note", note),
        ("enqueue", enqueue), ("schedule", schedule), ("unschedule", unschedule), ("move", move), ("recur", recur),
        ("open", open), ("close", close), ("settle", settle), ("revive", revive), ("discard", discard),
        ("forget", forget), ("look", look), ("drop", drop), ("bury", bury), ("peek", peek),
        ("whose", whose),
        ("strike", strike), ("orphans", orphans), ("sweep", sweep), ("empty", empty), ("lead", lead),
    ]

    /// The most jobs that one call may name.
    package static let mostJobs = 100

    static func make(_ body: String) -> RedisScript { RedisScript(head + body + "\n") }

    /// In front of each.
    private static let head = #"""
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local function alive(owner)                               -- for scripts whose KEYS[1] is leases
          local d = redis.call('ZSCORE', KEYS[1], owner)
          return d and tonumber(d) > now
        end
        local function bytes(held)                                -- "<length of queue>:<queue><payload>" → payload
          local n = held:match('^%d+')
          return held:sub(#n + 2 + n)
        end
        local function counters(attempts, sha)                    -- failures, crashes, ms of the last, times unknown
          local f, c, at, u = (redis.call('HGET', attempts, sha) or '0 0 0'):match('(%d+) (%d+) (%d+) ?(%d*)')
          return tonumber(f), tonumber(c), tonumber(at), tonumber(u) or 0
        end

        -- a job goes to the dead set and its entry to failed, by whose digest it is found again
        local function die(kept, dead, failed, id, v, entry)
          redis.call('RPUSH', failed, entry)
          redis.call('HSET', kept, id, v, id..':f', entry, 'f:'..redis.sha1hex(entry), id)
          redis.call('ZADD', dead, now, id)
        end
        local function erase(kept, id, entry)                     -- nothing is kept of it
          local field = entry and 'f:'..redis.sha1hex(entry)
          if field and redis.call('HGET', kept, field) == id then redis.call('HDEL', kept, field) end
          redis.call('HDEL', kept, id, id..':f', id..':l')
        end

        local function known(queues, name)                        -- whoever works on all queues hears of a new one at once
          if redis.call('SADD', queues, name) == 1 then redis.pcall('PUBLISH', queues, name) end
        end

        local function ends(batch, jobs, ended, member, failed)   -- a job of a batch has ended for good
          if redis.call('SISMEMBER', jobs, member) == 0 then return end
          if failed then redis.call('HINCRBY', batch, 'failed', 1) end
          if redis.call('SCARD', jobs) == 1 and redis.call('HGET', batch, 'state') == 'closed' then
            redis.call('SADD', ended, redis.call('HGET', batch, 'id'))
          end
          redis.call('SREM', jobs, member)
        end

        """#
}
