// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// A page of `docs/` with the code on it.
struct DocumentPage {
    let text: String

    init(_ name: String) throws { text = try Stage.text("docs/\(name)") }

    /// The first code block with these words behind its fence.
    func block(_ words: String) throws -> String {
        let start = try #require(text.range(of: "\n```\(words)\n"), "no block `\(words)`")
        let rest = text[start.upperBound...]
        return String(rest[..<(try #require(rest.range(of: "```"))).lowerBound])
    }
}
