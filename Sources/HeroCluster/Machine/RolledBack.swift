// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a rollback takes out of service.
struct RollbackOrigin: Codable, Sendable {
    let generation: GenerationID
    let settings: ClusterSettings
    /// An operator waits for the answer; otherwise the generation is known to be bad.
    let isByHand: Bool
}

/// Content that was taken out of service again.
struct RolledBack: Codable, Sendable, Hashable {
    /// More of them are not remembered.
    static let limit = 64

    let generation: GenerationID
    let reason: String

    var refusal: String {
        "this content was rolled back before: \(reason) – change it, or use `hero cluster reload --force`"
    }
}
