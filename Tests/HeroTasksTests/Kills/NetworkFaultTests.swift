// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import Testing

@Suite("jobs of a process behind a bad network", .timeLimit(.minutes(10)))
struct NetworkFaultTests {
    private static let scenes = 10

    @Test("are done, by one process at a time, and their ends count once", arguments: NetworkFault.allCases)
    func faults(_ fault: NetworkFault) async throws {
        let fixture = try await JobFixture(listening: .port)
        do {
            for seed in 1...Self.scenes { try await NetworkScene(fixture, fault, seed: seed).run() }
        } catch {
            await fixture.client.close()
            throw error
        }
        await fixture.client.close()
    }
}
