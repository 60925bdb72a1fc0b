// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

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
