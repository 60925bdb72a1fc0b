// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import Testing

@Suite("addresses of servers")
struct URLTests {
    @Test("every part of a URL counts")
    func parts() throws {
        let url = try RedisURL("rediss://wor%40ker:p%2Fss:@word@[::1]:7000/3")
        #expect(url.endpoint == .tcp(host: "::1", port: 7000))
        #expect(url.user == "wor@ker" && url.password == "p/ss:@word" && url.database == 3 && url.usesTLS)
        let plain = try RedisURL("redis://host")
        #expect(plain.endpoint == .tcp(host: "host", port: 6379))
        #expect(plain.user == nil && plain.password == nil && plain.database == nil && !plain.usesTLS)
        #expect(try RedisURL("redis://host/0").database == 0)
        #expect(try RedisURL("redis://:secret@host/").password == "secret")
        #expect(try RedisURL("REDIS://host", usualPort: 26_379).endpoint == .tcp(host: "host", port: 26_379))
        let local = try RedisURL("unix:///run/redis%20x.sock?db=2")
        #expect(local.endpoint == .unix(path: "/run/redis x.sock") && local.database == 2)
        #expect(RedisEndpoint.tcp(host: "::1", port: 1).description == "[::1]:1")
    }

    @Test(
        "what is no address is refused, and the message does not tell the password",
        arguments: [
            "host:6379", "http://u:hidden@host", "redis://u:hidden@host:0", "redis://u:hidden@host:66000",
            "redis://u:hidden@host:x", "redis://u:hidden@/1", "redis://u:hidden@host/one", "redis://u:hidden@host/?x=1",
            "redis://u:hid%zzden@host", "redis://:hid%zzden@host", "redis://:hid%@host", "redis://user@host", "unix://",
            "redis://u:hidden@[::1",
            "redis://u:hidden@host/-1",
        ])
    func refusals(text: String) {
        let error = #expect(throws: RedisError.self) { try RedisURL(text) }
        #expect(error?.kind == .invalid && error?.message.contains("hid") == false)
    }

    @Test("a pause before connecting doubles up to five seconds, with up to 199 ms more")
    func backoff() {
        var random = SeededRandom(seed: 1)
        for (attempt, least) in [(0, 50), (1, 100), (2, 200), (6, 3200), (7, 5000), (8, 5000), (1_000_000, 5000)] {
            let pauses = (0..<500).map { _ in RedisBackoff.milliseconds(attempt: attempt, using: &random) }
            #expect(pauses.allSatisfy { (least...least + 199).contains($0) })
            #expect(Set(pauses).count > 100)
        }
    }

    @Test("a script's digest is the SHA-1 of its source")
    func digests() {
        #expect(RedisScript("").digest == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(RedisScript("abc").digest == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(
            RedisScript("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").digest
                == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    }
}
