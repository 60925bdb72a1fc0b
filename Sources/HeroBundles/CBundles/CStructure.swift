// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

/// A structure of `hero_bundle.h` that is read in the size that a bundle was compiled with.
protocol CStructure {
    init()
    /// Whether the fields that have no meaning yet are zero.
    var isReservedZero: Bool { get }
}

extension hero_bundle: CStructure {
    var isReservedZero: Bool { reserved0 == 0 && withUnsafeBytes(of: reserved) { $0.allSatisfy { $0 == 0 } } }
}

extension hero_action: CStructure {
    var isReservedZero: Bool { reserved0 == 0 && withUnsafeBytes(of: reserved) { $0.allSatisfy { $0 == 0 } } }
}

extension hero_input: CStructure {
    var isReservedZero: Bool { withUnsafeBytes(of: reserved) { $0.allSatisfy { $0 == 0 } } }
}

extension CStructure {
    private static var maximumBytes: Int { 4096 }

    /// Refuses sizes that no table has.
    ///
    /// Elements of arrays lie that far apart, so it is a multiple of their alignment.
    static func check(sizeBytes: UInt32, field: String, _ file: Generation.File) throws(BundleProblem) {
        let (size, minimum) = (Int(sizeBytes), MemoryLayout<Self>.size)
        if (minimum...maximumBytes).contains(size), size % MemoryLayout<Self>.alignment == 0 { return }
        throw .cTable(
            file, BundleNote.cTableSymbol, "\(field) is \(size), sizeof(\(Self.self)) is \(minimum) in this host",
            expected: "\(minimum)", found: "\(size)", remedy: "define the table with HERO_BUNDLE(…)")
    }

    /// Copies a structure.
    ///
    /// - Parameters:
    ///   - address: Where it is.
    ///   - sizeBytes: Its size in the bundle; what this host has beyond that stays zero.
    ///   - file: The bundle, for messages.
    ///   - place: Where in the table it is, for messages.
    /// - Returns: The copy.
    /// - Throws: `BundleProblem` when the bundle sets something that this host does not know.
    static func read(
        at address: UnsafeRawPointer, sizeBytes: UInt32, _ file: Generation.File, _ place: String
    ) throws(BundleProblem) -> Self {
        var value = Self()
        let source = UnsafeRawBufferPointer(start: address, count: Int(sizeBytes))
        let known = min(source.count, MemoryLayout<Self>.size)
        withUnsafeMutableBytes(of: &value) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<known])) }
        guard value.isReservedZero, source[known...].allSatisfy({ $0 == 0 }) else { throw .cUnknown(file, place) }
        return value
    }
}
