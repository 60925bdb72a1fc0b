// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CExpressions

/// A regular expression whose search takes time in proportion to the text, whatever both are.
///
/// Swift's own engine goes back and tries again: `^(a+)+$` keeps it busy for minutes over thirty letters, and so does a
/// client who knows of it. RE2 (docs/decisions/re2.md) never does, and has neither references back nor a look around.
package final class LinearExpression: @unchecked Sendable {
    // Unchecked: RE2 lets several threads search with one object, and nothing changes it.
    private let compiled: OpaquePointer
    package let text: String

    /// - Throws: ``LinearExpressionError``.
    package init(_ text: String) throws(LinearExpressionError) {
        self.text = text
        let pattern = try ExpressionSyntax.translated(text)
        var reason = [CChar](repeating: 0, count: 256)
        let capacity = reason.count
        let compiled = Self.withCharacters(of: String(decoding: pattern, as: UTF8.self)) { start, count in
            hero_expression_compile(start, count, &reason, capacity)
        }
        guard let compiled else {
            let end = reason.firstIndex(of: 0) ?? reason.endIndex
            throw LinearExpressionError(
                description: String(decoding: reason[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        self.compiled = compiled
    }

    deinit { hero_expression_free(compiled) }

    /// Whether it matches anywhere in the text.
    package func matches(_ text: String) -> Bool {
        Self.withCharacters(of: text) { start, count in hero_expression_matches(compiled, start, count) == 1 }
    }

    private static func withCharacters<Result>(
        of text: String, _ body: (UnsafePointer<CChar>, Int) -> Result
    ) -> Result {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else { return "".withCString { body($0, 0) } }
                return body(start, characters.count)
            }
        }
    }
}

/// Why an expression cannot be used.
package struct LinearExpressionError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}

/// What the languages of the reference and of Swift spell differently than RE2.
enum ExpressionSyntax {
    /// - Returns: The same expression as RE2 wants it: `(?<name>…)` as `(?P<name>…)`, `\u00e9` as `\x{00e9}`.
    /// - Throws: ``LinearExpressionError`` for what takes unbounded time, and RE2 does not have therefore.
    static func translated(_ text: String) throws(LinearExpressionError) -> [UInt8] {
        var (result, rest) = ([UInt8](), Array(text.utf8)[...])
        var isInClass = false
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"): result += try escape(&rest, isInClass: isInClass)
            case UInt8(ascii: "["):
                // Within a class only `[:alpha:]` begins with it, whose end must not be taken for the class's.
                if isInClass, rest.first == UInt8(ascii: ":"), let end = rest.firstRange(of: Array(":]".utf8)) {
                    result += [byte] + rest[..<end.upperBound]
                    rest = rest[end.upperBound...]
                    continue
                }
                result.append(byte)
                if !isInClass { takeClassStart(&rest, &result) }
                isInClass = true
            case UInt8(ascii: "]"):
                result.append(byte)
                isInClass = false
            case UInt8(ascii: "(") where !isInClass:
                result += try group(&rest)
            default: result.append(byte)
            }
        }
        return result
    }

    /// A bracket that closes is a member of the class when it comes first.
    private static func takeClassStart(_ rest: inout ArraySlice<UInt8>, _ result: inout [UInt8]) {
        if rest.first == UInt8(ascii: "^") { result.append(rest.removeFirst()) }
        if rest.first == UInt8(ascii: "]") { result.append(rest.removeFirst()) }
    }

    private static func escape(
        _ rest: inout ArraySlice<UInt8>, isInClass: Bool
    ) throws(LinearExpressionError) -> [UInt8] {
        guard let byte = rest.popFirst() else { return [UInt8(ascii: "\\")] }
        if byte == UInt8(ascii: "u") {
            if rest.first == UInt8(ascii: "{") { return Array("\\x".utf8) }
            let digits = rest.prefix(4)
            guard digits.count == 4, digits.allSatisfy(isHexadecimal) else { return [UInt8(ascii: "\\"), byte] }
            rest = rest.dropFirst(4)
            return Array("\\x{".utf8) + digits + [UInt8(ascii: "}")]
        }
        let isBackReference = byte >= UInt8(ascii: "1") && byte <= UInt8(ascii: "9") || byte == UInt8(ascii: "k")
        guard isInClass || !isBackReference else {
            throw LinearExpressionError(
                description: "it refers back to a group (\\\(Character(Unicode.Scalar(byte)))), which \(unbounded)")
        }
        return [UInt8(ascii: "\\"), byte]
    }

    /// What stands behind a parenthesis that opens.
    private static func group(_ rest: inout ArraySlice<UInt8>) throws(LinearExpressionError) -> [UInt8] {
        for operation in ["?=", "?!", "?<=", "?<!", "?>"] where rest.starts(with: operation.utf8) {
            throw LinearExpressionError(description: "it has the group (\(operation)…), which \(unbounded)")
        }
        if rest.starts(with: "?<".utf8) {
            rest = rest.dropFirst(2)
            return Array("(?P<".utf8)
        }
        return [UInt8(ascii: "(")]
    }

    private static let unbounded = "can take unbounded time: write it without, or check in code"

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
