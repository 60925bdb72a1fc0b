// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import Testing

@testable import HeroShared

@Suite("the way to Redis")
struct TransportCheckupTests {
    private func examine(
        _ kind: RedisPlace.Kind, usesTLS: Bool = false, verifies: Bool = true
    ) -> RedisFinding? {
        var findings = RedisFindings("client")
        let place = RedisPlace(kind: kind, user: nil, password: nil, database: 0, usesTLS: usesTLS)
        TransportCheckup(place: place, verifies: verifies).examine(&findings)
        return findings.all.first
    }

    @Test("to another machine has to be encrypted, and within one need not be")
    func encryption() {
        for host in ["localhost", "127.0.0.1", "127.8.0.1", "::1"] {
            #expect(examine(.standalone(.tcp(host: host, port: 1)))?.level == .ok, "\(host)")
        }
        for host in ["redis.example", "10.0.0.1", "128.0.0.1", "::2", "fe80::1"] {
            let finding = examine(.standalone(.tcp(host: host, port: 1)))
            #expect(finding?.level == .warning && finding?.found.contains(host) == true, "\(host)")
            #expect(examine(.standalone(.tcp(host: host, port: 1)), usesTLS: true)?.level == .ok)
        }
        let nodes = [NodeAddress(host: "127.0.0.1", port: 1), NodeAddress(host: "10.0.0.1", port: 1)]
        #expect(examine(.cluster(nodes))?.level == .warning)
        #expect(
            examine(.sentinel(name: "m", nodes: nodes, user: nil, password: nil, usesTLS: false))?.level == .warning)
    }

    @Test("that checks no certificate is a finding, and a socket is none")
    func certificates() {
        #expect(
            examine(.standalone(.tcp(host: "10.0.0.1", port: 1)), usesTLS: true, verifies: false)?.level == .warning)
        #expect(examine(.embedded) == nil)
        #expect(examine(.standalone(.unix(path: "/run/redis.sock"))) == nil)
    }
}
