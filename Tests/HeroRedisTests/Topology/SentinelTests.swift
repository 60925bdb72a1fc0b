// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import Testing

extension TopologyTests {
    @Suite("sentinels", .serialized)
    struct SentinelTests {
        @Test(
            "what breaks a primary is survived under load: nothing runs twice, nothing hangs, only what was not copied is lost"
        )
        func failovers() async throws {
            let drill = try await SentinelDrill()
            async let load: Void = drill.load.run()
            async let marks: Void = drill.watchCopies()
            do {
                try await drill.failover("SENTINEL FAILOVER", heals: true) { set, _ in
                    try await set.sentinels[0].cli("SENTINEL", "FAILOVER", RedisSentinelSet.name)
                }
                try await drill.failover("kill -9", heals: true, restarts: true) { _, primary in
                    try await primary.kill()
                }
                try await drill.failover("DEBUG SLEEP", heals: true) { _, primary in
                    // The answer comes when it wakes.
                    _ = Task { try? await primary.cli("DEBUG", "SLEEP", "4") }
                }
                try await drill.set.sentinels[0].kill()
                try await drill.failover("a sentinel killed, and SIGSTOP", heals: false) { _, primary in
                    primary.send(SIGSTOP)
                }
                try await drill.comeBack()
            } catch {
                Issue.record(error)
            }
            drill.load.stop()
            await load
            await marks
            try await drill.verify()
            await drill.client.close()
        }
    }
}
