// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// The members of a JSON object: values by name, in the order in which the names were first added.
    public struct Object: Sendable {
        private var entries: [Entry]
        /// Positions by name. Built only above `indexThreshold`, where a linear search would make large objects from
        /// outside quadratic.
        private var index: [String: Int]?

        private struct Entry: Sendable {
            var name: String
            var value: JSON
        }

        private static let indexThreshold = 12

        /// Makes an object without members.
        public init() {
            entries = []
            index = nil
        }

        /// The number of members.
        public var count: Int { entries.count }

        /// Whether there are no members.
        public var isEmpty: Bool { entries.isEmpty }

        /// The names in order.
        public var names: [String] { entries.map(\.name) }

        /// The member of that name; writing `nil` removes it, writing a new name appends it.
        public subscript(name: String) -> JSON? {
            get { position(of: name).map { entries[$0].value } }
            set {
                switch (position(of: name), newValue) {
                case (let position?, let value?): entries[position].value = value
                case (let position?, nil): remove(at: position)
                case (nil, let value?): append(name, value)
                case (nil, nil): break
                }
            }
        }

        /// Adds or replaces every member of the other object; replaced members keep their position.
        ///
        /// - Parameter other: The object whose values win.
        public mutating func merge(_ other: Object) {
            if entries.isEmpty {
                self = other
                return
            }
            for entry in other.entries { self[entry.name] = entry.value }
        }

        private func position(of name: String) -> Int? {
            if let index { return index[name] }
            return entries.firstIndex { $0.name == name }
        }

        private mutating func append(_ name: String, _ value: JSON) {
            entries.append(Entry(name: name, value: value))
            if index != nil {
                index?[name] = entries.count - 1
            } else if entries.count > Self.indexThreshold {
                rebuildIndex()
            }
        }

        private mutating func remove(at position: Int) {
            entries.remove(at: position)
            if index != nil { rebuildIndex() }
        }

        private mutating func rebuildIndex() {
            var positions: [String: Int] = [:]
            positions.reserveCapacity(entries.count)
            for (position, entry) in entries.enumerated() { positions[entry.name] = position }
            index = positions
        }
    }
}

extension JSON.Object: Sequence {
    /// Iterates over the members in order.
    public struct Iterator: IteratorProtocol {
        private let object: JSON.Object
        private var position = 0

        fileprivate init(_ object: JSON.Object) { self.object = object }

        /// The next member, or `nil` at the end.
        public mutating func next() -> (name: String, value: JSON)? {
            guard let member = object.member(at: position) else { return nil }
            position += 1
            return member
        }
    }

    /// An iterator over the members in order.
    public func makeIterator() -> Iterator { Iterator(self) }

    fileprivate func member(at position: Int) -> (name: String, value: JSON)? {
        guard position < entries.count else { return nil }
        return (entries[position].name, entries[position].value)
    }
}

extension JSON.Object: Hashable {
    /// Whether both have the same members, in any order.
    public static func == (left: Self, right: Self) -> Bool {
        guard left.count == right.count else { return false }
        return left.entries.allSatisfy { right[$0.name] == $0.value }
    }

    /// Feeds the members to a hasher, independent of their order.
    public func hash(into hasher: inout Hasher) {
        var combined = 0
        for entry in entries {
            var member = Hasher()
            member.combine(entry.name)
            member.combine(entry.value)
            combined ^= member.finalize()
        }
        hasher.combine(combined)
    }
}

extension JSON.Object: ExpressibleByDictionaryLiteral {
    /// Makes an object; of two members with one name, the later value wins at the earlier position.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self.init()
        for (name, value) in elements { self[name] = value }
    }
}
