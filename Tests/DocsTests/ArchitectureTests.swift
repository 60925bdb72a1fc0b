// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// `docs/architecture.md`, the parts of it that tests read.
struct ArchitecturePage {
    private let lines: [Substring]

    init() throws { lines = try Stage.text("docs/architecture.md").split(separator: "\n") }

    /// What the table of targets says that each may import.
    ///
    /// Rows: the target, what it is for, its imports.
    func arrows() throws -> [String: Set<String>] {
        var arrows: [String: Set<String>] = [:]
        let table = lines.drop { $0 != "## Rooms" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        for row in table where row.hasPrefix("| `") {
            let cells = row.split(separator: "|")
            try #require(cells.count == 3, "\(row)")
            let room = try #require(Self.code(in: cells[0]).first)
            arrows[String(room)] = Set(Self.code(in: cells[2]).map(String.init))
        }
        return arrows
    }

    /// The order of the folders of a target, for the targets that have one.
    ///
    /// Rows: the target, its folders.
    func folders() throws -> [String: [String]] {
        var orders: [String: [String]] = [:]
        let table = lines.drop { $0 != "## Folders" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        for row in table where row.hasPrefix("| `") {
            let cells = row.split(separator: "|")
            try #require(cells.count == 2, "\(row)")
            let target = try #require(Self.code(in: cells[0]).first)
            orders[String(target)] = cells[1].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        return orders
    }

    /// The numbered lists: each item begins with the targets that it is about, and a colon.
    func hops() throws -> [(rooms: Set<String>, text: String)] {
        var items: [String] = []
        for line in lines {
            if line.first?.isNumber == true {
                items.append(String(line))
            } else if line.hasPrefix("   "), var last = items.popLast() {
                last += "\n\(line)"
                items.append(last)
            }
        }
        return try items.map { item in
            let colon = try #require(item.firstIndex(of: ":"), "\(item)")
            return (Set(Self.code(in: item[..<colon]).map(String.init)), String(item[colon...]))
        }
    }

    /// What stands between backticks; a pair of them stands in one line.
    static func code(in text: some StringProtocol) -> [Substring] {
        text.split(separator: "\n").flatMap { line in
            let parts = line.split(separator: "`", omittingEmptySubsequences: false)
            return stride(from: 1, to: parts.count - 1, by: 2).map { Substring(parts[$0]) }
        }
    }

    /// Whether a name is written as types are: a capital, and not capitals only, which signals and commands have.
    static func isType(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return false }
        return name.contains(where: \.isLowercase)
            && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
    }
}

@Suite("the map of the sources")
struct ArchitectureTests {
    private static let pages = ["docs/architecture.md", "CONTRIBUTING.md"]

    private let sources: SourceTree

    init() throws { sources = try SourceTree.read.get() }

    private static func exists(_ path: some StringProtocol) -> Bool {
        FileManager.default.fileExists(atPath: "\(Stage.repository)/\(path)")
    }

    @Test("every type, module and file that it names exists", arguments: pages)
    func namesExist(page: String) throws {
        let names = Set(ArchitecturePage.code(in: try Stage.text(page)))
        let types = names.filter(ArchitecturePage.isType)
        #expect(types.count > 30)
        for name in types.sorted() where sources.rooms(declaring: name).isEmpty {
            let isOther = sources.modules.contains(String(name)) || Self.exists(name) || Self.exists("Sources/\(name)")
            #expect(isOther, "\(page): nothing in Sources is called \(name)")
        }
        let roots = ["Sources/", "Tests/", "docs/", "config/", "bench/"]
        for name in names.sorted() where roots.contains(where: { name.hasPrefix($0) }) {
            #expect(Self.exists(name), "\(page): there is no \(name)")
        }
    }

    @Test("the types of each hop are those of the targets that the hop begins with")
    func hopsAreAtHome() throws {
        let hops = try ArchitecturePage().hops()
        #expect(hops.count > 20)
        for (rooms, text) in hops {
            #expect(!rooms.isEmpty && rooms.isSubset(of: sources.rooms), "\(rooms.sorted()) in front of \(text)")
            for name in ArchitecturePage.code(in: text).filter(ArchitecturePage.isType) where !Self.exists(name) {
                let homes = sources.rooms(declaring: name)
                #expect(!homes.isDisjoint(with: rooms), "\(name) is in \(homes.sorted()), not in \(rooms.sorted())")
            }
        }
    }

    @Test("a name that no source has is noticed, also behind a type that there is")
    func noticesWrongNames() {
        #expect(sources.rooms(declaring: "ActionProcessor") == ["HeroRuntime"])
        #expect(sources.rooms(declaring: "ActionProcessor.start") == ["HeroRuntime"])
        #expect(sources.rooms(declaring: "ActionProcesor") == [])
        #expect(sources.rooms(declaring: "ActionProcessor.restart") == [])
        #expect(sources.rooms(declaring: "WebServer.Unheard") == [])
        #expect(ArchitecturePage.isType("ActionProcesor"))
        #expect(!ArchitecturePage.isType("MULTI"))
    }
}
