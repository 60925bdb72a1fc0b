// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import Testing

@testable import HeroShared

@Suite("which server a role uses")
struct RedisPlanTests {
    private func plan(_ redis: JSON) throws -> RedisPlan {
        let process = try TestApplication(overrides: ["redis": redis])
        return try #require(try RedisPlan.read(process.application))
    }

    @Test("a role's own keys are over the URL of all roles")
    func ownKeys() throws {
        let plan = try plan([
            "enabled": true, "url": "redis://app:secret@host:7000/2",
            "client": ["db": 0, "tls": true], "subscriber": ["password": "other", "port": 7001],
            "tasks": ["db": 3, "user": "jobs", "password": "hidden"],
        ])
        let host = { RedisPlace.Kind.standalone(.tcp(host: "host", port: $0)) }
        #expect(
            plan.client
                == RedisPlace(kind: host(7000), user: "app", password: "secret", database: 0, usesTLS: true))
        #expect(
            plan.subscriber
                == RedisPlace(kind: host(7001), user: "app", password: "other", database: 2, usesTLS: false))
        #expect(
            plan.tasks == RedisPlace(kind: host(7000), user: "jobs", password: "hidden", database: 3, usesTLS: false))
    }

    @Test("a URL is over the other keys of the same place, also with the database 0")
    func ownURL() throws {
        let plan = try plan([
            "enabled": true, "url": "redis://:secret@host/0", "db": 4, "password": "no", "user": "no",
            "tasks": ["url": "unix:///run/redis.sock?db=1", "db": 7],
        ])
        #expect(plan.client.database == 0 && plan.client.password == "secret" && plan.client.user == nil)
        #expect(plan.tasks.database == 1 && plan.tasks.kind == .standalone(.unix(path: "/run/redis.sock")))
    }
}
