// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The types and protocols that a Swift source declares, with what they conform to by their own words.
struct DeclaredTypes {
    /// A type, an extension, a protocol or a type alias.
    struct Declaration: Equatable {
        let keyword: String
        /// With the types around it: `Outer.Inner`.
        let name: String
        /// The words behind the colon, or behind the equals sign of an alias.
        let inherited: [String]
        /// Counted from 1.
        let line: Int
        /// Whether it or a type around it is private.
        let isPrivate: Bool
        let isFinal: Bool
    }

    private static let typeKeywords: Set<Substring> = ["struct", "class", "enum", "actor", "extension", "protocol"]

    /// A type or extension whose braces are open.
    private struct Scope {
        let name: String?
        let isPrivate: Bool
        /// How many braces were open around it.
        let depth: Int
    }

    private var scopes: [Scope] = []
    private var depth = 0
    private(set) var declarations: [Declaration] = []

    /// - Parameter source: Swift, which the compiler has accepted.
    init(in source: String) {
        let words = Self.words(of: source)
        var (isPrivate, isFinal) = (false, false)
        var position = 0
        while position < words.count {
            let word = words[position].text
            switch word {
            case "private", "fileprivate":
                // `private(set)` says nothing about who may see the declaration.
                isPrivate = isPrivate || position + 1 >= words.count || words[position + 1].text != "("
            case "final": isFinal = true
            case "{": depth += 1
            case "}":
                depth -= 1
                while let scope = scopes.last, scope.depth >= depth { scopes.removeLast() }
            case "typealias":
                alias(words, at: position)
                (isPrivate, isFinal) = (false, false)
            case "func", "var", "let", "init", "case", "import", "subscript": (isPrivate, isFinal) = (false, false)
            case let keyword where Self.typeKeywords.contains(keyword) && isDeclaration(words, position):
                position = declare(words, at: position, isPrivate: isPrivate, isFinal: isFinal)
                (isPrivate, isFinal) = (false, false)
                continue
            default: break
            }
            position += 1
        }
    }

    /// `class func` and `x.extension` declare no type.
    private func isDeclaration(_ words: [Word], _ position: Int) -> Bool {
        guard position + 1 < words.count, words[position + 1].text.first.map({ $0.isLetter || $0 == "_" }) == true,
            !["func", "var", "let", "subscript"].contains(words[position + 1].text)
        else { return false }
        return position == 0 || words[position - 1].text != "."
    }

    /// - Returns: The position behind the opening brace.
    private mutating func declare(_ words: [Word], at start: Int, isPrivate: Bool, isFinal: Bool) -> Int {
        var position = start + 1
        var name = ""
        while position < words.count, ![":", "{", "where", "<"].contains(words[position].text) {
            name += words[position].text
            position += 1
        }
        var inherited: [String] = []
        var isInherited = false
        while position < words.count, words[position].text != "{" {
            switch words[position].text {
            case ":": isInherited = true
            case "where": isInherited = false
            case let word where isInherited: inherited.append(String(word))
            default: break
            }
            position += 1
        }
        let isHidden = isPrivate || scopes.contains(where: \.isPrivate)
        let path = (scopes.compactMap(\.name) + [name]).joined(separator: ".")
        declarations.append(
            Declaration(
                keyword: String(words[start].text), name: path, inherited: inherited, line: words[start].line,
                isPrivate: isHidden, isFinal: isFinal))
        scopes.append(Scope(name: name, isPrivate: isPrivate, depth: depth))
        depth += 1
        return position + 1
    }

    /// An alias ends with its line, or is one whose rest does not count.
    private mutating func alias(_ words: [Word], at start: Int) {
        let line = words[start].line
        let rest = words[(start + 1)...].prefix { $0.line == line }.map { String($0.text) }
        guard let name = rest.first else { return }
        declarations.append(
            Declaration(
                keyword: "typealias", name: name, inherited: Array(rest.dropFirst()), line: line, isPrivate: false,
                isFinal: false))
    }

    private struct Word {
        let text: Substring
        let line: Int
    }

    /// Names and signs, without comments and without what stands in quotes.
    private static func words(of source: String) -> [Word] {
        var words: [Word] = []
        var line = 1
        var rest = source[...]
        while let first = rest.first {
            if first.isNewline {
                line += 1
                rest.removeFirst()
            } else if rest.hasPrefix("//") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("/*") {
                skipComment(&rest, &line)
            } else if first == "\"" || first == "#" {
                skipText(&rest, &line)
            } else if first.isLetter || first == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                words.append(Word(text: word, line: line))
                rest = rest[word.endIndex...]
            } else {
                if !first.isWhitespace { words.append(Word(text: rest.prefix(1), line: line)) }
                rest.removeFirst()
            }
        }
        return words
    }

    /// Comments nest.
    private static func skipComment(_ rest: inout Substring, _ line: inout Int) {
        var depth = 0
        while let first = rest.first {
            if rest.hasPrefix("/*") || rest.hasPrefix("*/") {
                depth += first == "/" ? 1 : -1
                rest = rest.dropFirst(2)
                if depth == 0 { return }
            } else {
                if first.isNewline { line += 1 }
                rest.removeFirst()
            }
        }
    }

    /// Text in one or three quotes with any number of `#`; what is interpolated declares nothing.
    private static func skipText(_ rest: inout Substring, _ line: inout Int) {
        let marks = rest.prefix { $0 == "#" }
        rest = rest[marks.endIndex...]
        guard rest.first == "\"" else { return }
        let quotes = rest.hasPrefix("\"\"\"") ? "\"\"\"" : "\""
        let end = quotes + marks
        let escape = "\\" + marks
        rest = rest.dropFirst(quotes.count)
        while !rest.isEmpty {
            if rest.hasPrefix(end) {
                rest = rest.dropFirst(end.count)
                return
            }
            if rest.hasPrefix(escape) { rest = rest.dropFirst(escape.count) }
            if rest.first?.isNewline == true { line += 1 }
            rest = rest.dropFirst()
        }
    }
}
