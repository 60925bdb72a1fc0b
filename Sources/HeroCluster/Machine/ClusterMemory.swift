// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What the next master of the project is to know.
package struct ClusterMemory: Codable, Sendable, Hashable {
    /// What has proved itself, and can be started again.
    package var serving: GenerationID?
    package var settings: ClusterSettings?
    var rolledBack: [RolledBack] = []

    package init() {}
}
