// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Types of a source that are meant for the host and private all the same.
///
/// The optimizer drops private types that no code mentions, and nothing of an action is mentioned by code: the bundle would
/// be built, and the action be missing. The compiler does not say which types it drops, so what a source declares is
/// compared with what the bundle holds.
struct PrivateTypes {
    /// A declaration that names a protocol of the SDK.
    struct Declaration: Equatable {
        /// With the types around it: `Outer.Inner`.
        let name: String
        let protocolName: String
        /// Counted from 1.
        let line: Int
    }

    private static let protocols: Set<Substring> = [
        "Action", "ActionMiddleware", "ConnectionMiddleware", "Initializer", "Command", "BackgroundTask", "Server",
    ]
    private static let typeKeywords: Set<Substring> = ["struct", "class", "enum", "actor", "extension"]

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
        var isPrivate = false
        var position = 0
        while position < words.count {
            let word = words[position].text
            switch word {
            case "private", "fileprivate":
                // `private(set)` says nothing about who may see the declaration.
                isPrivate = isPrivate || position + 1 >= words.count || words[position + 1].text != "("
            case "{": depth += 1
            case "}":
                depth -= 1
                while let scope = scopes.last, scope.depth >= depth { scopes.removeLast() }
            case "func", "var", "let", "init", "case", "typealias", "import", "protocol", "subscript": isPrivate = false
            case let keyword where Self.typeKeywords.contains(keyword) && isDeclaration(words, position):
                position = declare(words, at: position, isPrivate: isPrivate)
                isPrivate = false
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
    private mutating func declare(_ words: [Word], at start: Int, isPrivate: Bool) -> Int {
        var position = start + 1
        var name = ""
        while position < words.count, ![":", "{", "where", "<"].contains(words[position].text) {
            name += words[position].text
            position += 1
        }
        var found: Substring?
        var isInherited = false
        while position < words.count, words[position].text != "{" {
            switch words[position].text {
            case ":": isInherited = true
            case "where": isInherited = false
            case let word where isInherited && Self.protocols.contains(word): found = found ?? word
            default: break
            }
            position += 1
        }
        let isHidden = isPrivate || scopes.contains(where: \.isPrivate)
        let path = (scopes.compactMap(\.name) + [name]).joined(separator: ".")
        if let found, isHidden {
            declarations.append(Declaration(name: path, protocolName: String(found), line: words[start].line))
        }
        scopes.append(Scope(name: name, isPrivate: isPrivate, depth: depth))
        depth += 1
        return position + 1
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

extension PrivateTypes {
    /// What the compiler would have to say about a bundle that lacks what its sources declare.
    ///
    /// - Parameters:
    ///   - sources: Paths and texts of the sources.
    ///   - types: Names of the types of the bundle that conform to protocols of the SDK, without those of the types around
    ///     them.
    /// - Returns: Lines in the compiler's form; empty when nothing is missing.
    static func diagnostics(_ sources: [(path: String, text: String)], without types: Set<String>) -> [UInt8] {
        var text = ""
        for source in sources {
            for declaration in PrivateTypes(in: source.text).declarations {
                let name = declaration.name.split(separator: ".").last.map(String.init) ?? declaration.name
                if types.contains(name) { continue }
                text += """
                    \(source.path):\(declaration.line):1: error: '\(declaration.name)' is private, so the optimizer drops it \
                    and the host would not see this \(declaration.protocolName); take 'private' away

                    """
            }
        }
        return Array(text.utf8)
    }
}
