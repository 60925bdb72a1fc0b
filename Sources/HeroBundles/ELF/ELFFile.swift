// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What the loader needs to know of a 64-bit little-endian ELF shared object, read without running any of it.
///
/// Field positions are those of the System V ABI, chapter 4 and 5 (gabi).
package struct ELFFile: Sendable {
    /// Why a file is not a usable ELF shared object.
    enum Fault: Error, Hashable {
        case notELF
        case notShared
        case truncated(expected: UInt64, found: UInt64)
        case malformed(String)
    }

    struct Section: Sendable {
        let name: String
        let type: UInt32
        let address: UInt64
        let offset: UInt64
        let size: UInt64
        /// Position in the section table; `link` refers to it.
        let link: UInt32
        let entrySize: UInt64
    }

    struct Symbol: Sendable {
        let name: String
        let isDefined: Bool
        let isWeak: Bool
        /// Whether it stands for data.
        let isObject: Bool
    }

    /// Directories that a file brings along for the libraries that it needs; `$ORIGIN` is still in them.
    struct SearchPath: Sendable, Hashable {
        /// `DT_RPATH`: holds for the libraries of its libraries too; without effect beside a `DT_RUNPATH`.
        var inherited: [String] = []
        /// `DT_RUNPATH`: holds for this file alone, which then inherits nothing.
        var own: [String]?
    }

    /// The machine number (`e_machine`): 62 is x86_64, 183 is aarch64.
    let machine: UInt16
    let sections: [Section]
    /// Libraries that the dynamic linker will look for (`DT_NEEDED`).
    let needed: [String]
    /// Its own name (`DT_SONAME`).
    let soname: String?
    /// Where it wants its libraries to be looked for.
    let searchPath: SearchPath
    let reader: ELFReader

    /// - Throws: ``Fault``.
    init(bytes: [UInt8]) throws(Fault) {
        try self.init(ELFReader(bytes: bytes))
    }

    /// - Throws: ``Fault``.
    init(_ reader: ELFReader) throws(Fault) {
        self.reader = reader
        let header = try ELFHeader(reader)
        machine = header.machine
        try header.checkSegments(reader)
        sections = try header.readSections(reader)
        (needed, soname, searchPath) = try Self.readDynamic(sections, reader)
    }

    func section(named name: String) -> Section? { sections.first { $0.name == name } }

    /// The bytes of a section.
    func contents(of section: Section) -> [UInt8]? {
        reader.slice(offset: section.offset, size: section.size).map(reader.bytes(in:))
    }

    private static func readDynamic(
        _ sections: [Section], _ reader: ELFReader
    ) throws(Fault) -> (needed: [String], soname: String?, searchPath: SearchPath) {
        guard let dynamic = sections.first(where: { $0.type == ELFConstant.sectionDynamic }) else {
            throw .malformed("it has no dynamic section")
        }
        guard sections.indices.contains(Int(dynamic.link)),
            let entries = reader.slice(offset: dynamic.offset, size: dynamic.size),
            let strings = reader.slice(
                offset: sections[Int(dynamic.link)].offset, size: sections[Int(dynamic.link)].size)
        else { throw .malformed("its dynamic section lies outside of the file") }
        var needed: [String] = []
        var soname: String?
        var searchPath = SearchPath()
        for offset in stride(from: entries.lowerBound, to: entries.upperBound - 15, by: 16) {
            guard let tag = reader.number(Int64.self, at: offset), tag != 0,
                let value = reader.number(UInt64.self, at: offset + 8)
            else { break }
            guard ELFConstant.namingTags.contains(tag) else { continue }
            guard value < UInt64(strings.count),
                let name = reader.string(at: strings.lowerBound + Int(value), within: strings)
            else { throw .malformed("a name in its dynamic section lies outside of the file") }
            switch tag {
            case ELFConstant.tagNeeded: needed.append(name)
            case ELFConstant.tagSoname: soname = name
            case ELFConstant.tagRunpath: searchPath.own = directories(name)
            default: searchPath.inherited = directories(name)
            }
        }
        return (needed, soname, searchPath)
    }

    private static func directories(_ list: String) -> [String] { list.split(separator: ":").map(String.init) }
}

enum ELFConstant {
    static let typeRelocatable: UInt16 = 1
    /// Shared objects and position-independent executables.
    static let typeShared: UInt16 = 3
    static let sectionRelocations: UInt32 = 4
    static let sectionDynamic: UInt32 = 6
    static let sectionNote: UInt32 = 7
    static let sectionNoBits: UInt32 = 8
    static let sectionDynamicSymbols: UInt32 = 11
    static let sectionGNUHash: UInt32 = 0x6fff_fff6
    static let sectionVersionNeeds: UInt32 = 0x6fff_fffe
    static let tagNeeded: Int64 = 1
    static let tagSoname: Int64 = 14
    static let tagRpath: Int64 = 15
    static let tagRunpath: Int64 = 29
    /// Entries of the dynamic section whose value is a name.
    static let namingTags: Set<Int64> = [tagNeeded, tagSoname, tagRpath, tagRunpath]
    static let segmentLoad: UInt32 = 1
    static let bindingLocal: UInt8 = 0
    static let bindingWeak: UInt8 = 2
    static let symbolObject: UInt8 = 1
}

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
