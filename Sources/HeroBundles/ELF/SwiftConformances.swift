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
