// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
