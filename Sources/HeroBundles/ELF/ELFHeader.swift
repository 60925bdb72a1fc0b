// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The first 64 bytes.
struct ELFHeader {
    static let size = 64
    static let sectionEntrySize = 64
    /// The count has 16 bits, and its highest values (SHN_LORESERVE) mean something else.
    static let maximumSectionCount = 0xFF00
    private static let segmentEntrySize = 56

    let machine: UInt16
    let sectionOffset: UInt64
    let sectionCount: Int
    let sectionNames: Int
    private let segmentOffset: UInt64
    private let segmentCount: Int

    /// - Parameters:
    ///   - reader: The file.
    ///   - wanted: The expected `e_type`.
    /// - Throws: ``ELFFile/Fault`` when the header is not one of such a file.
    init(_ reader: ELFReader, type wanted: UInt16 = ELFConstant.typeShared) throws(ELFFile.Fault) {
        // The magic number 0x7F "ELF", read as a little-endian number.
        guard reader.number(UInt32.self, at: 0) == 0x464C_457F else { throw .notELF }
        guard reader.count >= Self.size else {
            throw .truncated(expected: UInt64(Self.size), found: UInt64(reader.count))
        }
        // 64-bit, little-endian.
        guard reader.byte(at: 4) == 2, reader.byte(at: 5) == 1 else { throw .notShared }
        guard let type = reader.number(UInt16.self, at: 16), let machine = reader.number(UInt16.self, at: 18),
            let segmentOffset = reader.number(UInt64.self, at: 32),
            let sectionOffset = reader.number(UInt64.self, at: 40),
            let segmentEntrySize = reader.number(UInt16.self, at: 54),
            let segmentCount = reader.number(UInt16.self, at: 56),
            let sectionEntrySize = reader.number(UInt16.self, at: 58),
            let sectionCount = reader.number(UInt16.self, at: 60),
            let sectionNames = reader.number(UInt16.self, at: 62)
        else { throw .notELF }
        guard type == wanted else { throw .notShared }
        guard segmentCount == 0 || Int(segmentEntrySize) == Self.segmentEntrySize,
            Int(sectionEntrySize) == Self.sectionEntrySize
        else {
            throw .malformed("its tables have entries of an unknown size")
        }
        self.machine = machine
        self.sectionOffset = sectionOffset
        self.sectionCount = Int(sectionCount)
        self.sectionNames = Int(sectionNames)
        self.segmentOffset = segmentOffset
        self.segmentCount = Int(segmentCount)
    }

    /// Every range that the dynamic linker would map has to lie inside the file: a page behind its end is a SIGBUS.
    func checkSegments(_ reader: ELFReader) throws(ELFFile.Fault) {
        try require(offset: segmentOffset, size: UInt64(segmentCount * Self.segmentEntrySize), in: reader)
        for segment in mappedSegments(reader) { try require(offset: segment.offset, size: segment.size, in: reader) }
    }

    /// Where the bytes end that the dynamic linker reads, for a file whose segments were checked.
    func mappedEnd(_ reader: ELFReader) -> UInt64 {
        let tableEnd = segmentOffset + UInt64(segmentCount * Self.segmentEntrySize)
        return mappedSegments(reader).map { $0.offset + $0.size }.reduce(max(tableEnd, UInt64(Self.size)), max)
    }

    private func mappedSegments(_ reader: ELFReader) -> [(offset: UInt64, size: UInt64)] {
        (0..<segmentCount).compactMap { position in
            let entry = Int(segmentOffset) + position * Self.segmentEntrySize
            guard let type = reader.number(UInt32.self, at: entry), type == ELFConstant.segmentLoad,
                let offset = reader.number(UInt64.self, at: entry + 8),
                let size = reader.number(UInt64.self, at: entry + 32)
            else { return nil }
            return (offset, size)
        }
    }

    func readSections(_ reader: ELFReader) throws(ELFFile.Fault) -> [ELFFile.Section] {
        let tableSize = UInt64(sectionCount * Self.sectionEntrySize)
        try require(offset: sectionOffset, size: tableSize, in: reader)
        guard sectionCount > sectionNames else { throw .malformed("it has no section names") }
        let namesEntry = Int(sectionOffset) + sectionNames * Self.sectionEntrySize
        guard let namesOffset = reader.number(UInt64.self, at: namesEntry + 24),
            let namesSize = reader.number(UInt64.self, at: namesEntry + 32)
        else { throw .malformed("it has no section names") }
        try require(offset: namesOffset, size: namesSize, in: reader)
        let names = Int(namesOffset)..<Int(namesOffset + namesSize)
        var sections: [ELFFile.Section] = []
        sections.reserveCapacity(sectionCount)
        var budget = NameBudget(reader)
        for position in 0..<sectionCount {
            let section = try readSection(position, names: names, reader)
            try budget.spend(section.name)
            sections.append(section)
        }
        return sections
    }

    private func readSection(
        _ position: Int, names: Range<Int>, _ reader: ELFReader
    ) throws(ELFFile.Fault) -> ELFFile.Section {
        let entry = Int(sectionOffset) + position * Self.sectionEntrySize
        guard let nameOffset = reader.number(UInt32.self, at: entry),
            let type = reader.number(UInt32.self, at: entry + 4),
            let address = reader.number(UInt64.self, at: entry + 16),
            let offset = reader.number(UInt64.self, at: entry + 24),
            let size = reader.number(UInt64.self, at: entry + 32),
            let link = reader.number(UInt32.self, at: entry + 40),
            let entrySize = reader.number(UInt64.self, at: entry + 56)
        else { throw .malformed("its section table is cut short") }
        guard let name = reader.string(at: names.lowerBound + Int(nameOffset), within: names) else {
            throw .malformed("a section has no name")
        }
        // Sections without contents (.bss) have a size but take no room in the file.
        if type != ELFConstant.sectionNoBits { try require(offset: offset, size: size, in: reader) }
        return ELFFile.Section(
            name: name, type: type, address: address, offset: offset, size: size, link: link, entrySize: entrySize)
    }

    private func require(offset: UInt64, size: UInt64, in reader: ELFReader) throws(ELFFile.Fault) {
        guard reader.slice(offset: offset, size: size) == nil else { return }
        let (end, overflow) = offset.addingReportingOverflow(size)
        throw .truncated(expected: overflow ? .max : end, found: UInt64(reader.count))
    }
}
