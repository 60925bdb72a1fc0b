// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The ELF note `.note.actionhero` that carries a bundle's manifest.
///
/// Layout (gabi, "Note Section"): name size, description size, type, each 32 bits little-endian; the name
/// `ActionHero\0` padded to 4 bytes; the description, a JSON object, padded to 4 bytes. Readers find the section by its
/// name: a note that is added after linking is part of no segment.
enum BundleNote {
    static let sectionName = ".note.actionhero"
    /// What a bundle in C exports.
    static let cTableSymbol = "hero_bundle_table"
    static let maximumSizeBytes = 64 * 1024

    private static let owner = Array("ActionHero\0".utf8)
    private static let manifestType: UInt32 = 1
    private static let headerSize = 12

    enum Fault: Error, Hashable {
        case missing
        case unreadable(String)
        case newerFormat(Int)
    }

    static func make(_ manifest: BundleManifest) throws -> [UInt8] {
        let description = try manifest.encoded
        guard description.count <= maximumSizeBytes else {
            throw Fault.unreadable("the manifest has \(description.count) bytes, \(maximumSizeBytes) are allowed")
        }
        var note: [UInt8] = []
        for number in [UInt32(owner.count), UInt32(description.count), manifestType] {
            withUnsafeBytes(of: number.littleEndian) { note.append(contentsOf: $0) }
        }
        note += owner + padding(owner.count) + description + padding(description.count)
        return note
    }

    /// - Throws: ``Fault``.
    static func read(from file: ELFFile) throws(Fault) -> BundleManifest {
        guard let section = file.section(named: sectionName) else { throw .missing }
        guard let contents = file.contents(of: section) else { throw .unreadable("it lies outside of the file") }
        return try read(contents: contents)
    }

    /// - Parameter contents: Of the section.
    /// - Returns: What it says.
    /// - Throws: ``Fault``.
    static func read(contents: [UInt8]) throws(Fault) -> BundleManifest {
        guard contents.count <= maximumSizeBytes + headerSize + 16 else { throw .unreadable("it is too long") }
        let reader = ELFReader(bytes: contents)
        guard let nameSize = reader.number(UInt32.self, at: 0), let size = reader.number(UInt32.self, at: 4),
            let type = reader.number(UInt32.self, at: 8)
        else { throw .unreadable("it is cut short") }
        let start = UInt64(headerSize) + aligned(UInt64(nameSize))
        guard type == manifestType, nameSize == owner.count,
            reader.slice(offset: UInt64(headerSize), size: UInt64(nameSize)).map(reader.bytes(in:)) == owner,
            let range = reader.slice(offset: start, size: UInt64(size))
        else { throw .unreadable("it is not a note of ActionHero") }
        return try decode(reader.bytes(in: range))
    }

    private static func decode(_ description: [UInt8]) throws(Fault) -> BundleManifest {
        do {
            let manifest = try BundleManifest(encoded: description)
            if manifest.format > BundleManifest.currentFormat { throw Fault.newerFormat(manifest.format) }
            return manifest
        } catch let fault as Fault {
            throw fault
        } catch {
            // A newer format may have lost keys that this host asks for; its number is what counts then.
            let format = try? ManifestFormat(encoded: description)
            if let format, format.format > BundleManifest.currentFormat { throw .newerFormat(format.format) }
            throw .unreadable("\(error)")
        }
    }

    private static func aligned(_ size: UInt64) -> UInt64 { (size + 3) & ~3 }
    private static func padding(_ size: Int) -> [UInt8] { Array(repeating: 0, count: (4 - size % 4) % 4) }
}
