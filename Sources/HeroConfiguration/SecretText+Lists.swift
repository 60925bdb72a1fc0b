// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

// Names that stand beside what they name: in lists, objects and command lines.
extension SecretText {
    /// `["--password", "…"]`, `["X-Api-Key", "…"]`, `["-u", "user:…"]`.
    ///
    /// - Parameters:
    ///   - elements: Of a list.
    ///   - areNames: Whether the list is one of names, of which none stands for the next.
    /// - Returns: The list without what follows the name of a secret.
    static func hidingNeighbours(_ elements: [JSON], areNames: Bool = false) -> [JSON] {
        var result = elements
        for (position, element) in elements.enumerated().dropLast() {
            guard case .string(let name) = element else { continue }
            let next = elements[position + 1]
            if takesUser(name), case .string(let text) = next {
                result[position + 1] = .string(withoutPassword(text))
            } else if isSecretFlag(name) || !areNames && position % 2 == 0 && isPair(name, next, elements.count) {
                result[position + 1] = next.isNull ? next : .string(mask)
            }
        }
        return result
    }

    private static func isPair(_ name: String, _ value: JSON, _ count: Int) -> Bool {
        guard count % 2 == 0, isPlainName(name), isSecretName(name) else { return false }
        // Several names of secrets are a list of names.
        if case .string(let text) = value { return !(isPlainName(text) && isSecretName(text)) }
        return true
    }

    /// `{name: DB_PASSWORD, value: …}`.
    static func hidingNamed(_ members: JSON.Object) -> JSON.Object {
        let isNamed = members.contains { member in
            guard naming.contains(member.name.lowercased()), case .string(let name) = member.value else { return false }
            return isPlainName(name) && isSecretName(name)
        }
        guard isNamed else { return members }
        var result = members
        for (name, value) in members where holding.contains(name.lowercased()) && !value.isNull {
            result[name] = .string(mask)
        }
        return result
    }

    private static let naming: Set<String> = ["name", "key", "header", "variable", "field", "option", "id", "k"]
    private static let holding: Set<String> = [
        "value", "values", "val", "v", "content", "data", "text", "string", "default",
    ]

    private static func isPlainName(_ text: String) -> Bool {
        text.allSatisfy { $0.isLetter || $0.isNumber || "_-.".contains($0) }
    }

    private static func isSecretFlag(_ word: String) -> Bool {
        word.hasPrefix("-") && isPlainName(word) && isSecretName(word)
    }

    /// Options of curl whose value is `user:password`.
    private static func takesUser(_ word: String) -> Bool { ["-u", "--user", "--proxy-user", "-U"].contains(word) }

    /// Masks what follows the colon of `user:password`.
    private static func withoutPassword(_ text: String) -> String {
        guard let colon = text.firstIndex(of: ":"), colon != text.indices.last else { return text }
        let isQuoted = text.first == text.last && (text.first == "'" || text.first == "\"")
        return text[...colon] + mask + (isQuoted ? text.suffix(1) : "")
    }

    /// `mysql --password … -h db`, `curl -u user:… https://…`.
    static func withoutFlags(_ text: String) -> String {
        guard text.contains("-") else { return text }
        var result = ""
        var rest = text[...]
        var before = ""
        while !rest.isEmpty {
            let blanks = rest.prefix(while: \.isWhitespace)
            result += blanks
            rest = rest[blanks.endIndex...]
            let word = String(rest[..<endOfWord(rest)])
            rest = rest.dropFirst(word.count)
            let isSecret = isSecretFlag(before) && !word.isEmpty
            result += isSecret ? mask : takesUser(before) ? withoutPassword(word) : word
            before = word
        }
        return result
    }

    /// Finds the end of a word as a shell does: quotations and what follows a backslash belong to it.
    private static func endOfWord(_ text: Substring) -> Substring.Index {
        var position = text.startIndex
        while position < text.endIndex, !text[position].isWhitespace {
            switch text[position] {
            case "\"", "'": position = end(ofQuotation: text[position...]) ?? text.endIndex
            case "\\":
                position = text.index(after: position)
                if position < text.endIndex { position = text.index(after: position) }
            default: position = text.index(after: position)
            }
        }
        return position
    }
}
