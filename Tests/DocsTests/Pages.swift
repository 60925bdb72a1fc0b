// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// A page of the documentation and what is in it.
struct Page: Sendable, CustomTestStringConvertible {
    /// Relative to the repository.
    let path: String
    var testDescription: String { path }

    struct Block: Sendable {
        let language: String
        let line: Int
        let text: String
    }

    static let all: [Page] = {
        let files =
            FileManager.default.enumerator(atPath: "\(Stage.repository)/docs")?.compactMap { $0 as? String } ?? []
        let pages = files.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }
        return (["README.md", "CHANGELOG.md", "CONTRIBUTING.md"] + pages).sorted().map(Page.init(path:))
    }()

    /// Pages whose snippets are run here; the others' belong to the tests of what they describe.
    static let withSnippets = all.filter { page in
        !["c-bundles", "bundles", "bundle-errors", "differences", "web-server", "nginx", "swift-log"].contains {
            page.path == "docs/\($0).md"
        }
    }

    func text() throws -> String { try Stage.text(path) }

    /// Fenced blocks in order.
    func blocks() throws -> [Block] {
        var (blocks, open): ([Block], (language: String, line: Int, lines: [String])?) = ([], nil)
        for (number, line) in try text().components(separatedBy: "\n").enumerated() {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(
                        Block(language: block.language, line: block.line, text: block.lines.joined(separator: "\n")))
                    open = nil
                } else {
                    open = (String(line.dropFirst(3)), number + 1, [])
                }
            } else {
                open?.lines.append(line)
            }
        }
        return blocks
    }

    /// Targets of links to other files of the repository, without anchors of this page.
    func links() throws -> [String] {
        try text().matches(of: /\]\(([^)#]+)(#[^)]*)?\)/).map { String($0.1) }.filter { !$0.contains("://") }
    }
}
