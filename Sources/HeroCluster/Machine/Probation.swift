// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Watching a new generation for some time, ready to go back.
struct Probation: Codable, Sendable {
    let generation: GenerationID
    /// When it came into service.
    let since: Int
    var waiters: [Int]
    /// `nil` while workers are still being replaced.
    var until: Int?
    var crashes: [String] = []
}
