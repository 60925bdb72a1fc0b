// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("snippets")
struct SnippetTests {
    @Test("what a page shows compiles, is accepted and prints what the page says", arguments: Page.withSnippets)
    func work(_ page: Page) async throws {
        let blocks = try page.blocks()
        guard !blocks.isEmpty else { return }
        let session = try SnippetSession()
        for block in blocks {
            let place = "\(page.path):\(block.line)"
            switch block.language {
            case "swift", "c", "modulemap": try session.write(block, comment: "// ", place)
            case "yaml": try session.write(block, comment: "# ", place)
            case "sh": try await session.run(block, place)
            case "text": break
            default: Issue.record("\(place): a block of \(block.language) is neither compiled nor run")
            }
        }
        try await session.finish(page.path)
    }
}
