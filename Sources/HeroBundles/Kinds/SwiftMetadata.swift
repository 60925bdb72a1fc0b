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
