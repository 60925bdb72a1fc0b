// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The wish to run what is on disk.
struct DeployRequest: Codable, Sendable {
    /// All workers at once instead of one by one.
    var isAllAtOnce = false
    /// Also what was rolled back before.
    var isForced = false
    /// Clients to be told how it went.
    var waiters: [Int] = []
    /// Why, for the status.
    var cause: String
    /// Why what is on disk was refused, when something else is started in its place.
    var rejection: [String]?

    static let upgradeCause = "upgrade"
    /// Not for what is on disk, but because the executable is another one.
    var isUpgrade: Bool { cause == Self.upgradeCause }

    /// Takes up another wish that came while this one waits.
    mutating func merge(_ other: DeployRequest) {
        isAllAtOnce = isAllAtOnce || other.isAllAtOnce
        isForced = isForced || other.isForced
        waiters += other.waiters
    }
}
