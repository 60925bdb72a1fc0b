// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Collects what is found about one server.
struct RedisFindings {
    let subject: String
    private(set) var all: [RedisFinding] = []

    init(_ subject: String) { self.subject = subject }

    /// - Parameters:
    ///   - check: What was looked at.
    ///   - found: The value.
    ///   - problem: How bad it is, and what to change; `nil` when all is well.
    mutating func note(_ check: String, _ found: String, _ problem: (RedisFinding.Level, String)? = nil) {
        all.append(
            RedisFinding(
                level: problem?.0 ?? .ok, subject: subject, check: check, found: found, remedy: problem?.1))
    }

    mutating func add(_ others: [RedisFinding]) { all += others }
}
