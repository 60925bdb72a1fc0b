// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

extension JSON: Codable {
    /// Reads any JSON value from a decoder.
    ///
    /// - Throws: `DecodingError` when the decoder's value has no JSON form.
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? JSONDecoding {
            self = decoder.value
            return
        }
        self = try JSON(foreign: decoder)
    }

    /// Writes the value to an encoder.
    public func encode(to encoder: any Encoder) throws {
        if let encoder = encoder as? JSONNode {
            encoder.set(.value(self))
            return
        }
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value): try value.encode(to: encoder)
        case .integer(let value): try value.encode(to: encoder)
        case .number(let value): try value.encode(to: encoder)
        case .string(let value): try value.encode(to: encoder)
        case .array(let elements): try elements.encode(to: encoder)
        case .object(let object):
            if let literal = object.storage.literal {
                try Self.encode(literal, to: encoder)
                return
            }
            var container = encoder.container(keyedBy: JSONKey.self)
            for (name, value) in object { try container.encode(value, forKey: JSONKey(name)) }
        }
    }

    /// Other encoders know these two kinds of large numbers.
    private static func encode(_ literal: String, to encoder: any Encoder) throws {
        if let integer = UInt64(literal) {
            try integer.encode(to: encoder)
        } else if let decimal = try? JSONScalars(value: .string(literal), isLenient: true, path: []).decimal() {
            // Through a container: encoders know decimals there, and by itself one writes its parts.
            var container = encoder.singleValueContainer()
            try container.encode(decimal)
        } else {
            throw JSONEncodingError(path: encoder.codingPath.text, value: literal)
        }
    }

    /// Makes the JSON form of a value.
    ///
    /// Dates become ISO 8601 text with milliseconds, binary data becomes base 64, URLs become text, decimal numbers become
    /// numbers.
    ///
    /// - Parameter value: Anything that can be encoded.
    /// - Throws: ``JSONEncodingError`` for `NaN`, infinities and dates beyond the calendar, with the path to the value, and whatever the value's own
    ///   `encode(to:)` throws.
    public init(_ value: some Encodable) throws {
        self = try JSONEncoding.node(of: value).json
    }

    /// Reads a structure from this value.
    ///
    /// - Parameter type: What to read.
    /// - Returns: The structure; members that it does not know are ignored.
    /// - Throws: `DecodingError` with the path to the member that is missing or of another type.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        try JSONDecoding(value: self, path: [], isLenient: false).decodeValue(type)
    }

    private init(foreign decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: JSONKey.self) {
            var object = Object()
            for key in container.allKeys {
                object[key.stringValue] = try container.decode(JSON.self, forKey: key)
            }
            self = .object(object)
            return
        }
        if var container = try? decoder.unkeyedContainer() {
            var elements: [JSON] = []
            while !container.isAtEnd { elements.append(try container.decode(JSON.self)) }
            self = .array(elements)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            // A double would round what a decimal holds.
            let decimal = (try? container.decode(Decimal.self)).flatMap { JSON.exact($0.description) }
            self = decimal ?? .number(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }
}

extension JSON.Object: Codable {
    /// Reads the members of an object from a decoder.
    ///
    /// - Throws: `DecodingError.typeMismatch` when the value is not an object.
    public init(from decoder: any Decoder) throws {
        guard let object = try JSON(from: decoder).objectValue else {
            throw DecodingError.typeMismatch(
                JSON.Object.self, .init(codingPath: decoder.codingPath, debugDescription: "must be an object"))
        }
        self = object
    }

    /// Writes the members to an encoder.
    public func encode(to encoder: any Encoder) throws {
        try JSON.object(self).encode(to: encoder)
    }
}

/// A member name or an array position as a coding key.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) {
        stringValue = name
        intValue = nil
    }

    init(_ position: Int) {
        stringValue = String(position)
        intValue = position
    }

    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(intValue) }
}

/// Says which part of a value has no JSON form.
public struct JSONEncodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where the value stands, for example `prices[2].amount`; empty for the whole value.
    public let path: String
    /// What it is, for example `nan`.
    public let value: String

    /// What could not be encoded and where.
    public var description: String {
        path.isEmpty ? "\(value) cannot be encoded as JSON" : "\(path) is \(value), which cannot be encoded as JSON"
    }
}

extension [any CodingKey] {
    /// The path as a person would write it: `outer.list[2].name`.
    var text: String {
        reduce(into: "") { text, key in
            if let position = key.intValue {
                text += "[\(position)]"
            } else {
                text += text.isEmpty ? key.stringValue : "." + key.stringValue
            }
        }
    }
}
