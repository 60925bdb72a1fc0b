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
