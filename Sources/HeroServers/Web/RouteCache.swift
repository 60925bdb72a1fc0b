// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroRuntime
internal import NIOCore

/// Remembers which action paths without variables lead to, so that most requests need not be taken apart.
///
/// Only paths that are spelled as their route is are kept, so the routes bound its size. Used by one loop only.
struct RouteCache {
    struct Entry {
        let action: String?
        let record: ActionRecord?
        let routePath: String
        /// The parameters of a request that brings none of its own.
        let params: JSON.Object
    }

    private struct Slot {
        let hash: UInt
        let key: [UInt8]
        let entry: Entry
    }

    /// A table with open addressing: at least half of the slots are empty, and their number is a power of two.
    ///
    /// A dictionary would hash twice, and against attackers that cannot put anything in here.
    private var slots: [Slot?] = Array(repeating: nil, count: 16)
    private var count = 0

    private static func hash(_ key: UnsafeRawBufferPointer) -> UInt {
        var hash: UInt = 0
        var position = 0
        func mix(_ word: UInt) {
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
        }
        while position + 8 <= key.count {
            mix(key.loadUnaligned(fromByteOffset: position, as: UInt.self))
            position += 8
        }
        while position < key.count {
            mix(UInt(key[position]))
            position += 1
        }
        return hash
    }

    /// - Parameter key: Method and path as they were received.
    /// - Returns: What was remembered for it, or `nil`.
    func find(_ key: UnsafeRawBufferPointer) -> Entry? {
        let hash = Self.hash(key)
        var position = Int(hash & UInt(slots.count - 1))
        while let slot = slots[position] {
            if slot.hash == hash, slot.key.withUnsafeBytes({ isEqual($0, key) }) { return slot.entry }
            position = (position + 1) & (slots.count - 1)
        }
        return nil
    }

    private mutating func insert(_ slot: Slot) {
        if (count + 1) * 2 > slots.count {
            let known = slots
            slots = Array(repeating: nil, count: known.count * 2)
            count = 0
            for slot in known { slot.map { insert($0) } }
        }
        var position = Int(slot.hash & UInt(slots.count - 1))
        while slots[position] != nil { position = (position + 1) & (slots.count - 1) }
        slots[position] = slot
        count += 1
    }

    private func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count, let start = left.baseAddress, let other = right.baseAddress else {
            return left.count == right.count
        }
        return memcmp(start, other, right.count) == 0
    }

    mutating func remember(
        _ key: [UInt8], _ path: String, prefix: [String], _ match: RouteMatch, _ record: ActionRecord?
    ) {
        guard match.captures.isEmpty, match.route.apiVersion == nil, match.route.action != nil,
            !match.route.matchTrailingPathParts,
            path == "/" + (prefix + [match.route.path.drop { $0 == "/" }].map(String.init)).joined(separator: "/")
        else { return }
        let entry = Entry(
            action: match.route.action, record: record, routePath: match.route.path,
            params: ["action": match.route.action.map { .string($0) } ?? .null])
        insert(Slot(hash: key.withUnsafeBytes(Self.hash), key: key, entry: entry))
    }
}
