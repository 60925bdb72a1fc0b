// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import Testing

/// Sets of servers that are killed and stopped; they run last and alone, as the other `TopologyTests` do.
@Suite("jobs and topologies", .serialized, .timeLimit(.minutes(10)))
struct JobTopologyTests {
    @Test("what a replica has is not lost, whatever becomes of the primary, while 200 jobs a second are enqueued")
    func sentinel() async throws {
        let drill = try await JobSentinelDrill()
        async let load: Void = drill.load()
        do {
            try await drill.failover("SENTINEL FAILOVER") { set, _ in
                try await set.sentinels[0].cli("SENTINEL", "FAILOVER", RedisSentinelSet.name)
            }
            try await drill.failover("kill -9", restarts: true) { _, primary in try await primary.kill() }
            try await drill.failover("DEBUG SLEEP") { _, primary in
                // The answer comes when it wakes.
                _ = Task { try? await primary.cli("DEBUG", "SLEEP", "4") }
            }
            try await drill.failover("SIGSTOP", continues: true) { _, primary in primary.send(SIGSTOP) }
        } catch {
            Issue.record(error)
        }
        drill.stop()
        await load
        try await drill.allDone()
        drill.report()
        #expect(drill.lost(.replica).isEmpty, "\(drill.lost(.replica))")
        #expect(drill.lost(.allReplicas).isEmpty, "\(drill.lost(.allReplicas))")
        #expect(await drill.close())
    }
}
