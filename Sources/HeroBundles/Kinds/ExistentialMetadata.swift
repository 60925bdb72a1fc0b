// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

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
