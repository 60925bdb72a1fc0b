// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Finds symbols by name as the dynamic linker does, through the `.gnu.hash` section, without reading the whole table.
///
/// The section holds four 32-bit numbers (buckets, first hashed symbol, words of the filter, shift), the filter in 64-bit
/// words, the first symbol of each bucket, and a hash per symbol whose lowest bit ends its bucket.
struct ELFSymbolLookup: Sendable {
    private let reader: ELFReader
    private let symbols: Range<Int>
    private let strings: Range<Int>
    private let bucketCount: Int
    private let firstSymbol: Int
    private let buckets: Int
    private let hashes: Int

    /// - Throws: ``ELFFile/Fault`` when the file has no such section.
    init(_ file: ELFFile) throws(ELFFile.Fault) {
        guard let table = file.sections.first(where: { $0.type == ELFConstant.sectionGNUHash }),
            file.sections.indices.contains(Int(table.link)),
            case let symbolTable = file.sections[Int(table.link)],
            file.sections.indices.contains(Int(symbolTable.link)),
            case let names = file.sections[Int(symbolTable.link)],
            let symbols = file.reader.slice(offset: symbolTable.offset, size: symbolTable.size),
            let strings = file.reader.slice(offset: names.offset, size: names.size),
            let bucketCount = file.reader.number(UInt32.self, at: Int(table.offset)), bucketCount > 0,
            let firstSymbol = file.reader.number(UInt32.self, at: Int(table.offset) + 4),
            let filterWords = file.reader.number(UInt32.self, at: Int(table.offset) + 8)
        else { throw .malformed("its symbols cannot be looked up") }
        reader = file.reader
        self.symbols = symbols
        self.strings = strings
        self.bucketCount = Int(bucketCount)
        self.firstSymbol = Int(firstSymbol)
        buckets = Int(table.offset) + 16 + Int(filterWords) * 8
        hashes = buckets + Int(bucketCount) * 4
    }

    /// Whether the file defines a global or weak symbol of that name.
    func contains(_ name: String) -> Bool {
        let hash = name.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) }
        guard var symbol = reader.number(UInt32.self, at: buckets + Int(hash) % bucketCount * 4).map(Int.init),
            symbol >= firstSymbol
        else { return false }
        while let known = reader.number(UInt32.self, at: hashes + (symbol - firstSymbol) * 4) {
            if known | 1 == hash | 1, self.name(of: symbol) == name { return true }
            if known & 1 == 1 { return false }
            symbol += 1
        }
        return false
    }

    private func name(of symbol: Int) -> String? {
        let entry = symbols.lowerBound + symbol * 24
        guard entry + 24 <= symbols.upperBound, let offset = reader.number(UInt32.self, at: entry) else { return nil }
        return reader.string(at: strings.lowerBound + Int(offset), within: strings)
    }
}
