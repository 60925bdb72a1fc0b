// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Jobs that were claimed and wait for a slot, in the order in which they came.
struct WaitingJobs: Sendable {
    struct Entry: Sendable {
        let number: Int
        /// When it came, in nanoseconds.
        let since: Int
    }

    private var entries: [Entry] = []
    private var head = 0

    var count: Int { entries.count - head }
    var isEmpty: Bool { head == entries.count }
    var first: Entry? { isEmpty ? nil : entries[head] }

    mutating func append(_ number: Int, since: Int) { entries.append(Entry(number: number, since: since)) }

    mutating func popFirst() -> Entry? {
        guard let entry = first else { return nil }
        head += 1
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 256, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return entry
    }

    /// - Returns: All numbers, in order.
    mutating func removeAll() -> [Int] {
        defer {
            entries.removeAll()
            head = 0
        }
        return entries[head...].map(\.number)
    }

    /// - Returns: Whether it was there.
    mutating func remove(_ number: Int) -> Bool {
        guard let index = entries[head...].firstIndex(where: { $0.number == number }) else { return false }
        entries.remove(at: index)
        return true
    }
}
