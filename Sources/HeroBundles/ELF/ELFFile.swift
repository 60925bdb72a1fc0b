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
    /// The library's own name (`DT_SONAME`).
    let soname: String?
    /// Directories in which the dynamic linker looks for the libraries that the file needs.
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
