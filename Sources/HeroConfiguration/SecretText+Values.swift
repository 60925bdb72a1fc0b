// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

// What a value looks like, whatever its key is called.
extension SecretText {
    /// - Parameter text: A value.
    /// - Returns: The text without passwords in addresses, connection strings, headers and JSON, and without private keys.
    package static func masked(_ text: String) -> String {
        if text.contains("PRIVATE KEY") { return mask }
        if let json = maskedJSON(text) { return json }
        let result = withoutPairs(withoutUser(text))
        // Names and signs may be written as escapes, once or several times; what they stand for is looked at as well.
        var decoded = result
        for _ in 0..<3 {
            let next = PercentEncoding.decodeLeniently(decoded.utf8, plusIsSpace: false)
            if next == decoded { break }
            decoded = next
            if decoded.contains("PRIVATE KEY") || withoutPairs(decoded) != decoded { return mask }
            // An address within an address.
            if decoded.ranges(of: "://").count > result.ranges(of: "://").count, withoutUser(decoded) != decoded {
                return mask
            }
        }
        return result
    }

    /// - Returns: `nil` for text that is no object or list.
    private static func maskedJSON(_ text: String) -> String? {
        guard JSON.mayBeParsed(text), let value = try? JSON(parsing: text) else { return nil }
        let hidden = masked(value)
        return hidden == value ? text : hidden.description
    }

    private static func masked(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): return .string(masked(text))
        case .array(let elements): return .array(elements.map { masked($0) })
        case .object where value.isNumber: return value
        case .object(let members):
            var object = JSON.Object()
            for (name, member) in members {
                object[name] = isSecretName(name) && !member.isNull ? .string(mask) : masked(member)
            }
            return .object(object)
        case .null, .bool, .integer, .number: return value
        }
    }

    /// `postgres://user:password@host/db` without the password, also where characters in it make the address malformed.
    private static func withoutUser(_ text: String) -> String {
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        let hasScheme = start > text.startIndex
        guard let at = text[start...].lastIndex(of: "@") else { return text }
        let user = text[start..<at]
        guard hasScheme || !user.contains(where: \.isWhitespace) else { return text }
        if let colon = user.firstIndex(of: ":") { return text[...colon] + mask + text[at...] }
        // A token may stand where the user's name does; behind a slash it is part of a path.
        return hasScheme && !user.contains("/") ? text[..<start] + mask + text[at...] : text
    }

    /// `?token=…`, `Password=…;`, `password = '…' user=…`, `password: …`, `Authorization: Bearer …`, `"password":"…"`.
    private static func withoutPairs(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }) else { return text }
        var result = ""
        var rest = text[...]
        while let sign = rest.firstIndex(where: { $0 == "=" || $0 == ":" }) {
            let name = name(before: rest[..<sign])
            let separator = rest[sign]
            result += rest[...sign]
            rest = rest[rest.index(after: sign)...]
            guard isSecretName(name) else { continue }
            let blanks = rest.prefix { $0 == " " || $0 == "\t" }
            let length = valueLength(
                rest[blanks.endIndex...], separator, isHeader: name.lowercased().contains("authori"))
            guard length.count > 0, !rest[blanks.endIndex...].hasPrefix(mask) else { continue }
            result += blanks + length.quote + mask + length.quote
            rest = rest[rest.index(blanks.endIndex, offsetBy: length.count)...]
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

    /// How many characters a value has, and what it is quoted with.
    private static func valueLength(
        _ text: Substring, _ separator: Character, isHeader: Bool
    ) -> (count: Int, quote: String) {
        guard let first = text.first else { return (0, "") }
        if first == "\"" || first == "'" {
            var isEscaped = false
            let inner = text.dropFirst().prefix { character in
                defer { isEscaped = character == "\\" && !isEscaped }
                return character != first || isEscaped
            }
            // One that does not end may have its end anywhere.
            return (min(inner.count + 2, text.count), String(first))
        }
        if first == "\\" { return (text.count, "") }
        // Behind a colon stands the rest of a line, as in headers and YAML.
        if separator == ":" || isHeader { return (text.prefix { !$0.isNewline && !",;".contains($0) }.count, "") }
        let word = text.prefix { !"&;#".contains($0) && !$0.isWhitespace }
        guard schemes.contains(word.lowercased()) else { return (word.count, "") }
        let second = text.dropFirst(word.count).drop { $0 == " " }.prefix { !"&;#".contains($0) && !$0.isWhitespace }
        return (text.distance(from: text.startIndex, to: second.endIndex), "")
    }

    /// Of the header `Authorization`; what follows is the secret.
    private static let schemes: Set<String> = ["basic", "bearer", "digest", "negotiate", "token"]
}
