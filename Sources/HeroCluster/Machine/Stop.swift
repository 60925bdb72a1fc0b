// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The cluster is stopping.
struct Stop: Codable, Sendable {
    /// To be told when it has stopped.
    var clients: [Int] = []
    /// When workers cut off what is left.
    let deadline: Int
    /// When the line about waiting is written again.
    var nextLine: Int
    /// The worker told to stop last, and when the next one is told all the same.
    var leaving: Int?
    var leavingUntil = 0
}
