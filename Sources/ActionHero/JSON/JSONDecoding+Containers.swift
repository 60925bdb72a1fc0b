// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

struct JSONKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoding: JSONDecoding
    let members: JSON.Object

    var codingPath: [any CodingKey] { decoding.codingPath }
    var allKeys: [Key] { members.names.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNull }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try decoding.child(try value(key), at: key).decodeValue(type)
    }

    // The standard library would refuse these two without asking ``decodeValue(_:)``.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try decoding.child(try value(key), at: key).scalars.integer(type)
    }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try decoding.child(try value(key), at: key).scalars.integer(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try decoding.child(try value(key), at: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoding.child(try value(key), at: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        decoding.child(members["super"] ?? .null, at: JSONKey("super"))
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { decoding.child(try value(key), at: key) }

    private func value(_ key: Key) throws -> JSON {
        if let value = members[key.stringValue] { return value }
        throw DecodingError.keyNotFound(key, .init(codingPath: codingPath + [key], debugDescription: "is missing"))
    }
}

struct JSONUnkeyedDecoding: UnkeyedDecodingContainer {
    let decoding: JSONDecoding
    let elements: [JSON]
    private(set) var currentIndex = 0

    init(decoding: JSONDecoding, elements: [JSON]) {
        self.decoding = decoding
        self.elements = elements
    }

    var codingPath: [any CodingKey] { decoding.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex].isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try element().decodeValue(type)
        currentIndex += 1
        return value
    }

    mutating func decode(_ type: Int128.Type) throws -> Int128 { try nextInteger(type) }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try nextInteger(type) }

    private mutating func nextInteger<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
        let value = try element().scalars.integer(type)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try element().container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try element().unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try element()
        currentIndex += 1
        return decoder
    }

    private func element() throws -> JSONDecoding {
        let key = JSONKey(currentIndex)
        guard currentIndex < elements.count else {
            throw DecodingError.valueNotFound(
                JSON.self, .init(codingPath: codingPath + [key], debugDescription: "is missing"))
        }
        return decoding.child(elements[currentIndex], at: key)
    }
}

struct JSONSingleValueDecoding: SingleValueDecodingContainer {
    let decoding: JSONDecoding

    var codingPath: [any CodingKey] { decoding.codingPath }
    private var scalars: JSONScalars { decoding.scalars }

    func decodeNil() -> Bool { decoding.value.isNull }
    func decode(_ type: Bool.Type) throws -> Bool { try scalars.bool() }
    func decode(_ type: String.Type) throws -> String { try scalars.string() }
    func decode(_ type: Double.Type) throws -> Double { try scalars.double() }
    func decode(_ type: Float.Type) throws -> Float { try scalars.float() }
    func decode(_ type: Int.Type) throws -> Int { try scalars.integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try scalars.integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try scalars.integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try scalars.integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try scalars.integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try scalars.integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try scalars.integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try scalars.integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try scalars.integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try scalars.integer(type) }
    func decode(_ type: Int128.Type) throws -> Int128 { try scalars.integer(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try scalars.integer(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoding.decodeValue(type) }
}
