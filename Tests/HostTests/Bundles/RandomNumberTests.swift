// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("random numbers in a bundle")
struct RandomNumberTests {
    @Test("come from the host, which fetches them in blocks")
    func binding() async throws {
        let project = try TestProject([
            "actions/dice.swift": """
            import ActionHero

            struct Dice: Action {
                func run(_ context: Context) async throws -> [String: Int] { ["thrown": Int.random(in: 1...6)] }
            }
            """
        ])
        try await project.build()
        let done = try await project.hero("action", "dice", environment: ["LD_DEBUG": "bindings"])
        let found = done.error.split(separator: "\n").first {
            $0.contains("dice") && $0.contains("`swift_stdlib_random'")
        }
        let binding = try #require(found, "\(done.output)")
        #expect(binding.contains("/hero [0]"), "\(binding)")
    }
}
