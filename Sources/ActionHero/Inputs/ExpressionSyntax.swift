// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
