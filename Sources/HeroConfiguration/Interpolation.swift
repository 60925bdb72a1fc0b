// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Replaces `${VARIABLE}`, `${VARIABLE:-default}` and `${VARIABLE-default}` in a value of a configuration file; `$$` is a
/// dollar sign.
///
/// As in a shell, the default behind `:-` is used when the variable is unset or empty, that behind `-` when it is unset.
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

    /// A text with its variables replaced.
    struct Expansion {
        var text: String
        /// Whether anything was replaced, be it by a default.
        var didExpand = false
        /// Whether the value of a variable is in it, which knows nothing of YAML.
        var holdsVariable = false
    }

    func expand(_ text: String) throws(Fault) -> Expansion { try expand(text, depth: 0) }

    private func expand(_ text: String, depth: Int) throws(Fault) -> Expansion {
        // By scalars: a character may be a dollar sign with an accent that somebody's value begins with.
        var rest = text.unicodeScalars[...]
        guard rest.contains("$") else { return Expansion(text: text) }
        guard depth <= Self.maximumDepth else { throw .tooDeep }
        var result = Expansion(text: "")
        while let dollar = rest.firstIndex(of: "$") {
            result.text += String(rest[..<dollar])
            rest = rest[rest.index(after: dollar)...]
            switch rest.first {
            case "$":
                result.text += "$"
                rest.removeFirst()
            case "{":
                guard let end = closingBrace(in: rest) else { throw .unfinished }
                let value = try value(of: String(rest[rest.index(after: rest.startIndex)..<end]), depth: depth)
                result.text += value.text
                result.holdsVariable = result.holdsVariable || value.holdsVariable
                guard result.text.utf8.count <= Self.maximumBytes else { throw .tooLong }
                rest = rest[rest.index(after: end)...]
                result.didExpand = true
            default: result.text += "$"
            }
        }
        result.text += String(rest)
        return result
    }

    /// Defaults may hold variables themselves: `${A:-${B:-c}}`.
    private func closingBrace(in text: Substring.UnicodeScalarView) -> Substring.Index? {
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

    /// `NAME:-default` or `NAME-default`; searching for text with the standard library's algorithms would take longer than
    /// all the rest.
    private static func parts(of expression: String) -> (name: Substring, fallback: Substring?, allowsEmpty: Bool) {
        let scalars = expression.unicodeScalars
        guard let dash = scalars.firstIndex(of: "-") else { return (expression[...], nil, true) }
        let fallback = expression[scalars.index(after: dash)...]
        let name = expression[..<dash]
        guard name.unicodeScalars.last == ":" else { return (name, fallback, true) }
        return (Substring(name.unicodeScalars.dropLast()), fallback, false)
    }

    private func value(of expression: String, depth: Int) throws(Fault) -> Expansion {
        let (name, fallback, allowsEmpty) = Self.parts(of: expression)
        guard !name.isEmpty, name.utf8.allSatisfy({ $0.isIdentifierPart }) else { throw .badName(String(name)) }
        if let value = environment[String(name)], !value.isEmpty || allowsEmpty {
            return Expansion(text: value, holdsVariable: true)
        }
        guard let fallback else { throw .unset(String(name)) }
        return try expand(String(fallback), depth: depth + 1)
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
