// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// One key that the framework knows.
///
/// `config/*.yml` document the same keys for users; a test keeps the two equal.
package struct ConfigurationKey: Sendable {
    /// Names joined by dots, the first is the namespace.
    package let path: [String]
    let type: ConfigurationType
    /// The default as it would stand in a file: text may hold `${VARIABLE:-default}`.
    let standard: JSON
    /// Other defaults, by environment.
    let standards: [String: JSON]
    /// Whether `hero config` masks the value.
    package let isSecret: Bool

    init(
        _ path: String, _ type: ConfigurationType, _ standard: JSON, in standards: [String: JSON] = [:],
        isSecret: Bool = false
    ) {
        self.path = path.split(separator: ".").map(String.init)
        self.type = type
        self.standard = standard
        self.standards = standards
        self.isSecret = isSecret
    }

    package var name: String { path.joined(separator: ".") }
}

/// A value does not fit its key.
struct ConfigurationMismatch: Error {
    /// The problem in words, for example `must be true or false, not 'maybe'`.
    let reason: String
    /// Where inside the value, for example `[2].path`; empty for the whole.
    var path = ""
}
