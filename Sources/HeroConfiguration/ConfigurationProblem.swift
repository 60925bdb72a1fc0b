// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// One thing that is wrong with the configuration.
package struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file, or where else the value came from.
    package let file: String
    package let line: Int?
    package let key: String
    package let reason: String

    package init(file: String, line: Int?, key: String, reason: String) {
        self.file = file
        self.line = line
        self.key = key
        self.reason = reason
    }

    package var description: String {
        let place = PlainText.line(line.map { "\(file):\($0)" } ?? file)
        return key.isEmpty ? "\(place): \(reason)" : "\(place): \(PlainText.line(key)) \(reason)"
    }
}

/// The configuration cannot be used; lists everything that is wrong with it.
package struct ConfigurationRefused: Error, Sendable, CustomStringConvertible {
    package let problems: [ConfigurationProblem]

    package init(problems: [ConfigurationProblem]) { self.problems = problems }

    package var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return "the configuration cannot be used (\(count)):\n"
            + problems.map { "  \($0)" }.joined(separator: "\n")
    }
}
