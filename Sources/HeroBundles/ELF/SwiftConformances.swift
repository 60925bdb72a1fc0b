// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A type that conforms to a protocol of the SDK, as the file of its image says.
///
/// The same records as discovery walks over in memory (`SwiftMetadata.swift`), read without loading anything. References
/// within an image are distances, which are the same in the file; a reference to a protocol of the SDK goes through a slot
/// that the dynamic linker fills, so its name stands in the relocation of that slot.
struct SwiftConformance: Sendable, Hashable {
    /// The module that defines the type.
    let module: String
    /// The type's name in its module, with those of the types around it: `Outer.Inner`.
    let type: String
    /// The mangled name of the protocol's descriptor.
    let protocolSymbol: String
}

extension ELFFile {
    /// Types of the image that conform to protocols of the SDK, without those that the file does not describe to the end.
    func conformances() -> [SwiftConformance] {
        guard let section = section(named: "swift5_protocol_conformances") else { return [] }
        let metadata = SwiftMetadataReader(self)
        let count = min(section.size / 4, SwiftMetadataReader.maximumRecords)
        let records = (0..<count).compactMap { metadata.target(at: section.address &+ $0 * 4) }
        let slots = metadata.protocolSlots(of: records)
        guard !slots.isEmpty else { return [] }
        let names = symbols(fillingSlots: Set(slots.values))
        var conformances: [SwiftConformance] = []
        var budget = NameBudget(reader)
        for record in records {
            guard let slot = slots[record], let name = names[slot], let type = metadata.type(conforming: record) else {
                continue
            }
            // Any number of records may lead to one long name.
            guard (try? budget.spend(type.name)) != nil else { break }
            conformances.append(SwiftConformance(module: type.module, type: type.name, protocolSymbol: name))
        }
        return conformances
    }

    /// More than the SDK's longest.
    private static let longestProtocolSymbol = 256

    /// The modules whose types conform to protocols of the SDK, sorted; usually one.
    func bundleModules() -> [String] { Set(conformances().map(\.module)).sorted() }

    /// Which symbols of the SDK the dynamic linker writes to some addresses.
    private func symbols(fillingSlots slots: Set<UInt64>) -> [UInt64: String] {
        guard let table = sections.first(where: { $0.type == ELFConstant.sectionDynamicSymbols }),
            sections.indices.contains(Int(table.link)),
            case let names = sections[Int(table.link)],
            let strings = reader.slice(offset: names.offset, size: names.size),
            let symbols = reader.slice(offset: table.offset, size: table.size)
        else { return [:] }
        var found: [UInt64: String] = [:]
        // Many sections may claim the same table.
        var rest = reader.count / 24
        for section in sections where section.type == ELFConstant.sectionRelocations {
            guard let entries = reader.slice(offset: section.offset, size: section.size) else { continue }
            for entry in stride(from: entries.lowerBound, to: entries.upperBound - 23, by: 24) {
                rest -= 1
                guard rest >= 0 else { return found }
                guard let slot = reader.number(UInt64.self, at: entry), slots.contains(slot),
                    let information = reader.number(UInt64.self, at: entry + 8),
                    case let symbol = symbols.lowerBound + Int(information >> 32) * 24,
                    symbol + 24 <= symbols.upperBound,
                    let nameOffset = reader.number(UInt32.self, at: symbol),
                    let name = reader.string(
                        at: strings.lowerBound + Int(nameOffset), within: strings, limit: Self.longestProtocolSymbol),
                    name.hasPrefix("$s10ActionHero"), name.hasSuffix("Mp")
                else { continue }
                found[slot] = name
            }
        }
        return found
    }
}

/// Follows the references of Swift's metadata in a file, as `docs/ABI/TypeMetadata.rst` of the Swift repository describes
/// them.
private struct SwiftMetadataReader {
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
