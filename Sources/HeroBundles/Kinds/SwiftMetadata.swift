// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

// The few structures of Swift's runtime metadata that discovery reads, as documented in the Swift repository under
// docs/ABI/TypeMetadata.rst and include/swift/ABI/Metadata.h. They are stable for one compiler version, and a bundle is
// loaded only when its compiler is the host's.

/// A 32-bit offset from its own address.
struct RelativePointer {
    let address: UnsafeRawPointer

    private var offset: Int32 { address.loadUnaligned(as: Int32.self) }

    /// The target; `nil` when the offset is zero, which stands for no target.
    var direct: UnsafeRawPointer? { offset == 0 ? nil : address + Int(offset) }

    /// The target of a pointer whose lowest bit says that it leads to another pointer.
    var indirectable: UnsafeRawPointer? {
        guard offset != 0 else { return nil }
        let target = address + Int(offset & ~1)
        return offset & 1 == 0 ? target : target.loadUnaligned(as: UnsafeRawPointer?.self)
    }
}

/// `TargetProtocolConformanceDescriptor`: a type conforms to a protocol.
struct ConformanceDescriptor {
    let address: UnsafeRawPointer

    /// The protocol's descriptor.
    var protocolDescriptor: UnsafeRawPointer? { RelativePointer(address: address).indirectable }

    /// The type's descriptor; `nil` for imported Objective-C classes, which Linux does not have.
    var typeDescriptor: TypeDescriptor? {
        let reference = RelativePointer(address: address + 4)
        let flags = (address + 12).loadUnaligned(as: UInt32.self)
        switch (flags >> 3) & 7 {
        case 0: return reference.direct.map(TypeDescriptor.init(address:))
        case 1:
            return reference.direct?.loadUnaligned(as: UnsafeRawPointer?.self).map(TypeDescriptor.init(address:))
        default: return nil
        }
    }
}

/// `TargetTypeContextDescriptor`: a structure, enumeration or class.
struct TypeDescriptor {
    let address: UnsafeRawPointer

    private var flags: UInt32 { address.loadUnaligned(as: UInt32.self) }
    private var kind: UInt32 { flags & 0x1F }

    var isClass: Bool { kind == 16 }
    var isType: Bool { (16...18).contains(kind) }
    var isGeneric: Bool { flags & 0x80 != 0 }

    var name: String {
        guard let name = RelativePointer(address: address + 8).direct else { return "?" }
        return String(cString: name.assumingMemoryBound(to: CChar.self))
    }

    /// Whether a class descriptor names a superclass.
    var hasSuperclass: Bool { RelativePointer(address: address + 20).direct != nil }

    /// Instantiates the type.
    ///
    /// Only for types without generic parameters.
    var type: Any.Type? {
        guard let accessor = RelativePointer(address: address + 12).direct else { return nil }
        return unsafeBitCast(hero_call_metadata_accessor(accessor), to: Any.Type.self)
    }
}

/// `TargetExistentialTypeMetadata`: the type `any P`.
struct ExistentialMetadata {
    private let address: UnsafeRawPointer

    init(of type: Any.Type) {
        address = unsafeBitCast(type, to: UnsafeRawPointer.self)
    }

    /// The address of P's descriptor, which is where its symbol points.
    ///
    /// A look-up by name would have to know how the compiler abbreviates names that repeat the module's.
    var protocolDescriptor: UInt? {
        let protocolCount = (address + 12).loadUnaligned(as: UInt32.self)
        return protocolCount == 1 ? (address + 16).loadUnaligned(as: UInt.self) : nil
    }
}
