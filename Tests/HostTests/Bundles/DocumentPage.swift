// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// A page of `docs/` with the code on it.
struct DocumentPage {
    let text: String

    init(_ name: String) throws { text = try Stage.text("docs/\(name)") }

    /// The code blocks of a language in the section with a title, in their order.
    func blocks(_ language: String, below title: String) throws -> [String] {
        let start = try #require(text.range(of: "\n## \(title)\n"), "no section `\(title)`")
        let rest = text[start.upperBound...]
        let section = rest[..<(rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)]
        return section.components(separatedBy: "\n```\(language)\n").dropFirst().map { block in
            block.components(separatedBy: "```")[0]
        }
    }

    /// The first code block with these words behind its fence.
    func block(_ words: String) throws -> String {
        let start = try #require(text.range(of: "\n```\(words)\n"), "no block `\(words)`")
        let rest = text[start.upperBound...]
        return String(rest[..<(try #require(rest.range(of: "```"))).lowerBound])
    }
}
