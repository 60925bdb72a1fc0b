// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Where a value of the configuration came from.
package struct ConfigurationOrigin: Sendable, Hashable, CustomStringConvertible {
    /// A file below the project, an environment variable, a flag, or the built-in defaults.
    package let source: String
    /// Line in the file, counted from 1.
    package let line: Int?
    /// The section of the file.
    package let section: String?
    /// Lines of the elements, where the value is a list of a file.
    let elementLines: [Int]

    init(source: String, line: Int? = nil, section: String? = nil, elementLines: [Int] = []) {
        self.elementLines = elementLines
        self.source = source
        self.line = line
        self.section = section
    }

    static let builtIn = ConfigurationOrigin(source: "built in")

    /// File and line, or what else there is to say.
    package var place: String { line.map { "\(source):\($0)" } ?? source }

    package var description: String {
        section.map { "\(place) (\($0))" } ?? place
    }
}
