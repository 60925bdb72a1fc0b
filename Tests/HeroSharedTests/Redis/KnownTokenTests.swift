// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroConfiguration
@testable import HeroShared

@Suite("the token that everybody knows")
struct KnownTokenTests {
    private func check(_ redis: JSON, token: JSON? = nil, environment: String = "production") throws -> String? {
        var overrides: JSON = ["redis": redis]
        if let token { overrides["general"] = ["serverToken": token] }
        let application = try TestApplication(overrides: overrides, environment: environment).application
        return try KnownToken.check(application, try RedisPlan.read(application))
    }

    @Test("keeps a process from starting in production with a Redis that is not its own")
    func refused() throws {
        for redis in [
            ["enabled": true, "url": "redis://host:6379"], ["enabled": true, "tasks": ["url": "redis://host:6379"]],
        ] as [JSON] {
            let error = #expect(throws: ConfigurationRefused.self) { try check(redis) }
            #expect(error?.problems.map(\.key) == ["general.serverToken"])
            #expect(try check(redis, token: "a secret") == nil)
            #expect(try check(redis, environment: "development") == nil)
        }
    }

    @Test("is pointed out in production otherwise")
    func warned() throws {
        for redis in [["enabled": true], ["enabled": false]] as [JSON] {
            #expect(try check(redis)?.hasPrefix("general.serverToken is the default") == true)
            #expect(try check(redis, token: "a secret") == nil)
            #expect(try check(redis, environment: "staging") == nil)
        }
    }
}
