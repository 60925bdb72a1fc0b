// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Numbers that are neither an `Int` nor a `Double`. The cases of `JSON` are frozen, and none of them can hold such a
// number, so it is an object of a special kind: every copy keeps its digits, and no client can make one out of members.
extension JSON {
    /// Makes a number from its decimal text, keeping all digits.
    ///
    ///     JSON(numberLiteral: "18446744073709551615")
    ///     JSON(numberLiteral: "0.1000000000000000055511151231257827")
    ///
    /// It is ``integer(_:)`` or ``number(_:)`` where that is exactly the number, otherwise a value that only
    /// ``numberLiteral``, ``doubleValue`` and decoding read. The result is `nil` when the text is no number, or one beyond
    /// those of a `Double`.
    ///
    /// - Parameter text: A number as JSON writes it, without white space.
    public init?(numberLiteral text: String) {
        guard let last = text.utf8.last, last >= UInt8(ascii: "0"), last <= UInt8(ascii: "9"),
            text.utf8.first.map({ $0 > 0x20 }) ?? false, let value = try? JSON(parsing: text), value.isNumber
        else { return nil }
        self = value
    }

    /// The number as decimal text with all its digits, as it is written; `nil` when this is no number, and for `NaN` and
    /// infinities.
    public var numberLiteral: String? {
        switch self {
        case .integer: description
        case .number(let number): number.isFinite ? description : nil
        case .object(let object): object.storage.literal
        case .null, .bool, .string, .array: nil
        }
    }

    /// Whether this is a number, of whichever kind.
    package var isNumber: Bool {
        switch self {
        case .integer, .number: true
        case .object(let object): object.storage.literal != nil
        case .null, .bool, .string, .array: false
        }
    }

    /// The text of a number that is no `Int` and no `Double`.
    var literal: String? {
        if case .object(let object) = self { return object.storage.literal }
        return nil
    }

    /// A number that may have more digits than a `Double` holds.
    ///
    /// - Parameter text: A number as JSON writes it.
    /// - Returns: `nil` beyond the range of a `Double`.
    static func exact(_ text: String) -> JSON? {
        if let integer = Int(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { return nil }
        let shortest = double.description
        // As nearly everybody writes doubles.
        if shortest.isSame(as: text) { return .number(double) }
        guard let decimal = DecimalDigits(text) else { return nil }
        if DecimalDigits(shortest) == decimal { return .number(double) }
        if let whole = decimal.wholeText, let integer = Int(whole) { return .integer(integer) }
        return .object(Object(literal: text))
    }
}

extension JSON.Object {
    /// What code that does not know of such numbers sees: nothing that it would take for a number that it is not.
    init(literal: String) {
        self.init()
        self["$number"] = .string(literal)
        storage.literal = literal
    }
}

/// A decimal number as its significant digits, for comparing numbers that are spelled differently.
struct DecimalDigits: Hashable {
    private var isNegative = false
    /// Without zeros at either end; none for zero.
    private var digits: [UInt8] = []
    /// How many digits stand before the point; may be negative or beyond the digits.
    private var pointPosition = 0
    /// Digits; those of the widest integers, of 128 bits, are 39.
    private static let longestWhole = 40

    /// `nil` for what is no number, or whose exponent has no end.
    ///
    /// - Parameter text: A number as JSON or Swift writes it.
    init?(_ text: String) {
        var exponent: Substring.UTF8View?
        var pointFound = false
        var integerDigits = 0
        for index in text.utf8.indices {
            let byte = text.utf8[index]
            switch byte {
            case UInt8(ascii: "-") where index == text.startIndex: isNegative = true
            case UInt8(ascii: "."): pointFound = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits.append(byte)
                if !pointFound { integerDigits += 1 }
            case UInt8(ascii: "e"), UInt8(ascii: "E"): exponent = text.utf8[text.utf8.index(after: index)...]
            default: return nil
            }
            if exponent != nil { break }
        }
        pointPosition = integerDigits
        if let exponent {
            guard let power = Int(String(Substring(exponent))), power.magnitude < 1 << 32 else { return nil }
            pointPosition += power
        }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        pointPosition -= zeros
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits.isEmpty { (isNegative, pointPosition) = (false, 0) }
    }

    /// The digits of a whole number, without exponent; `nil` for a fraction and for what is longer than any integer.
    var wholeText: String? {
        // Zero has no digits left, and is a whole number however it was spelled.
        if digits.isEmpty { return "0" }
        guard digits.count <= pointPosition, pointPosition <= Self.longestWhole else { return nil }
        let zeros = String(repeating: "0", count: pointPosition - digits.count)
        return (isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self) + zeros
    }
}
