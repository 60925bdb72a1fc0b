// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A strict recursive-descent parser for RFC 8259.
struct JSONParser {
    private let bytes: UnsafeRawBufferPointer
    private let limits: JSONLimits
    private var position = 0
    private var depth = 0
    private var values = 0

    /// - Parameters:
    ///   - bytes: Must stay valid while the parser is used.
    ///   - limits: How much may stand in them.
    init(bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func parseDocument() throws(JSONParsingError) -> JSON {
        skipWhiteSpace()
        let value = try parseValue()
        skipWhiteSpace()
        if position < bytes.count { throw unexpected() }
        return value
    }

    private mutating func parseValue() throws(JSONParsingError) -> JSON {
        guard position < bytes.count else { throw JSONParsingError("unexpected end of input", at: position) }
        values += 1
        if values > limits.values {
            throw JSONParsingError("there are more than \(limits.values) values", at: position)
        }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try nested { (parser) throws(JSONParsingError) in try parser.parseObject() }
        case UInt8(ascii: "["): return try nested { (parser) throws(JSONParsingError) in try parser.parseArray() }
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseLiteral("true", .bool(true))
        case UInt8(ascii: "f"): return try parseLiteral("false", .bool(false))
        case UInt8(ascii: "n"): return try parseLiteral("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw unexpected()
        }
    }

    private mutating func nested(
        _ parse: (inout JSONParser) throws(JSONParsingError) -> JSON
    ) throws(JSONParsingError) -> JSON {
        depth += 1
        if depth > limits.depth {
            throw JSONParsingError("values nest deeper than \(limits.depth) levels", at: position)
        }
        let value = try parse(&self)
        depth -= 1
        return value
    }

    private mutating func parseObject() throws(JSONParsingError) -> JSON {
        position += 1
        var object = JSON.Object()
        skipWhiteSpace()
        if consume(UInt8(ascii: "}")) { return .object(object) }
        while true {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw unexpected() }
            let name = try parseString()
            skipWhiteSpace()
            guard consume(UInt8(ascii: ":")) else { throw unexpected() }
            skipWhiteSpace()
            object[name] = try parseValue()
            skipWhiteSpace()
            if consume(UInt8(ascii: "}")) { return .object(object) }
            guard consume(UInt8(ascii: ",")) else { throw unexpected() }
            skipWhiteSpace()
        }
    }

    private mutating func parseArray() throws(JSONParsingError) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipWhiteSpace()
        if consume(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try parseValue())
            skipWhiteSpace()
            if consume(UInt8(ascii: "]")) { return .array(elements) }
            guard consume(UInt8(ascii: ",")) else { throw unexpected() }
            skipWhiteSpace()
        }
    }

    private mutating func parseLiteral(_ literal: StaticString, _ value: JSON) throws(JSONParsingError) -> JSON {
        for expected in UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount) {
            guard consume(expected) else { throw unexpected() }
        }
        return value
    }

    private mutating func parseNumber() throws(JSONParsingError) -> JSON {
        let start = position
        var (isInteger, hasExponent) = (true, false)
        _ = consume(UInt8(ascii: "-"))
        if !consume(UInt8(ascii: "0")) { try consumeDigits() }
        if consume(UInt8(ascii: ".")) {
            isInteger = false
            try consumeDigits()
        }
        // The point and the sign count, too: one or two fewer digits only take the longer way below.
        let length = position - start
        if consume(UInt8(ascii: "e")) || consume(UInt8(ascii: "E")) {
            (isInteger, hasExponent) = (false, true)
            if !consume(UInt8(ascii: "-")) { _ = consume(UInt8(ascii: "+")) }
            try consumeDigits()
        }
        let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        // Fifteen digits are always those of one double.
        if length <= 15, !hasExponent, let value = Double(text) { return .number(value) }
        guard let value = JSON.exact(text) else { throw JSONParsingError("number out of range", at: start) }
        return value
    }

    private mutating func consumeDigits() throws(JSONParsingError) {
        let start = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        if position == start { throw unexpected() }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

// Strings.
extension JSONParser {
    private mutating func parseString() throws(JSONParsingError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = try decode(start..<position)
                position += 1
                return text
            case UInt8(ascii: "\\"): return try parseEscapedString(from: start)
            case 0..<0x20: throw unexpected()
            default: position += 1
            }
        }
        throw JSONParsingError("unexpected end of input", at: position)
    }

    /// Collects bytes, not text: a text that is nothing but escapes would take a second for each megabyte.
    private mutating func parseEscapedString(from start: Int) throws(JSONParsingError) -> String {
        var text: [UInt8] = []
        var plainStart = start
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                try append(plainStart..<position, to: &text)
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try append(plainStart..<position, to: &text)
                position += 1
                let scalar = try parseEscape()
                if scalar.isASCII {
                    text.append(UInt8(truncatingIfNeeded: scalar.value))
                } else {
                    text += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                }
                plainStart = position
            case 0..<0x20: throw unexpected()
            default: position += 1
            }
        }
        throw JSONParsingError("unexpected end of input", at: position)
    }

    private func append(_ range: Range<Int>, to text: inout [UInt8]) throws(JSONParsingError) {
        if range.isEmpty { return }
        _ = try decode(range)
        text += bytes[range]
    }

    private mutating func parseEscape() throws(JSONParsingError) -> Unicode.Scalar {
        guard position < bytes.count else { throw JSONParsingError("unexpected end of input", at: position) }
        let escape = bytes[position]
        position += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(escape)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape()
        default:
            position -= 1
            throw unexpected()
        }
    }

    /// A surrogate without its partner has no place in a Swift string; it becomes U+FFFD, as it would in UTF-8.
    private mutating func parseUnicodeEscape() throws(JSONParsingError) -> Unicode.Scalar {
        let first = try parseHexadecimal()
        guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        let resume = position
        guard consume(UInt8(ascii: "\\")), consume(UInt8(ascii: "u")) else {
            position = resume
            return "\u{FFFD}"
        }
        let second = try parseHexadecimal()
        guard UTF16.isTrailSurrogate(second) else {
            position = resume
            return "\u{FFFD}"
        }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func parseHexadecimal() throws(JSONParsingError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw JSONParsingError("unexpected end of input", at: position) }
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else { throw unexpected() }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }

    private func decode(_ range: Range<Int>) throws(JSONParsingError) -> String {
        let slice = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw JSONParsingError("invalid UTF-8", at: range.lowerBound + validLength(of: slice))
        }
        return text
    }

    /// How many bytes stand before the first that are not UTF-8.
    private func validLength(of bytes: UnsafeRawBufferPointer) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var length = 0
        while case .valid(let scalar) = parser.parseScalar(from: &iterator) { length += scalar.count }
        return length
    }
}

// White space and errors.
extension JSONParser {
    private mutating func skipWhiteSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func unexpected() -> JSONParsingError {
        guard position < bytes.count else { return JSONParsingError("unexpected end of input", at: position) }
        let byte = bytes[position]
        guard byte > 0x20, byte < 0x7F else {
            return JSONParsingError("unexpected byte 0x\(String(byte, radix: 16))", at: position)
        }
        return JSONParsingError("unexpected character '\(Character(Unicode.Scalar(byte)))'", at: position)
    }
}
