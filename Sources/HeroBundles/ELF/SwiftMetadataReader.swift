// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Follows the references of Swift's metadata in a file, as `docs/ABI/TypeMetadata.rst` of the Swift repository describes
/// them.
struct SwiftMetadataReader {
    /// More than the largest libraries have.
    static let maximumRecords: UInt64 = 100_000
    /// Types within types; a file may lead back to where it came from.
    private static let maximumNesting = 32

    private enum Kind {
        static let module: UInt32 = 0
        static let types: ClosedRange<UInt32> = 16...31
        static let isGeneric: UInt32 = 0x80
    }

    private let reader: ELFReader
    /// Parts of the file that are mapped, with their addresses.
    private let parts: [(addresses: Range<UInt64>, offset: UInt64)]

    init(_ file: ELFFile) {
        reader = file.reader
        parts = file.sections.compactMap { section in
            guard section.address > 0, section.type != ELFConstant.sectionNoBits, section.size > 0 else { return nil }
            let (end, overflow) = section.address.addingReportingOverflow(section.size)
            return overflow ? nil : (section.address..<end, section.offset)
        }
    }

    private func offset(_ address: UInt64) -> Int? {
        guard let part = parts.first(where: { $0.addresses.contains(address) }) else { return nil }
        return Int(exactly: part.offset &+ (address - part.addresses.lowerBound))
    }

    private func number(_ address: UInt64) -> UInt32? {
        offset(address).flatMap { reader.number(UInt32.self, at: $0) }
    }

    /// Where a distance that stands at an address leads; nothing for zero.
    func target(at address: UInt64) -> UInt64? {
        guard let distance = number(address), distance != 0 else { return nil }
        return address &+ UInt64(bitPattern: Int64(Int32(bitPattern: distance)))
    }

    /// Slots through which conformances refer to their protocols; a direct reference is to a protocol of the image's own.
    func protocolSlots(of conformances: [UInt64]) -> [UInt64: UInt64] {
        var slots: [UInt64: UInt64] = [:]
        for conformance in conformances {
            guard let target = target(at: conformance), (target &- conformance) & 1 == 1 else { continue }
            slots[conformance] = target & ~1
        }
        return slots
    }

    /// The type of a conformance, if it is one of the image's own and not generic.
    func type(conforming conformance: UInt64) -> (module: String, name: String)? {
        guard let flags = number(conformance &+ 12), (flags >> 3) & 7 == 0, let type = target(at: conformance &+ 4),
            let typeFlags = number(type), Kind.types.contains(typeFlags & 0x1F), typeFlags & Kind.isGeneric == 0
        else { return nil }
        var names: [String] = []
        var context = type
        for _ in 0..<Self.maximumNesting {
            guard let flags = number(context) else { return nil }
            switch flags & 0x1F {
            case Kind.module:
                guard let module = name(at: context) else { return nil }
                return (module, names.reversed().joined(separator: "."))
            case Kind.types:
                guard let name = name(at: context) else { return nil }
                names.append(name)
            // Extensions, and what is private to a file or local to a function.
            default: break
            }
            // The lowest bit says that the parent is another image's: an extension of the SDK's types has none.
            guard let parent = target(at: context &+ 4), (parent &- context) & 1 == 0 else { return nil }
            context = parent
        }
        return nil
    }

    private func name(at context: UInt64) -> String? {
        guard let place = target(at: context &+ 8), let offset = offset(place) else { return nil }
        return reader.string(at: offset, within: 0..<reader.count, limit: 256)
    }
}
