// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Puts a note into a linked ELF file.
///
/// The note, a new table of section names and a new section table are appended, and the header is pointed at them; all
/// that the dynamic linker maps stays byte for byte where it was. An earlier note is replaced.
enum ELFStamp {
    static func add(note: [UInt8], to bytes: [UInt8]) throws -> [UInt8] {
        let file = try ELFFile(bytes: bytes)
        let header = try ELFHeader(file.reader)
        guard file.sections[header.sectionNames].name != BundleNote.sectionName,
            file.sections.count < ELFHeader.maximumSectionCount
        else {
            throw ELFFile.Fault.malformed("there is no place for a note in its section table")
        }
        var output = try withoutNote(bytes, file, header)

        let noteOffset = pad(&output, to: 4)
        output += note
        let (names, noteName) = try sectionNames(file, header)
        let namesOffset = pad(&output, to: 1)
        output += names

        var table = try sectionTable(bytes, file, header)
        table.append(
            entry(name: noteName, type: ELFConstant.sectionNote, offset: noteOffset, size: note.count, alignment: 4))
        table[header.sectionNames] = entry(
            name: nameOffset(table[header.sectionNames]), type: 3, offset: namesOffset, size: names.count, alignment: 1)
        let tableOffset = pad(&output, to: 8)
        output += table.joined()
        write(UInt64(tableOffset), at: 40, in: &output)
        write(UInt16(table.count), at: 60, in: &output)
        return output
    }

    /// An earlier stamp appended everything from its note to the end of the file, so it can simply be cut off.
    ///
    /// A note that stands elsewhere was put there by a linker and stays, without a section that points at it.
    private static func withoutNote(_ bytes: [UInt8], _ file: ELFFile, _ header: ELFHeader) throws -> [UInt8] {
        guard let note = file.section(named: BundleNote.sectionName) else { return bytes }
        let behind = file.sections.contains {
            $0.offset > note.offset && $0.name != ".shstrtab" && $0.type != ELFConstant.sectionNoBits
        }
        let isAppended = note.offset >= header.mappedEnd(file.reader) && header.sectionOffset >= note.offset
        return behind || !isAppended ? bytes : Array(bytes[..<Int(note.offset)])
    }

    private static func sectionNames(_ file: ELFFile, _ header: ELFHeader) throws -> ([UInt8], offset: UInt32) {
        let section = file.sections[header.sectionNames]
        guard let contents = file.contents(of: section) else {
            throw ELFFile.Fault.malformed("its section names lie outside of the file")
        }
        let name = Array(BundleNote.sectionName.utf8) + [0]
        if let old = file.section(named: BundleNote.sectionName), old.type == ELFConstant.sectionNote,
            let known = contents.firstRange(of: name)
        {
            return (contents, UInt32(known.lowerBound))
        }
        return (contents + name, UInt32(contents.count))
    }

    private static func sectionTable(_ bytes: [UInt8], _ file: ELFFile, _ header: ELFHeader) throws -> [[UInt8]] {
        var table: [[UInt8]] = []
        for (position, section) in file.sections.enumerated() where section.name != BundleNote.sectionName {
            let start = Int(header.sectionOffset) + position * ELFHeader.sectionEntrySize
            table.append(Array(bytes[start..<start + ELFHeader.sectionEntrySize]))
        }
        // Other entries refer to sections by position. The note is the last one wherever we put it ourselves.
        if let old = file.sections.firstIndex(where: { $0.name == BundleNote.sectionName }),
            old != file.sections.count - 1
        {
            throw ELFFile.Fault.malformed("it has a note that was not put there by hero; link it without one")
        }
        return table
    }

    private static func entry(name: UInt32, type: UInt32, offset: Int, size: Int, alignment: UInt64) -> [UInt8] {
        var entry = [UInt8](repeating: 0, count: ELFHeader.sectionEntrySize)
        write(name, at: 0, in: &entry)
        write(type, at: 4, in: &entry)
        write(UInt64(offset), at: 24, in: &entry)
        write(UInt64(size), at: 32, in: &entry)
        write(alignment, at: 48, in: &entry)
        return entry
    }

    private static func nameOffset(_ entry: [UInt8]) -> UInt32 {
        ELFReader(bytes: entry).number(UInt32.self, at: 0) ?? 0
    }

    private static func pad(_ bytes: inout [UInt8], to alignment: Int) -> Int {
        while bytes.count % alignment != 0 { bytes.append(0) }
        return bytes.count
    }

    private static func write(_ number: some FixedWidthInteger, at offset: Int, in bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { source in
            for (position, byte) in source.enumerated() { bytes[offset + position] = byte }
        }
    }
}
