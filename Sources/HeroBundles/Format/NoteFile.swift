// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem

/// Reads the note of a file that nobody vouches for, and nothing else of it.
///
/// Of a file of any size a bounded part is read, with pread(2): a file that is made shorter meanwhile is only unreadable.
package enum NoteFile {
    /// More sections than a linker makes, at 64 bytes each.
    private static let tableLimit = 4096 * ELFHeader.sectionEntrySize
    private static let namesLimit = 1 << 16

    /// - Parameter path: Of a shared object.
    /// - Returns: What its note says; `nil` for a file without one or that cannot be read.
    package static func manifest(_ path: String) -> BundleManifest? {
        guard let descriptor = try? FileContents.openForReading(path) else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let start = read(descriptor, 0, UInt64(ELFHeader.size), limit: ELFHeader.size)
        else { return nil }
        let header = ELFReader(bytes: start)
        guard header.number(UInt32.self, at: 0) == 0x464C_457F, header.byte(at: 4) == 2, header.byte(at: 5) == 1,
            let offset = header.number(UInt64.self, at: 40), let count = header.number(UInt16.self, at: 60),
            let namesAt = header.number(UInt16.self, at: 62),
            let table = read(
                descriptor, offset, UInt64(count) * UInt64(ELFHeader.sectionEntrySize), limit: tableLimit)
        else { return nil }
        let entries = (0..<Int(count)).compactMap { Entry(ELFReader(bytes: table), $0 * ELFHeader.sectionEntrySize) }
        guard entries.indices.contains(Int(namesAt)) else { return nil }
        let namesEntry = entries[Int(namesAt)]
        guard let names = read(descriptor, namesEntry.offset, namesEntry.size, limit: namesLimit) else { return nil }
        let strings = ELFReader(bytes: names)
        let limit = BundleNote.maximumSizeBytes + 64
        let wanted = entries.first { entry in
            strings.string(at: Int(entry.name), within: 0..<names.count) == BundleNote.sectionName
        }
        guard let wanted, let note = read(descriptor, wanted.offset, wanted.size, limit: limit) else { return nil }
        return try? BundleNote.read(contents: note)
    }

    private struct Entry {
        let name: UInt32
        let offset: UInt64
        let size: UInt64

        init?(_ table: ELFReader, _ position: Int) {
            guard let name = table.number(UInt32.self, at: position),
                let offset = table.number(UInt64.self, at: position + 24),
                let size = table.number(UInt64.self, at: position + 32)
            else { return nil }
            (self.name, self.offset, self.size) = (name, offset, size)
        }
    }

    /// - Returns: All of the bytes, or `nil` when they are too many or the file ends before.
    private static func read(_ descriptor: Int32, _ offset: UInt64, _ size: UInt64, limit: Int) -> [UInt8]? {
        guard size > 0, size <= UInt64(limit), offset <= UInt64(Int.max) - size else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, Int(offset)) }
        return count == bytes.count ? bytes : nil
    }
}
