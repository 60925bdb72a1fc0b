// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
