// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// The members of a JSON object: values by name, in the order in which the names were first added.
    ///
    /// Names are compared byte by byte: `é` as one scalar and as two are two names, as for every other JSON parser.
    /// Copies share their members until one of them is changed.
    @frozen
    public struct Object: Sendable {
        // One reference, and frozen as such, so that the layout of `JSON` is known where it is copied most: in every
        // parameter of every request.
        @usableFromInline var storage: ObjectStorage

        /// Makes an object without members.
        public init() { storage = ObjectStorage.empty }

        /// The number of members.
        public var count: Int { storage.entries.count }

        /// Whether there are no members.
        public var isEmpty: Bool { storage.entries.isEmpty }

        /// The names in order.
        public var names: [String] { storage.entries.map(\.name) }

        /// The member of that name; writing `nil` removes it, writing a new name appends it.
        public subscript(name: String) -> JSON? {
            get { storage.position(of: name).map { storage.entries[$0].value } }
            set {
                let position = storage.position(of: name)
                if position == nil, newValue == nil { return }
                makeUnique()
                switch (position, newValue) {
                case (let position?, let value?): storage.entries[position].value = value
                case (let position?, nil): storage.remove(at: position)
                case (nil, let value?): storage.append(name, value)
                case (nil, nil): break
                }
            }
        }

        /// Adds or replaces every member of the other object; replaced members keep their position.
        ///
        /// - Parameter other: The object whose values win.
        public mutating func merge(_ other: Object) {
            if isEmpty {
                self = other
                return
            }
            for entry in other.storage.entries { self[entry.name] = entry.value }
        }

        /// The members whose names are wanted, in their order.
        ///
        /// Removing one by one costs as much as the object is large, each time, and clients choose how large it is.
        ///
        /// - Parameter isIncluded: Whether the member of that name is wanted.
        /// - Returns: The same object when all are.
        package func keeping(_ isIncluded: (String) -> Bool) -> Object {
            if storage.entries.allSatisfy({ isIncluded($0.name) }) { return self }
            var result = Object()
            for entry in storage.entries where isIncluded(entry.name) { result[entry.name] = entry.value }
            return result
        }

        private mutating func makeUnique() {
            if !isKnownUniquelyReferenced(&storage) { storage = ObjectStorage(copying: storage) }
        }
    }
}

/// What the copies of an object share.
@usableFromInline
final class ObjectStorage: @unchecked Sendable {
    // Unchecked: changed only through the one object that refers to it.
    struct Entry {
        let name: String
        var value: JSON
    }

    static let empty = ObjectStorage()

    var entries: [Entry]
    /// The text of a number that no case of `JSON` can hold; a copy that is changed is an object like any other.
    var literal: String?
    /// Positions by name.
    ///
    /// Built only above `indexThreshold`, where a linear search would make large objects from outside quadratic.
    private var index: [ByteKey: Int]?

    private static let indexThreshold = 12

    init() {
        entries = []
        index = nil
    }

    init(copying other: ObjectStorage) {
        entries = other.entries
        index = other.index
    }

    func position(of name: String) -> Int? {
        if let index { return index[ByteKey(name)] }
        return entries.firstIndex { $0.name.isSame(as: name) }
    }

    func append(_ name: String, _ value: JSON) {
        entries.append(Entry(name: name, value: value))
        if index != nil {
            index?[ByteKey(name)] = entries.count - 1
        } else if entries.count > Self.indexThreshold {
            rebuildIndex()
        }
    }

    func remove(at position: Int) {
        entries.remove(at: position)
        if index != nil { rebuildIndex() }
    }

    private func rebuildIndex() {
        var positions: [ByteKey: Int] = [:]
        positions.reserveCapacity(entries.count)
        for (position, entry) in entries.enumerated() { positions[ByteKey(entry.name)] = position }
        index = positions
    }
}

extension JSON.Object: Sequence {
    /// Iterates over the members in order.
    public struct Iterator: IteratorProtocol {
        private let storage: ObjectStorage
        private var position = 0

        fileprivate init(_ object: JSON.Object) { storage = object.storage }

        /// The next member, or `nil` at the end.
        public mutating func next() -> (name: String, value: JSON)? {
            guard position < storage.entries.count else { return nil }
            defer { position += 1 }
            return (storage.entries[position].name, storage.entries[position].value)
        }
    }

    /// An iterator over the members in order.
    public func makeIterator() -> Iterator { Iterator(self) }
}

extension JSON.Object: Hashable {
    /// Whether both have the same members, in any order.
    public static func == (left: Self, right: Self) -> Bool {
        if left.storage === right.storage { return true }
        if left.storage.literal != nil || right.storage.literal != nil {
            return left.storage.literal.flatMap(DecimalDigits.init) == right.storage.literal.flatMap(DecimalDigits.init)
        }
        guard left.count == right.count else { return false }
        return left.storage.entries.allSatisfy { right[$0.name] == $0.value }
    }

    /// Feeds the members to a hasher, independent of their order.
    public func hash(into hasher: inout Hasher) {
        if let literal = storage.literal {
            hasher.combine(DecimalDigits(literal))
            return
        }
        var combined = 0
        for entry in storage.entries {
            var member = Hasher()
            member.combine(ByteKey(entry.name))
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
