// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Finds the types of an image that conform to a protocol of the SDK, without registration and without looking any type
/// up by name, which would find the first of two types that share one.
enum TypeDiscovery {
    /// A type and what it is to the framework.
    struct Discovery {
        let type: Any.Type
        /// Their places in ``SDKProtocol/all``.
        var protocols: Set<Int>

        /// Nothing when the protocols are those of another SDK.
        var roles: [BundleType] {
            // A class may inherit further conformances. A cast that fails looks through every library of the process.
            let places = type is AnyClass ? Array(SDKProtocol.all.indices) : protocols.sorted()
            return places.compactMap { SDKProtocol.all[$0].cast(type) }
        }
    }

    /// Types with a conformance record for one of the SDK's protocols.
    ///
    /// Nothing else is instantiated: a library may hold thousands of types.
    static func conformingTypes(in image: LoadedImage) -> [Discovery] {
        var found: [Discovery] = []
        for record in records(of: image.section("swift5_protocol_conformances")) {
            guard let target = record.direct else { continue }
            let conformance = ConformanceDescriptor(address: target)
            guard let descriptor = conformance.protocolDescriptor,
                let wanted = SDKProtocol.byDescriptor[UInt(bitPattern: descriptor)],
                let type = conformance.typeDescriptor, !type.isGeneric, let metadata = type.type
            else { continue }
            if let known = found.firstIndex(where: { $0.type == metadata }) {
                found[known].protocols.insert(wanted)
            } else {
                found.append(Discovery(type: metadata, protocols: [wanted]))
            }
        }
        return found
    }

    /// Classes that inherit a conformance, which has no record of its own.
    static func subclasses(in image: LoadedImage) -> [Discovery] {
        typeDescriptors(in: image).compactMap { descriptor in
            guard descriptor.isClass, !descriptor.isGeneric, descriptor.hasSuperclass else { return nil }
            return descriptor.type.map { Discovery(type: $0, protocols: []) }
        }.filter { !$0.roles.isEmpty }
    }

    /// What the image defines instead, for an error message.
    static func typeNames(in image: LoadedImage) -> [String] {
        Array(typeDescriptors(in: image).map(\.name).sorted().prefix(8))
    }

    private static func typeDescriptors(in image: LoadedImage) -> [TypeDescriptor] {
        records(of: image.section("swift5_type_metadata")).compactMap { record in
            record.indirectable.map(TypeDescriptor.init(address:))
        }.filter(\.isType)
    }

    private static func records(of section: UnsafeRawBufferPointer) -> [RelativePointer] {
        guard let start = section.baseAddress else { return [] }
        return stride(from: 0, to: section.count - 3, by: 4).map { RelativePointer(address: start + $0) }
    }
}
