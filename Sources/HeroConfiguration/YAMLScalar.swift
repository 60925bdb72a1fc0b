// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// What scalars of YAML, which are text, stand for (YAML 1.2, core schema).
package enum YAMLScalar {
    /// The value of a scalar without quotes and without a tag.
    package static func value(of text: String) -> JSON {
        if isNull(text) { return .null }
        if let flag = flag(text) { return .bool(flag) }
        return number(text) ?? .string(text)
    }

    /// The value of text that comes from outside of YAML, for a key whose type nobody has declared: a number or a flag only
    /// where every character of the text can be had back from it.
    static func lossless(_ text: String) -> JSON {
        switch text {
        case "": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        guard let number = number(text), number.description == text else { return .string(text) }
        return number
    }

    /// The value of a scalar with a tag.
    ///
    /// - Returns: `nil` when the text is none of that kind.
    package static func value(of text: String, _ tag: YAMLTag) -> JSON? {
        switch tag {
        case .text: return .string(text)
        case .null: return isNull(text) ? JSON.null : nil
        case .flag: return flag(text).map(JSON.bool)
        case .integer: return Int(text).map(JSON.integer) ?? wholeNumber(text)
        case .number: return decimal(text).flatMap { JSON(numberLiteral: $0) }
        }
    }

    /// A number that is larger than any that can be counted with, and still the text of somebody's identifier.
    private static func wholeNumber(_ text: String) -> JSON? {
        guard let literal = decimal(text), literal.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: "-") }) else {
            return nil
        }
        return JSON(numberLiteral: literal)
    }

    private static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

    private static func flag(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    private static func number(_ text: String) -> JSON? {
        guard let literal = decimal(text) else { return nil }
        // Of two readings, octal in YAML 1.1 and decimal in 1.2, whoever wrote it may have meant neither: a code, a name.
        let digits = literal.utf8.drop { $0 == UInt8(ascii: "-") }
        if digits.first == UInt8(ascii: "0"), digits.dropFirst().first?.isDigit == true { return nil }
        return JSON(numberLiteral: literal)
    }

    /// The text as JSON writes numbers: `+1` and `.5` are numbers in YAML; `nil` for what is none.
    private static func decimal(_ text: String) -> String? {
        var (sign, rest) = ("", text[...])
        if rest.utf8.first == UInt8(ascii: "-") { sign = "-" }
        if let first = rest.utf8.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") { rest.removeFirst() }
        if rest.utf8.first == UInt8(ascii: ".") { rest = "0" + rest }
        // `5.` and `5.e3`.
        if let point = rest.utf8.firstIndex(of: UInt8(ascii: ".")) {
            let next = rest.utf8.index(after: point)
            if next == rest.utf8.endIndex || !rest.utf8[next].isDigit {
                rest = rest[..<point] + rest[next...]
            }
        }
        guard rest.utf8.first?.isDigit == true, rest.utf8.allSatisfy(\.isNumberPart) else { return nil }
        return sign + rest
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    fileprivate var isNumberPart: Bool { isDigit || "+-.eE".utf8.contains(self) }
}
