// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Finds the types of an image that conform to a protocol of the SDK, without registration and without looking any type
/// up by name, which would find the first of two types that share one.
enum TypeDiscovery {
    /// Types with a conformance record for one of the SDK's protocols.
    ///
    /// Nothing else is instantiated: a library may hold thousands of types.
    static func conformingTypes(in image: LoadedImage) -> [Any.Type] {
        var types: [Any.Type] = []
        for record in records(of: image.section("swift5_protocol_conformances")) {
            guard let target = record.direct else { continue }
            let conformance = ConformanceDescriptor(address: target)
            guard let descriptor = conformance.protocolDescriptor,
                protocolDescriptors.contains(UInt(bitPattern: descriptor)),
                let type = conformance.typeDescriptor, !type.isGeneric, let metadata = type.type
            else { continue }
            if !types.contains(where: { $0 == metadata }) { types.append(metadata) }
        }
        return types
    }

    /// Classes that inherit a conformance, which has no record of its own.
    static func subclasses(in image: LoadedImage) -> [Any.Type] {
        typeDescriptors(in: image).compactMap { descriptor in
            guard descriptor.isClass, !descriptor.isGeneric, descriptor.hasSuperclass else { return nil }
            return descriptor.type
        }.filter { !BundleType.all(of: $0).isEmpty }
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

    /// Addresses of the descriptors of the protocols that a bundle can implement.
    private static let protocolDescriptors: Set<UInt> = {
        let types: [Any.Type] = [
            (any Action).self, (any ActionMiddleware).self, (any ConnectionMiddleware).self, (any Initializer).self,
            (any Command).self,
        ]
        return Set(types.compactMap { ExistentialMetadata(of: $0).protocolDescriptor })
    }()
}

extension BundleType {
    /// Everything that a type is to the framework; a type may conform to several of its protocols.
    static func all(of type: Any.Type) -> [BundleType] {
        var roles: [BundleType] = []
        if let action = type as? any Action.Type { roles.append(.action(action)) }
        if let middleware = type as? any ActionMiddleware.Type { roles.append(.actionMiddleware(middleware)) }
        if let middleware = type as? any ConnectionMiddleware.Type { roles.append(.connectionMiddleware(middleware)) }
        if let initializer = type as? any Initializer.Type { roles.append(.initializer(initializer)) }
        if let command = type as? any Command.Type { roles.append(.command(command)) }
        return roles
    }
}
