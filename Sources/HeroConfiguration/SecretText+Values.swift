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
        // Pairs first: a password may hold what an address is made of.
        let result = withoutUser(withoutNamed(text))
        // Names and signs may be written as escapes, once or several times; what they stand for is looked at as well.
        var decoded = result
        for _ in 0..<3 {
            let next = PercentEncoding.decodeLeniently(decoded.utf8, plusIsSpace: false)
            if next == decoded { break }
            decoded = next
            if decoded.contains("PRIVATE KEY") || withoutNamed(decoded) != decoded { return mask }
            // An address within an address.
            if decoded.ranges(of: "://").count > result.ranges(of: "://").count, withoutUser(decoded) != decoded {
                return mask
            }
        }
        return result
    }

    /// What tells secrets by the words and signs beside them, and by what they begin with.
    private static func withoutNamed(_ text: String) -> String {
        withoutKnownTokens(withoutFlags(withoutPairs(text)))
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
        case .array(let elements): return .array(hidingNeighbours(elements).map { masked($0) })
        case .object where value.isNumber: return value
        case .object(let members):
            var object = JSON.Object()
            for (name, member) in hidingNamed(members) {
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
}
