// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

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
