// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

// Elements that are too long to be carried to anybody: no reply of Redis of more than 64 MB is read, and other programs may
// enqueue 512 MB. They stay inside of Redis, and only their size and beginning are shown.
extension JobScripts {
    /// In front of scripts that meet such elements.
    static let long = #"""
        local function text(s)                                    -- as JSON; what is no UTF-8 is not shown
          local rest = s:gsub('[\194-\223][\128-\191]', ''):gsub('[\224-\239][\128-\191][\128-\191]', '')
          if rest:gsub('[\240-\244][\128-\191][\128-\191][\128-\191]', ''):find('[\128-\255]') then
            s = s:gsub('[\128-\255]', '?')
          end
          return '"'..s:gsub('[%c"\\]', function(c) return string.format('\\u%04x', c:byte()) end)..'"'
        end
        local function beginning(p) return p:sub(1, 256):gsub('[\192-\255]?[\128-\191]*$', '')..'...' end
        local function shown(e, most)                             -- what stands for it; the same for the same element
          return '{"$long":'..#e..',"digest":"'..redis.sha1hex(e:sub(1, 4096)..e:sub(-4096))..'","error":"'..#e
            ..' bytes are too many to be read: at most '..most..' are","payload":'..text(beginning(e))..'}'
        end
        -- a job that nobody can read goes to the dead set: all of it is in kept, and its beginning in failed
        local function bury(kept, dead, failed, stat, id, queue, p, most, worker, when)
          local entry = '{"worker":'..text(worker)..',"queue":'..text(queue)..',"payload":'..text(beginning(p))
            ..',"exception":"MalformedJob","error":"The job has '..#p..' bytes, and at most '..most
            ..' are read: keep what is large elsewhere","backtrace":null,"failed_at":'..text(when)..'}'
          redis.call('HSET', kept, id..':l', p)
          die(kept, dead, failed, id, #queue..':'..queue..beginning(p), entry)
          redis.call('INCR', stat)
        end

        """#

    /// A part of a list.
    package static let look = make(
        long + #"""
            -- look: elements of a list, as many as one answer may carry
            -- KEYS 1 list   ARGV 1 start  2 stop, as LRANGE counts  3 bytes of an answer  4 bytes of the longest element
            -- → where the next one begins, or -1; where the last one ends; then elements, and {what stands for it} of longer ones
            local length, room, most = redis.call('LLEN', KEYS[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
            local start, stop = tonumber(ARGV[1]), tonumber(ARGV[2])
            if start < 0 then start = math.max(0, length + start) end
            if stop < 0 then stop = length + stop end
            stop = math.min(stop, length - 1)
            local answer, piece = {-1, stop}, 1                       -- in pieces: a hundred long ones would not fit into memory
            while start <= stop do
              local got = redis.call('LRANGE', KEYS[1], start, math.min(stop, start + piece - 1))
              piece = math.min(piece * 4, 100)
              for i = 1, #got do
                local e = #got[i] > most and shown(got[i], ARGV[4]) or got[i]
                if #answer > 2 and (#e > room or #answer > 1000) then
                  answer[1] = start
                  return answer
                end
                answer[#answer + 1] = #got[i] > most and {e} or e
                start, room = start + 1, room - #e
                if #got[i] > 65536 then piece = 1 end
              end
            end
            return answer
            """#)

    /// One of those.
    package static let drop = make(
        long + #"""
            -- drop: removes one element that is too long, by what stands for it
            -- KEYS 1 list   ARGV 1 what stands for it  2 start  3 stop  4 bytes of the longest element   → 1, or 0: it is not there
            local start, stop, piece = tonumber(ARGV[2]), tonumber(ARGV[3]), 1
            while start <= stop do
              local got = redis.call('LRANGE', KEYS[1], start, math.min(stop, start + piece - 1))
              if #got == 0 then return 0 end
              piece = math.min(piece * 4, 100)
              for i = 1, #got do
                if #got[i] > tonumber(ARGV[4]) then
                  piece = 1
                  if shown(got[i], ARGV[4]) == ARGV[1] then
                    local mark = 'removed '..redis.sha1hex(ARGV[1])..t[1]..t[2]
                    redis.call('LSET', KEYS[1], start, mark)
                    return redis.call('LREM', KEYS[1], 1, mark)
                  end
                end
                start = start + 1
              end
            end
            return 0
            """#)

    /// A delayed one.
    package static let bury = make(
        long + #"""
            -- bury: the first job of a moment, which is too long to be read, goes to the dead set
            -- KEYS 1 delayed:<s>  2 delayed_queue_schedule  3 kept  4 dead  5 failed  6 stat:failed
            -- ARGV 1 s  2 id in the dead set  3 bytes of the longest job  4 who does it  5 when, as JavaScript's Date says it
            -- → 1, or 0: another job is there
            local p = redis.call('LINDEX', KEYS[1], 0)
            if not p or #p <= tonumber(ARGV[3]) then return 0 end
            local queue = p:sub(1, 4096):match('"queue":"([^"\\]+)"') or 'default'
            redis.call('ZREM', KEYS[2], '')
            bury(KEYS[3], KEYS[4], KEYS[5], KEYS[6], ARGV[2], queue, p, ARGV[3], ARGV[4], ARGV[5])
            redis.call('LPOP', KEYS[1])
            -- The name of this key is too long for anybody to say it; it is in the same slot.
            redis.call('SREM', KEYS[1]:match('^(.*):delayed:')..':timestamps:'..p, 'delayed:'..ARGV[1])
            if redis.call('LLEN', KEYS[1]) == 0 then redis.call('ZREM', KEYS[2], ARGV[1]) end
            return 1
            """#)

    /// The end of a list, for whoever notes ages.
    package static let peek = make(
        #"""
        -- peek: an element of a list, unless it is long   KEYS 1 list   ARGV 1 index  2 bytes of the longest   → it, or ''
        local e = redis.call('LINDEX', KEYS[1], ARGV[1])
        return e and #e <= tonumber(ARGV[2]) and e or ''
        """#)
}
