// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the page about the error codes of bundles")
struct BundleErrorsPageTests {
    private let page: DocumentPage

    init() throws { page = try DocumentPage("bundle-errors.md") }

    private func codes(in text: String, _ pattern: String) throws -> Set<String> {
        let expression = try NSRegularExpression(pattern: pattern)
        let whole = text as NSString
        return Set(
            expression.matches(in: text, range: NSRange(location: 0, length: whole.length)).map {
                whole.substring(with: $0.range(at: 1))
            })
    }

    private func headings() throws -> Set<String> { try codes(in: page.text, "(?m)^### (HB[0-9]{3})$") }

    @Test("each code that the sources name has a heading, and each heading is such a code")
    func bothWays() throws {
        var named: Set<String> = []
        let root = "\(Stage.repository)/Sources"
        for path in try FileManager.default.subpathsOfDirectory(atPath: root) where path.hasSuffix(".swift") {
            named.formUnion(
                try codes(in: String(contentsOfFile: "\(root)/\(path)", encoding: .utf8), "(HB[0-9]{3})"))
        }
        #expect(named.count >= 16)
        #expect(try headings().sorted() == named.sorted())
    }

    @Test("each code has an example message that names it, and what to do")
    func sections() throws {
        for section in page.text.components(separatedBy: "\n### ").dropFirst() {
            let code = section.prefix(5)
            let paragraphs = section.components(separatedBy: "\n\n").map {
                $0.trimmingCharacters(in: .newlines)
            }.filter { !$0.isEmpty && !$0.hasPrefix("## ") }
            let examples = paragraphs.filter { $0.hasPrefix("    ") }
            #expect(examples.count == 1 && examples[0].contains(code), "\(code)")
            let example = try #require(paragraphs.firstIndex { $0.hasPrefix("    ") })
            // Heading and meaning before it, the remedy behind it.
            #expect(example >= 2 && paragraphs.count > example + 1, "\(code)")
        }
    }

    @Test("links between the pages lead somewhere")
    func links() throws {
        for name in ["bundles.md", "bundle-errors.md"] {
            for target in try codes(in: DocumentPage(name).text, "\\]\\(([a-z-]+\\.md)\\)") {
                #expect(FileManager.default.fileExists(atPath: "\(Stage.repository)/docs/\(target)"), "\(target)")
            }
        }
    }
}
