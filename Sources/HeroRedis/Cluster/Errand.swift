// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A command on its way, with all that is needed to send it once more.
struct Errand: Sendable {
    /// What decides where it goes.
    enum Goal: Sendable, Hashable {
        case slot(Int, isRead: Bool)
        case anyNode
        /// There and nowhere else.
        case node(NodeAddress)
    }

    /// Of its result in the caller's list.
    let position: Int
    let command: RedisCommand
    let goal: Goal
    /// Nanoseconds of the loop's clock.
    let deadline: Int
    var journey: CommandJourney
    /// Where a redirection has sent it.
    var redirected: NodeAddress?
    var isAsking = false

    init(_ command: RedisCommand, _ goal: Goal, position: Int, deadline: Int) {
        self.command = command
        self.goal = goal
        self.position = position
        self.deadline = deadline
        journey = CommandJourney(isRepeatable: command.isRepeatable)
    }
}

extension CommandKeys {
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
