// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// One thing that was looked at.
package struct RedisFinding: Sendable, Hashable {
    package enum Level: String, Sendable {
        case ok, warning, error
    }

    package let level: Level
    /// Roles that it is about, or `configuration`.
    package let subject: String
    package let check: String
    package let found: String
    /// What to change; `nil` when all is well.
    package let remedy: String?

    package init(level: Level, subject: String, check: String, found: String, remedy: String?) {
        (self.level, self.subject, self.check, self.found, self.remedy) = (level, subject, check, found, remedy)
    }

    package var json: JSON {
        [
            "level": .string(level.rawValue), "subject": .string(subject), "check": .string(check),
            "found": .string(found), "remedy": remedy.map { .string($0) } ?? .null,
        ]
    }
}
