// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

@testable import HeroBundles

/// Positions inside of a shared object, for tests that change it.
struct ELFImage {
    let bytes: [UInt8]
    let sectionTable: Int
    let sectionCount: Int
    let segmentTable: Int
    let segmentCount: Int

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        let reader = ELFReader(bytes: bytes)
        sectionTable = Int(reader.number(UInt64.self, at: 40) ?? 0)
        sectionCount = Int(reader.number(UInt16.self, at: 60) ?? 0)
        segmentTable = Int(reader.number(UInt64.self, at: 32) ?? 0)
        segmentCount = Int(reader.number(UInt16.self, at: 56) ?? 0)
    }

    /// Where the entry of a section stands in the table.
    func entry(_ name: String) throws -> Int? {
        try ELFFile(bytes: bytes).sections.firstIndex { $0.name == name }.map { sectionTable + $0 * 64 }
    }

    /// Offsets at which a number decides what is read next: header fields, tables, dynamic entries, symbols, the note.
    func structuralOffsets() throws -> [Int] {
        let file = try ELFFile(bytes: bytes)
        var offsets = Array(stride(from: 0, to: 64, by: 2))
        offsets += stride(from: segmentTable, to: segmentTable + segmentCount * 56, by: 4)
        offsets += stride(from: sectionTable, to: sectionTable + sectionCount * 64, by: 4)
        let wanted = [".dynamic", ".dynsym", ".gnu.version_r", ".note.actionhero", ".dynstr", ".shstrtab"]
        for section in file.sections where wanted.contains(section.name) {
            offsets += stride(from: Int(section.offset), to: Int(section.offset + section.size), by: 4)
        }
        return offsets.filter { $0 + 8 <= bytes.count }
    }
}
