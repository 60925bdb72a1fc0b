// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("pages")
struct PageTests {
    @Test("every link leads to a file of the repository", arguments: Page.all)
    func linksLead(_ page: Page) throws {
        let directory = (page.path as NSString).deletingLastPathComponent
        for link in try page.links() {
            let target = "\(Stage.repository)/\(directory)/\(link)"
            #expect(FileManager.default.fileExists(atPath: target), "\(page.path) links to \(link)")
        }
    }

    @Test("every page can be reached from the README")
    func areReachable() throws {
        var (reached, waiting): (Set<String>, [String]) = (["README.md"], ["README.md"])
        while let path = waiting.popLast() {
            let directory = (path as NSString).deletingLastPathComponent
            for link in try Page(path: path).links() where link.hasSuffix(".md") {
                let target = (("/" + directory + "/" + link) as NSString).standardizingPath.dropFirst()
                let exists = FileManager.default.fileExists(atPath: "\(Stage.repository)/\(target)")
                if exists, reached.insert(String(target)).inserted { waiting.append(String(target)) }
            }
        }
        #expect(Page.all.map(\.path).filter { !reached.contains($0) } == [])
    }

    @Test("the README shows the numbers of the last benchmark")
    func showsNumbers() throws {
        let (readme, results) = (try Stage.text("README.md"), try Stage.text("bench/RESULTS.md"))
        #expect(readme.contains(results.trimmingCharacters(in: .newlines)))
    }

    @Test("the change log has an entry for the version in the sources")
    func hasEntry() throws {
        let source = try Stage.text("Sources/ActionHero/SDK.swift")
        let version = try #require(source.firstMatch(of: /version: String = "(.*?)"/)?.1)
        #expect(try Stage.text("CHANGELOG.md").contains("\n## [\(version)]"))
    }

    @Test("the page about the command line has a section for every command")
    func describesCommands() throws {
        let page = try Stage.text("docs/command-line.md")
        let golden = try FileManager.default.contentsOfDirectory(
            atPath: "\(Stage.repository)/Tests/HostTests/Golden")
        for name in golden.sorted() where name != "hero.txt" {
            let words = name.dropLast(4).split(separator: "-").joined(separator: " ")
            #expect(page.contains("`\(words)"), "\(words) is not described")
        }
    }

    @Test("every dependency in Package.swift has a page that says why it is there")
    func explainsDependencies() throws {
        let manifest = try Stage.text("Package.swift")
        let decisions = try Page.all.filter { $0.path.hasPrefix("docs/decisions/") }.map { try $0.text() }
        let packages = manifest.matches(of: /package\(url: "[^"]*\/([^"\/]+?)(\.git)?"/).map { String($0.1) }
        let libraries = manifest.matches(of: /pkgConfig: "([^"]+)"/).map { String($0.1) }
        for name in packages + libraries {
            #expect(decisions.contains { $0.contains("`\(name)`") }, "no page explains \(name)")
        }
    }
}
