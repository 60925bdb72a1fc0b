// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension CommandKeys {
    /// Commands whose only key is not their first argument.
    static let rules: [String: Rule] = {
        var rules: [String: Rule] = [:]
        for (names, rule) in groups {
            for name in names.split(separator: " ") { rules[String(name)] = rule }
        }
        return rules
    }()

    private static let groups: [(String, Rule)] = [
        (
            """
            ACL ASKING AUTH BGREWRITEAOF BGSAVE CLIENT CLUSTER COMMAND CONFIG DBSIZE DEBUG DISCARD ECHO EXEC FAILOVER \
            FLUSHALL FLUSHDB FUNCTION HELLO INFO KEYS LASTSAVE LATENCY LOLWUT MODULE MONITOR MULTI PFSELFTEST PING \
            PSUBSCRIBE PSYNC PUBLISH PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY READONLY READWRITE REPLCONF REPLICAOF RESET \
            ROLE SAVE SCAN SCRIPT SELECT SENTINEL SHUTDOWN SLAVEOF SLOWLOG SUBSCRIBE SWAPDB SYNC TIME UNSUBSCRIBE \
            UNWATCH WAIT WAITAOF
            """, .none
        ),
        (
            "DEL EXISTS MGET PFCOUNT PFMERGE SDIFF SDIFFSTORE SINTER SINTERSTORE SSUBSCRIBE SUNION SUNIONSTORE "
                + "SUNSUBSCRIBE TOUCH UNLINK WATCH", .range(1, -1, 1)
        ),
        ("BLPOP BRPOP BZPOPMAX BZPOPMIN", .range(1, -2, 1)),
        ("MSET MSETNX", .range(1, -1, 2)),
        (
            "BLMOVE BRPOPLPUSH COPY GEOSEARCHSTORE LCS LMOVE RENAME RENAMENX RPOPLPUSH SMOVE ZRANGESTORE",
            .range(1, 2, 1)
        ),
        ("BITOP", .range(2, -1, 1)),
        ("PFDEBUG", .range(2, 2, 1)),
        ("EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO BLMPOP BZMPOP", .counted(2)),
        ("LMPOP ZMPOP SINTERCARD ZDIFF ZINTER ZINTERCARD ZUNION", .counted(1)),
        ("ZDIFFSTORE ZINTERSTORE ZUNIONSTORE", .destinationAndCounted),
        ("XREAD XREADGROUP", .streams),
        ("SORT", .following(["STORE"])),
        ("GEORADIUS GEORADIUSBYMEMBER", .following(["STORE", "STOREDIST"])),
        ("MIGRATE", .migrate),
        ("OBJECT", .subcommand(["ENCODING", "FREQ", "IDLETIME", "REFCOUNT"])),
        ("MEMORY", .subcommand(["USAGE"])),
        ("XGROUP", .subcommand(["CREATE", "CREATECONSUMER", "DELCONSUMER", "DESTROY", "SETID"])),
        ("XINFO", .subcommand(["CONSUMERS", "GROUPS", "STREAM"])),
    ]

    /// Commands that only read, which a replica may answer.
    static let reads: Set<Substring> = Set(
        """
        BITCOUNT BITFIELD_RO BITPOS DUMP EVALSHA_RO EVAL_RO EXISTS EXPIRETIME FCALL_RO GEODIST GEOHASH GEOPOS \
        GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GET GETBIT GETRANGE HEXISTS HGET HGETALL HKEYS HLEN HMGET HRANDFIELD \
        HSCAN HSTRLEN HVALS LCS LINDEX LLEN LPOS LRANGE MGET PEXPIRETIME PTTL SCARD SDIFF SINTER SINTERCARD SISMEMBER \
        SMEMBERS SMISMEMBER SORT_RO SRANDMEMBER SSCAN STRLEN SUBSTR SUNION TTL TYPE XLEN XPENDING XRANGE XREVRANGE ZCARD \
        ZCOUNT ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE \
        ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION
        """.split(separator: " "))
}
