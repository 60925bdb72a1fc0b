// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// Reads `Decodable` values from JSON, strictly or with the coercions that text from URLs and forms needs.
final class JSONDecoding: Decoder {
    let value: JSON
    let codingPath: [any CodingKey]
    /// Whether text is read as the number, flag, list or object that is wanted.
    let isLenient: Bool
    /// Where nested input objects report their problems; `nil` outside of parameters.
    let report: InputReport?
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(value: JSON, path: [any CodingKey], isLenient: Bool, report: InputReport? = nil) {
        self.value = value
        self.codingPath = path
        self.isLenient = isLenient
        self.report = report
    }

    /// Reads a whole value; the one gate through which every type passes.
    func decodeValue<T: Decodable>(_ type: T.Type) throws -> T {
        if let scalar = try decodeScalar(type) { return scalar }
        if let report, let inputs = type as? any InputObject.Type {
            guard let value = try decodeInputs(inputs, report: report) as? T else { throw mismatch("an object", type) }
            return value
        }
        return try decodeRestated(type)
    }

    /// Types that are read directly, without a detour over their own `init(from:)`.
    private func decodeScalar<T: Decodable>(_ type: T.Type) throws -> T? {
        if type == String.self { return try scalars.string() as? T }
        if type == Int.self { return try scalars.integer(Int.self) as? T }
        if type == Bool.self { return try scalars.bool() as? T }
        if type == Double.self { return try scalars.double() as? T }
        if type == JSON.self { return value as? T }
        if type == Date.self { return try scalars.date() as? T }
        if type == Data.self { return try scalars.data() as? T }
        if type == URL.self { return try scalars.url() as? T }
        if type == Decimal.self { return try scalars.decimal() as? T }
        return nil
    }

    private func decodeInputs<I: InputObject>(_ type: I.Type, report: InputReport) throws -> I {
        guard let members = (isLenient ? scalars.structured : value).objectValue else {
            throw mismatch("an object", type)
        }
        let decoding = ParameterDecoding(
            members: members, table: try InputTable.of(type), path: codingPath, report: report)
        return try decoding.instantiate(type)
    }

    /// Enumerations explain themselves badly; say which values they accept.
    private func decodeRestated<T: Decodable>(_ type: T.Type) throws -> T {
        do {
            return try T(from: self)
        } catch let DecodingError.dataCorrupted(context) where context.codingPath.count == codingPath.count {
            guard let cases = acceptedValues(of: type) else { throw DecodingError.dataCorrupted(context) }
            throw mismatch("one of \(cases.joined(separator: ", "))", type)
        }
    }

    private func acceptedValues(of type: Any.Type) -> [String]? {
        guard let enumeration = type as? any CaseIterable.Type else { return nil }
        func rawValues<E: CaseIterable>(_ type: E.Type) -> [String]? {
            let values = E.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue }
            return values.isEmpty ? nil : values.map { "\($0)" }
        }
        return rawValues(enumeration)
    }

    var scalars: JSONScalars { JSONScalars(value: value, isLenient: isLenient, path: codingPath) }

    func mismatch(_ expectation: String, _ type: Any.Type) -> DecodingError {
        scalars.mismatch(expectation, type)
    }

    func child(_ value: JSON, at key: any CodingKey) -> JSONDecoding {
        JSONDecoding(value: value, path: codingPath + [key], isLenient: isLenient, report: report)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let members = (isLenient ? scalars.structured : value).objectValue else {
            throw mismatch("an object", [String: JSON].self)
        }
        return KeyedDecodingContainer(JSONKeyedDecoding<Key>(decoding: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        switch isLenient ? scalars.structured : value {
        case .array(let elements): return JSONUnkeyedDecoding(decoding: self, elements: elements)
        // A form with one file is no different from one with several.
        case .object where isLenient && UploadedFile(standingFor: value) != nil:
            return JSONUnkeyedDecoding(decoding: self, elements: [value])
        case .object where isLenient && value.isNumber: return JSONUnkeyedDecoding(decoding: self, elements: [value])
        // `?id=1` is how a URL writes a list of one.
        case .string, .integer, .number, .bool:
            guard isLenient else { fallthrough }
            return JSONUnkeyedDecoding(decoding: self, elements: [value])
        case .null, .object: throw mismatch("a list", [JSON].self)
        }
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { JSONSingleValueDecoding(decoding: self) }
}

extension Date {
    /// Whether the date is one of those that JavaScript has (ECMA-262, 21.4.1.1); Foundation's calendar returns nonsense
    /// for dates far beyond.
    var isOnCalendar: Bool { abs(timeIntervalSince1970) <= 8.64e12 }
}
