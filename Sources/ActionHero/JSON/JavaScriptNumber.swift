// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Number formatting of ECMAScript (ECMA-262, Number::toString), which clients of the reference server see.
enum JavaScriptNumber {
    /// Appends the shortest decimal text that reads back as the same double.
    ///
    /// - Parameters:
    ///   - value: A finite number.
    ///   - bytes: Where the text goes.
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        var text = value.description
        text.withUTF8 { digits in
            // Swift prints the same shortest digits as JavaScript; only large and small numbers are laid out differently.
            if digits.contains(UInt8(ascii: "e")) {
                bytes += layOut(Decimal(digits))
            } else if digits.count > 2, digits[digits.count - 1] == UInt8(ascii: "0"),
                digits[digits.count - 2] == UInt8(ascii: ".")
            {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits.dropLast(2)))
            } else {
                bytes.append(contentsOf: digits)
            }
        }
    }

    /// The text of a number that Swift lays out as JavaScript does; `nil` for others, and for what is no number in JSON.
    static func plainText(_ value: Double) -> String? {
        guard value.isFinite, value != value.rounded() else { return nil }
        let text = value.description
        return text.utf8.contains(UInt8(ascii: "e")) ? nil : text
    }

    /// A number as its significant digits and the place of the decimal point among them.
    private struct Decimal {
        var isNegative = false
        var digits: [UInt8] = []
        /// Called n in ECMA-262: how many digits stand before the point; may be negative or beyond the digits.
        var pointPosition = 0

        /// - Parameter text: For example `-1.25e-07`.
        init(_ text: UnsafeBufferPointer<UInt8>) {
            let mantissa = text.prefix { $0 != UInt8(ascii: "e") }
            var pointFound = false
            for byte in mantissa {
                switch byte {
                case UInt8(ascii: "-"): isNegative = true
                case UInt8(ascii: "."): pointFound = true
                default:
                    digits.append(byte)
                    if !pointFound { pointPosition += 1 }
                }
            }
            let exponent = text.dropFirst(mantissa.count + 1)
            pointPosition += Int(String(decoding: exponent, as: UTF8.self)) ?? 0
            while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        }
    }

    /// ECMA-262 6.1.6.1.20, steps 6 to 12.
    private static func layOut(_ number: Decimal) -> [UInt8] {
        let (digits, count, point) = (number.digits, number.digits.count, number.pointPosition)
        let zero = UInt8(ascii: "0")
        var text: [UInt8] = number.isNegative ? [UInt8(ascii: "-")] : []
        if count <= point, point <= 21 {
            return text + digits + Array(repeating: zero, count: point - count)
        }
        if 0 < point, point <= 21 {
            return text + digits[..<point] + [UInt8(ascii: ".")] + digits[point...]
        }
        if -6 < point, point <= 0 {
            return text + [zero, UInt8(ascii: ".")] + Array(repeating: zero, count: -point) + digits
        }
        text.append(digits[0])
        if count > 1 { text += [UInt8(ascii: ".")] + digits[1...] }
        let exponent = point - 1
        return text + Array("e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)".utf8)
    }
}
