// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroSystem
import Testing

/// `docs/c-bundles.md`.
enum AuthorsPage {
    /// The first code block that is written in a language, by the word behind its fence.
    static func block(_ language: String) throws -> String {
        let page = String(decoding: try FileContents.read(CCompiler.repository + "/docs/c-bundles.md"), as: UTF8.self)
        let start = try #require(page.firstRange(of: "```\(language)\n"))
        let rest = page[start.upperBound...]
        return String(rest[..<(try #require(rest.firstRange(of: "```"))).lowerBound])
    }
}
