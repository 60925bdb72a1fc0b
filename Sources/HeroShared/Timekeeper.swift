// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// Clocks, as tests can replace them; all in milliseconds.
struct Timekeeper: Sendable {
    /// Does not go back.
    var monotonic: @Sendable () -> Int
    /// Since 1970.
    var wall: @Sendable () -> Int
    var sleep: @Sendable (Int) async throws -> Void

    static let system = Timekeeper(
        monotonic: { Int(MonotonicTime.nanoseconds / 1_000_000) }, wall: { WallTime.now.milliseconds },
        sleep: { try await Task.sleep(for: .milliseconds($0)) })
}
