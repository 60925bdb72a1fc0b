// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

// Names and values within a text.
extension SecretText {
    /// `?token=…`, `Password=…;`, `password = '…' user=…`, `password: …`, `Authorization: Bearer …`, `"password":"…"`.
    static func withoutPairs(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }) else { return text }
        let isAddress = text.contains("://")
        var result = ""
        var rest = text[...]
        while let sign = rest.firstIndex(where: { $0 == "=" || $0 == ":" }) {
            let name = name(before: rest[..<sign])
            // Behind a colon stands the rest of a line, as in headers and YAML; cookies have pairs of their own.
            let hasLine = rest[sign] == ":" || name.lowercased().contains("cookie")
            result += rest[...sign]
            rest = rest[rest.index(after: sign)...]
            guard isSecretName(name) else { continue }
            let blanks = rest.prefix { $0 == " " || $0 == "\t" }
            let value = rest[blanks.endIndex...]
            let (end, quote) = end(ofValue: value, hasLine: hasLine, isAddress: isAddress)
            guard end > value.startIndex, !value.hasPrefix(mask) else { continue }
            result += blanks + quote + mask + quote
            rest = rest[end...]
        }
        return result + rest
    }

    /// The word before a sign: blanks, and the end of a quotation, may stand in between.
    private static func name(before text: Substring) -> String {
        let closed = text.reversed().drop { $0 == " " || $0 == "\t" }.drop { $0 == "\"" || $0 == "'" || $0 == "\\" }
        let word = closed.prefix { $0.isLetter || $0.isNumber || "_-.%".contains($0) }.reversed()
        let decoded = PercentEncoding.decodeLeniently(String(word).utf8, plusIsSpace: false)
        return String(decoded.reversed().prefix { $0.isLetter || $0.isNumber || "_-.".contains($0) }.reversed())
    }

    /// - Returns: Where a value ends, and what it is quoted with.
    private static func end(
        ofValue text: Substring, hasLine: Bool, isAddress: Bool
    ) -> (end: Substring.Index, quote: String) {
        guard let first = text.first else { return (text.endIndex, "") }
        if first == "\"" || first == "'" {
            // One that does not end, or goes on behind its end, may have its end anywhere.
            let end = end(ofQuotation: text) ?? text.endIndex
            let isClosed = end < text.endIndex ? isEnd(text[end], of: first) : text.count > 1 && text.last == first
            return isClosed ? (end, String(first)) : (text.endIndex, "")
        }
        if first == "\\" { return (text.endIndex, "") }
        if hasLine { return (text.firstIndex(where: \.isNewline) ?? text.endIndex, "") }
        var position = text.startIndex
        while position < text.endIndex {
            let character = text[position]
            if character == "#", isAddress { break }
            let separates = character == "&" || character == ";" || character.isWhitespace
            // What is not followed by another pair is part of the value.
            if separates, beginsPair(text[text.index(after: position)...]) { break }
            position = text.index(after: position)
        }
        return (position, "")
    }

    private static func isEnd(_ next: Character, of quote: Character) -> Bool {
        next.isWhitespace || next != quote && "&;,}])\"'\\".contains(next)
    }

    /// - Returns: Behind the closing mark; `nil` without one.
    static func end(ofQuotation text: Substring) -> Substring.Index? {
        var isEscaped = false
        for index in text.indices.dropFirst() {
            if text[index] == text.first, !isEscaped { return text.index(after: index) }
            isEscaped = text[index] == "\\" && !isEscaped
        }
        return nil
    }

    /// Whether nothing follows, or a name and an equals sign.
    private static func beginsPair(_ text: Substring) -> Bool {
        let rest = text.drop(while: \.isWhitespace)
        let behind = rest.drop { $0.isLetter || $0.isNumber || "_-.%[]".contains($0) }
        if behind.isEmpty { return rest.isEmpty }
        return behind.startIndex > rest.startIndex && behind.drop { $0 == " " || $0 == "\t" }.first == "="
    }
}
