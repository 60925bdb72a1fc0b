// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroBundles
@testable import HeroSystem

@Suite("symbols are looked up as the dynamic linker does")
struct ELFSymbolLookupTests {
    private let project: TemporaryProject

    init() throws { project = try TemporaryProject() }

    private func compile(_ source: String) throws -> ELFFile {
        try project.compile(source, to: "actions/x.so")
        return try ELFFile(bytes: FileContents.read("\(project.root)/actions/x.so"))
    }

    @Test("every symbol that a library defines is found, and none that it only needs")
    func agreesWithTheTable() throws {
        let functions = (0..<500).map { "int symbol_\($0)(void); int symbol_\($0)(void) { return \($0); }\n" }
        let file = try compile(
            functions.joined()
                + "extern int elsewhere(void); int caller(void); int caller(void) { return elsewhere(); }")
        let lookup = try ELFSymbolLookup(file)
        let symbols = try file.dynamicSymbols()
        #expect(symbols.filter(\.isDefined).count >= 501)
        for symbol in symbols {
            #expect(lookup.contains(symbol.name) == symbol.isDefined, "\(symbol.name)")
        }
    }

    @Test("a name that nobody defines is not found", arguments: ["", "symbol", "symbol_00", "symbol_1 ", "символ"])
    func unknown(name: String) throws {
        let file = try compile("int symbol_0(void); int symbol_0(void) { return 0; }")
        #expect(try ELFSymbolLookup(file).contains(name) == false)
    }

    @Test("a table that was damaged ends the search and not the process", arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func damaged(seed: UInt64) throws {
        let file = try compile("int symbol_0(void); int symbol_0(void) { return 0; }")
        let section = try #require(file.sections.first { $0.type == ELFConstant.sectionGNUHash })
        var bytes = try FileContents.read("\(project.root)/actions/x.so")
        var state = seed
        for offset in Int(section.offset)..<Int(section.offset + section.size) {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes[offset] = UInt8(truncatingIfNeeded: state >> 56)
        }
        // The numbers of buckets and of words in the filter are taken from the file as well; either is refused or harmless.
        let lookup = try? ELFSymbolLookup(ELFFile(bytes: bytes))
        #expect(lookup?.contains("no such symbol") != true)
    }
}
