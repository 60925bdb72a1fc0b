// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTestSupport
import NIOCore
import NIOPosix
import Testing

@testable import HeroShared
@testable import HeroSystem

@Suite("token buckets in Redis")
struct SharedBucketsTests {
    private func client(_ server: RedisServer) -> StandaloneClient {
        var settings = RedisConnectionSettings(.unix(path: server.socketPath))
        settings.commandTimeout = 60_000
        return StandaloneClient(settings, on: NIOSingletons.posixEventLoopGroup.next())
    }

    private func buckets(_ limit: Int, windowMilliseconds: Int) -> SharedBuckets {
        SharedBuckets(
            policy: TokenPolicy(limit: limit, windowMilliseconds: windowMilliseconds), prefix: "p:", timeout: 60_000)
    }

    @Test("are the same for all, and others' are others'")
    func shared() async throws {
        let server = try await RedisServer(.socket)
        let (one, two) = (client(server), client(server))
        let buckets = buckets(3, windowMilliseconds: 86_400_000)
        let first = try await buckets.take("a", from: one)
        #expect(first == .init(isAllowed: true, remaining: 2, secondsUntilFull: 28_800, secondsUntilNext: 0))
        #expect(try await buckets.take("a", from: two).remaining == 1)
        #expect(try await buckets.take("a", from: one).remaining == 0)
        let refused = try await buckets.take("a", from: two)
        #expect(!refused.isAllowed && refused.remaining == 0)
        #expect((1...28_800).contains(refused.secondsUntilNext))
        #expect(try await buckets.take("b", from: one).isAllowed)
        await one.close()
        await two.close()
    }

    @Test("however many ask at once, no more get a token than there are")
    func crowd() async throws {
        let server = try await RedisServer(.socket)
        let (one, two) = (client(server), client(server))
        let buckets = buckets(50, windowMilliseconds: 86_400_000)
        let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { try await buckets.take("a", from: number % 2 == 0 ? one : two).isAllowed }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(allowed == 50)
        await one.close()
        await two.close()
    }

    @Test("are gone soon after they are full, and tokens come back with the time of Redis")
    func expiry() async throws {
        let server = try await RedisServer(.socket)
        let client = client(server)
        let buckets = buckets(2, windowMilliseconds: 100_000)
        _ = try await buckets.take("a", from: client)
        let time = try #require(Int(try await server.cli("PTTL", "p:a")))
        #expect((1...51_000).contains(time))
        // As if it had been empty for a window, by the clock of Redis.
        _ = try await buckets.take("a", from: client)
        let now = try #require(Int(try await server.cli("HGET", "p:a", "at")))
        try await server.cli("HSET", "p:a", "at", String(now - 100_000))
        #expect(try await buckets.take("a", from: client).remaining == 1)
        // A clock that goes back takes nothing away and gives nothing.
        try await server.cli("HSET", "p:a", "at", String(now + 1_000_000_000))
        #expect(try await buckets.take("a", from: client).remaining == 0)
        #expect(try await !buckets.take("a", from: client).isAllowed)
        await client.close()
    }

    @Test("a key of another kind is an error, not an allowed request")
    func foreign() async throws {
        let server = try await RedisServer(.socket)
        let client = client(server)
        try await server.cli("SET", "p:a", "x")
        await #expect(throws: RedisError.self) {
            try await buckets(2, windowMilliseconds: 1000).take("a", from: client)
        }
        await client.close()
    }

    @Test("while Redis is away one request in a second tries it, and the first that succeeds tells")
    func outage() {
        var outage = SharedBucketsOutage()
        func asks(_ times: Int...) -> [Bool] { times.map { outage.mayAsk($0) } }
        #expect(asks(0, 0) == [true, true])
        #expect([outage.answered()] == [false])
        outage.failed(100)
        #expect(asks(100, 1099, 1100, 1100, 2099, 2100) == [false, false, true, false, false, true])
        #expect([outage.answered(), outage.answered()] == [true, false])
        #expect(asks(2100, 2100) == [true, true])
    }

    @Test("a client's name tells networks of IPv6 apart and keeps what a header says to itself")
    func names() throws {
        #expect(RateLimitClient.address(try #require(IPAddress("10.0.0.1"))).name == "10.0.0.1")
        #expect(RateLimitClient.address(IPAddress(network: 0x2001_0db8_0000_0001)).name == "2001:db8:0:1::/64")
        let secret = RateLimitClient.header(ByteKey("Bearer abc")).name
        #expect(secret.hasPrefix("header:") && secret.utf8.count == 71 && !secret.contains("abc"))
    }
}
