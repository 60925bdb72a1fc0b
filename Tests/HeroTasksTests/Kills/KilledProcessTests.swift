// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// The kill matrix with processes that are objects: so many ends in a minute as real processes have in an hour.
///
/// Each seed is one scene, printed where it fails; `HERO_KILL_SEEDS=2000` for more of them.
@Suite("jobs of processes that end anywhere", .timeLimit(.minutes(15)))
struct KilledProcessTests {
    private static let seeds = ProcessInfo.processInfo.environment["HERO_KILL_SEEDS"].flatMap { Int($0) } ?? 320

    @Test("are done, by one process at a time, and their ends count once", arguments: Victim.allCases)
    func killed(_ victim: Victim) async throws {
        let settings = victim == .redis ? ["appendonly yes", "appendfsync always"] : []
        let count = Self.seeds / Victim.allCases.count
        let begin = ContinuousClock.now
        var (places, deaths) = (Set<String>(), 0)
        try await withThrowingTaskGroup(of: (Set<String>, Int).self) { group in
            for lane in 0..<2 {
                group.addTask { try await Self.scenes(victim, Array(stride(from: lane, to: count, by: 2)), settings) }
            }
            for try await (some, ends) in group {
                places.formUnion(some)
                deaths += ends
            }
        }
        print("\(victim): \(count) scenes, \(deaths) processes ended, in \(ContinuousClock.now - begin)")
        #expect(KillPlan.places(victim).subtracting(places) == [])
    }

    private static func scenes(
        _ victim: Victim, _ seeds: [Int], _ settings: [String]
    ) async throws -> (Set<String>, Int) {
        var (places, deaths) = (Set<String>(), 0)
        try await JobFixture.with(settings: settings) { fixture in
            for seed in seeds {
                let (some, ends) = try await MortalScene(fixture, KillPlan(victim, seed: seed)).run()
                places.formUnion(some)
                deaths += ends
            }
        }
        return (places, deaths)
    }
}
