// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A row of numbers on the board, or what stands for one that the board does not have.
struct BoardNumbers: Sendable {
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer
    let count: Int
    /// Whether what is stored can be read again.
    private let isThere: Bool

    init(base: UnsafeMutableRawPointer, count: Int, isThere: Bool) {
        (self.base, self.count, self.isThere) = (base, count, isThere)
    }

    private func atomic(_ position: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        (base + position * 4).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    /// Reads the number at a position; for positions from ``count`` on, the last one.
    func load(_ position: Int = 0) -> UInt32 {
        isThere ? atomic(min(position, count - 1)).pointee.load(ordering: .relaxed) : 0
    }

    /// A number so many bytes from the first, for fields that lie at equal distances in the slots.
    func load(at bytes: Int) -> UInt32 { isThere ? atomic(bytes / 4).pointee.load(ordering: .relaxed) : 0 }

    func store(_ value: UInt32, _ position: Int = 0) {
        if isThere { atomic(min(position, count - 1)).pointee.store(value, ordering: .relaxed) }
    }

    func add(_ value: UInt32, _ position: Int = 0) {
        if isThere { atomic(min(position, count - 1)).pointee.wrappingAdd(value, ordering: .relaxed) }
    }

    func subtract(_ value: UInt32, _ position: Int = 0) {
        if isThere { atomic(min(position, count - 1)).pointee.wrappingSubtract(value, ordering: .relaxed) }
    }

    /// As ``load(_:)``, in one order with all other accesses that say so.
    func loadInOrder(_ position: Int) -> UInt32 {
        isThere ? atomic(min(position, count - 1)).pointee.load(ordering: .sequentiallyConsistent) : 0
    }

    func storeInOrder(_ value: UInt32, _ position: Int) {
        if isThere { atomic(min(position, count - 1)).pointee.store(value, ordering: .sequentiallyConsistent) }
    }

    func clear() {
        for position in 0..<count { store(0, position) }
    }
}
