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

/// Reads one value as a scalar, with the messages that clients see.
struct JSONScalars {
    let value: JSON
    let isLenient: Bool
    let path: [any CodingKey]

    func mismatch(_ expectation: String, _ type: Any.Type) -> DecodingError {
        .typeMismatch(type, .init(codingPath: path, debugDescription: "must be \(expectation)"))
    }

    /// Text that holds a JSON object or array stands for it: the command line and sockets know nothing else.
    var structured: JSON {
        guard case .string(let text) = value, let first = text.utf8.first,
            first == UInt8(ascii: "{") || first == UInt8(ascii: "["), let parsed = try? JSON(parsing: text)
        else { return value }
        return parsed
    }

    func string() throws -> String {
        switch value {
        case .string(let text): return text
        case .object where isLenient && value.isNumber: return value.description
        case .integer, .number, .bool:
            guard isLenient else { throw mismatch("text", String.self) }
            return wholeText ?? value.description
        case .null, .array, .object: throw mismatch("text", String.self)
        }
    }

    /// The digits of a large whole number: whoever sent 100000000000000000000000 sent no exponent.
    private var wholeText: String? {
        guard case .number(let number) = value, number.isFinite else { return nil }
        return DecimalDigits(number.description)?.wholeText
    }

    func bool() throws -> Bool {
        switch value {
        case .bool(let flag): return flag
        case .string(let text) where isLenient:
            switch text.lowercased() {
            case "true", "1", "yes", "on": return true
            case "false", "0", "no", "off": return false
            default: break
            }
        case .integer(0) where isLenient: return false
        case .integer(1) where isLenient: return true
        // 1.0 is the same number.
        case .number(0) where isLenient: return false
        case .number(1) where isLenient: return true
        case .null, .integer, .number, .string, .array, .object: break
        }
        throw mismatch("true or false", Bool.self)
    }

    func integer<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
        switch value {
        case .integer(let number):
            if let exact = I(exactly: number) { return exact }
            throw outOfRange(type)
        case .number(let number):
            if let exact = I(exactly: number) { return exact }
            if number == number.rounded() { throw outOfRange(type) }
        case .string(let text) where isLenient:
            if let number = I(text) { return number }
            if isWholeNumber(text) { throw outOfRange(type) }
        case .object:
            guard let whole = value.literal.flatMap(DecimalDigits.init)?.wholeText else { break }
            if let number = I(whole) { return number }
            throw outOfRange(type)
        case .null, .bool, .string, .array: break
        }
        throw mismatch("a whole number", type)
    }

    private func outOfRange<I: FixedWidthInteger>(_ type: I.Type) -> DecodingError {
        mismatch("between \(I.min) and \(I.max)", type)
    }

    private func isWholeNumber(_ text: String) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        return !digits.isEmpty && digits.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }

    func double() throws -> Double {
        switch value {
        case .integer(let number): return Double(number)
        case .number(let number): return number
        case .string(let text) where isLenient:
            // Swift reads hexadecimal numbers, too; those of URLs and JSON are decimal, of whichever type.
            if text.utf8.allSatisfy(isDecimalCharacter), let number = Double(text), number.isFinite { return number }
        case .object: if let number = value.doubleValue { return number }
        case .null, .bool, .string, .array: break
        }
        throw mismatch("a number", Double.self)
    }

    func float() throws -> Float {
        let number = Float(try double())
        guard number.isFinite else { throw mismatch("a number that fits 32 bits", Float.self) }
        return number
    }
}

extension Date {
    /// Whether the date is one of those that JavaScript has (ECMA-262, 21.4.1.1); Foundation's calendar returns nonsense
    /// for dates far beyond.
    var isOnCalendar: Bool { abs(timeIntervalSince1970) <= 8.64e12 }
}

// Types of Foundation that JSON has no form for.
extension JSONScalars {
    func date() throws -> Date {
        if let date = anyDate, date.isOnCalendar { return date }
        throw mismatch("a date in ISO 8601 or milliseconds since 1970", Date.self)
    }

    private var anyDate: Date? {
        switch value {
        case .integer, .number, .object: return value.doubleValue.map { Date(timeIntervalSince1970: $0 / 1000) }
        case .string(let text):
            let styles = [true, false].map { Date.ISO8601FormatStyle(includingFractionalSeconds: $0) }
            for style in styles {
                if let date = try? Date(text, strategy: style) { return date }
            }
            guard isLenient, text.utf8.allSatisfy(isDecimalCharacter), let milliseconds = Double(text) else {
                return nil
            }
            return Date(timeIntervalSince1970: milliseconds / 1000)
        case .null, .bool, .array: return nil
        }
    }

    func data() throws -> Data {
        guard case .string(let text) = value, let data = Data(base64Encoded: text) else {
            throw mismatch("base 64 text", Data.self)
        }
        return data
    }

    func url() throws -> URL {
        guard case .string(let text) = value, let url = URL(string: text) else { throw mismatch("a URL", URL.self) }
        return url
    }

    private func isDecimalCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    func decimal() throws -> Decimal {
        switch value {
        case .integer(let number): return Decimal(number)
        case .number(let number): if let decimal = Decimal(string: number.description) { return decimal }
        case .string(let text) where isLenient:
            // Decimal itself reads as far as it understands: 12abc would be 12.
            if text.utf8.allSatisfy(isDecimalCharacter), Double(text)?.isFinite == true {
                return try exactDecimal(text)
            }
        case .object: if let text = value.literal { return try exactDecimal(text) }
        case .null, .bool, .string, .array: break
        }
        throw mismatch("a number", Decimal.self)
    }

    /// Decimal holds 38 digits and rounds what has more.
    private func exactDecimal(_ text: String) throws -> Decimal {
        let digits = text.utf8.first == UInt8(ascii: "+") ? String(text.dropFirst()) : text
        if let decimal = Decimal(string: digits), let exact = DecimalDigits(digits),
            DecimalDigits(decimal.description) == exact
        {
            return decimal
        }
        throw mismatch("a number of at most 38 digits", Decimal.self)
    }
}
