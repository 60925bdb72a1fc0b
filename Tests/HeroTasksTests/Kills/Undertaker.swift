// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import NIOPosix

@testable import HeroTasks

/// What a process does that comes when all others have gone.
struct Undertaker {
    let fixture: JobFixture

    /// Reaps those that had to give up a lease before they stopped: they have left it to time.
    ///
    /// - Returns: What is left of jobs and processes after all, in words; after half a minute at the latest.
    func remains() async throws -> [String] {
        let reaper = TaskReaper(
            fixture.store, TaskProcess(name: "host:9", mark: nil), interval: 20,
            on: MultiThreadedEventLoopGroup.singleton.next(), own: { [] }, note: { _ in })
        reaper.start()
        let end = ContinuousClock.now + .seconds(30)
        var remains = try await look()
        while !remains.isEmpty, ContinuousClock.now < end {
            // The time for which somebody has the right to reap passes quickly here.
            try await fixture.redis("DEL", fixture.keys.reaper)
            try await Task.sleep(for: .milliseconds(5))
            remains = try await look()
        }
        await reaper.stop()
        return remains
    }

    private func look() async throws -> [String] {
        let value = try await fixture.redis("EVAL", RedisArgument(KillScript.remains), 0)
        return value.elements?.compactMap(\.text) ?? ["no answer"]
    }
}
