// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroShared

@Suite("token buckets")
struct TokenBucketsTests {
    @Test("a client may do so much at once, and more as its tokens come back")
    func refill() {
        var buckets = TokenBuckets(TokenPolicy(limit: 2, windowMilliseconds: 10_000), maximumKeys: 10)
        #expect(
            buckets.take(1, now: 0) == .init(isAllowed: true, remaining: 1, secondsUntilFull: 5, secondsUntilNext: 0))
        #expect(
            buckets.take(1, now: 0) == .init(isAllowed: true, remaining: 0, secondsUntilFull: 10, secondsUntilNext: 5))
        #expect(!buckets.take(1, now: 4999).isAllowed)
        #expect(buckets.take(1, now: 5000).isAllowed)
        #expect(buckets.take(1, now: 1_000_000).remaining == 1)
    }

    @Test("clients do not share, and a clock that goes back takes nothing away")
    func separate() {
        var buckets = TokenBuckets(TokenPolicy(limit: 1, windowMilliseconds: 1000), maximumKeys: 10)
        #expect(buckets.take(1, now: 500).isAllowed)
        #expect(!buckets.take(1, now: 0).isAllowed)
        #expect(buckets.take(2, now: 0).isAllowed)
    }

    @Test("however many clients come, no more are remembered than there is room for, the latest among them")
    func bounded() {
        var buckets = TokenBuckets(TokenPolicy(limit: 1, windowMilliseconds: 1_000_000), maximumKeys: 100)
        for key in 0..<10_000 {
            _ = buckets.take(key, now: 0)
            #expect(buckets.count <= 101)
        }
        #expect(!buckets.take(9999, now: 0).isAllowed)
        #expect(buckets.take(0, now: 0).isAllowed)
    }
}
