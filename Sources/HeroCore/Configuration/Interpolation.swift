// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Replaces `${VARIABLE}` and `${VARIABLE:-default}` in a value of a configuration file; `$$` is a dollar sign.
///
/// As in a shell, the default is used when the variable is unset or empty.
struct Interpolation {
    let environment: [String: String]

    /// What one value may become.
    private static let maximumBytes = 1 << 20
    /// How often a default may hold a default.
    private static let maximumDepth = 16

    enum Fault: Error, Hashable, CustomStringConvertible {
        case unset(String)
        case unfinished
        case badName(String)
        case tooLong
        case tooDeep

        var description: String {
            switch self {
            case .unset(let name):
                "the environment variable \(name) is not set – set it, or write ${\(name):-default}"
            case .unfinished: "a '${' without its '}' – write '$$' for a dollar sign"
            case .badName(let name): "'${\(name)}' does not name an environment variable"
            case .tooLong: "becomes longer than \(Interpolation.maximumBytes) bytes with its variables"
            case .tooDeep: "has defaults within defaults, more than \(Interpolation.maximumDepth) deep"
            }
        }
    }

    /// - Returns: The text and whether anything was replaced.
    func expand(_ text: String) throws(Fault) -> (text: String, didExpand: Bool) {
        try expand(text, depth: 0)
    }

    private func expand(_ text: String, depth: Int) throws(Fault) -> (text: String, didExpand: Bool) {
        guard text.contains("$") else { return (text, false) }
        guard depth <= Self.maximumDepth else { throw .tooDeep }
        var result = ""
        var didExpand = false
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            switch rest.first {
            case "$":
                result += "$"
                rest.removeFirst()
            case "{":
                guard let end = closingBrace(in: rest) else { throw .unfinished }
                result += try value(of: String(rest[rest.index(after: rest.startIndex)..<end]), depth: depth)
                guard result.utf8.count <= Self.maximumBytes else { throw .tooLong }
                rest = rest[rest.index(after: end)...]
                didExpand = true
            default: result += "$"
            }
        }
        return (result + rest, didExpand)
    }

    /// Defaults may hold variables themselves: `${A:-${B:-c}}`.
    private func closingBrace(in text: Substring) -> Substring.Index? {
        var depth = 0
        for index in text.indices {
            if text[index] == "{" { depth += 1 }
            if text[index] == "}" {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }

    /// `NAME:-default`; searching for text with the standard library's algorithms would take longer than all the rest.
    private static func parts(of expression: String) -> (name: Substring, fallback: Substring?) {
        var rest = expression[...]
        while let colon = rest.firstIndex(of: ":") {
            rest = rest[rest.index(after: colon)...]
            if rest.first == "-" { return (expression[..<colon], rest.dropFirst()) }
        }
        return (expression[...], nil)
    }

    private func value(of expression: String, depth: Int) throws(Fault) -> String {
        let (name, fallback) = Self.parts(of: expression)
        guard !name.isEmpty, name.utf8.allSatisfy({ $0.isIdentifierPart }) else { throw .badName(String(name)) }
        if let value = environment[String(name)], !value.isEmpty || fallback == nil { return value }
        guard let fallback else { throw .unset(String(name)) }
        return try expand(String(fallback), depth: depth + 1).text
    }
}

extension UInt8 {
    fileprivate var isIdentifierPart: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// The JSON value of a plain YAML scalar (YAML 1.2 core schema).
enum YAMLScalar {
    static func value(of text: String) -> JSON {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if let integer = Int(text) { return .integer(integer) }
        if let first = text.utf8.first, first == UInt8(ascii: "-") || first == UInt8(ascii: ".") || first.isDigit,
            let number = Double(text), number.isFinite
        {
            return .number(number)
        }
        return .string(text)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
