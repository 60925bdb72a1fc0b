// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A frozen set of bundles and configuration, and the release of the project that it belongs to.
package struct GenerationID: Codable, Sendable, Hashable, CustomStringConvertible {
    package let number: Int
    /// The project with all links resolved: a release that a link pointed to when the generation was frozen.
    package let root: String
    /// Equal for generations that run the same code with the same configuration, whatever their numbers.
    package let content: String

    package init(number: Int, root: String, content: String) {
        self.number = number
        self.root = root
        self.content = content
    }

    package var description: String { "generation \(number)" }
}
