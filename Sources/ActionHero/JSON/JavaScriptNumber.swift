// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Number formatting of ECMAScript (ECMA-262, Number::toString), which clients of the reference server see.
enum JavaScriptNumber {
    /// The shortest decimal text that reads back as the same double.
    ///
    /// - Parameter value: A finite number.
    static func text(of value: Double) -> String {
        if value == 0 { return "0" }
        let sign = value < 0 ? "-" : ""
        let (digits, pointPosition) = shortestDigits(of: value.magnitude)
        return sign + layOut(digits: digits, pointPosition: pointPosition)
    }

    /// Swift prints the same shortest digits as JavaScript, laid out differently: take the digits and the exponent.
    private static func shortestDigits(of value: Double) -> (digits: String, pointPosition: Int) {
        let text = value.description
        var digits = ""
        var pointPosition: Int?
        var exponent = 0
        for (offset, character) in text.utf8.enumerated() {
            switch character {
            case UInt8(ascii: "."): pointPosition = digits.utf8.count
            case UInt8(ascii: "e"):
                exponent = Int(text.utf8.dropFirst(offset + 1).filter { $0 != UInt8(ascii: "+") }.asString) ?? 0
                return trimmed(digits, pointPosition: (pointPosition ?? digits.utf8.count) + exponent)
            default: digits.unicodeScalars.append(Unicode.Scalar(character))
            }
        }
        return trimmed(digits, pointPosition: pointPosition ?? digits.utf8.count)
    }

    private static func trimmed(_ digits: String, pointPosition: Int) -> (String, Int) {
        let leadingZeros = digits.utf8.prefix { $0 == UInt8(ascii: "0") }.count
        var significant = digits.dropFirst(leadingZeros)
        while significant.last == "0" { significant.removeLast() }
        return (String(significant), pointPosition - leadingZeros)
    }

    /// ECMA-262 6.1.6.1.20, steps 6 to 12: `pointPosition` is called n there, the number of digits k.
    private static func layOut(digits: String, pointPosition: Int) -> String {
        let count = digits.utf8.count
        if count <= pointPosition, pointPosition <= 21 {
            return digits + String(repeating: "0", count: pointPosition - count)
        }
        if 0 < pointPosition, pointPosition <= 21 {
            return digits.prefix(pointPosition) + "." + digits.dropFirst(pointPosition)
        }
        if -6 < pointPosition, pointPosition <= 0 {
            return "0." + String(repeating: "0", count: -pointPosition) + digits
        }
        let exponent = pointPosition - 1
        let fraction = count == 1 ? "" : "." + digits.dropFirst()
        return "\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
    }
}

extension Sequence<UInt8> {
    fileprivate var asString: String { String(decoding: Array(self), as: UTF8.self) }
}
