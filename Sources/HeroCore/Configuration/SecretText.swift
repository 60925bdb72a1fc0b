// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Tells secrets among values whose keys nobody has described, by what the key is called and by what the value looks like.
///
/// What is masked without need costs a look into the file; what is not costs more.
package enum SecretText {
    static let mask = "[MASKED]"

    /// - Parameter path: Of the key, its namespace first.
    /// - Returns: Whether its value is not to be shown.
    package static func isSecret(_ path: [String]) -> Bool {
        guard let name = path.last else { return false }
        // A namespace is the name of a file.
        return isSecretName(name) || path.dropFirst().dropLast().contains { isStore(words($0)) }
    }

    /// `signingKey`, `PASSPHRASE`, `sentry_dsn`, `jwtIssuer`, `client-secret`, `basicAuth`.
    static func isSecretName(_ name: String) -> Bool {
        let words = words(name)
        if isStore(words) { return true }
        return words.contains { word in
            word.hasPrefix("pass") || word.hasPrefix("jwt") || word.hasPrefix("authori")
                || ["dsn", "auth", "pwd", "salt", "pin", "cookie", "bearer"].contains(word)
                || word.hasSuffix("key") || word.hasSuffix("keys") || word.hasSuffix("password")
        }
    }

    /// Names of objects whose members are secrets, too.
    private static func isStore(_ words: [String]) -> Bool {
        words.contains { word in ["secret", "token", "credential", "password"].contains { word.contains($0) } }
    }

    /// `apiKey`, `API_KEY` and `api-key` are `api` and `key`.
    private static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasSmall = false
        for character in name {
            let isCapital = character.isUppercase
            if !character.isLetter || isCapital && wasSmall {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if character.isLetter { word += character.lowercased() }
            wasSmall = character.isLowercase
        }
        return word.isEmpty ? words : words + [word]
    }

    /// - Parameter text: A value.
    /// - Returns: The text without passwords in addresses and connection strings.
    package static func masked(_ text: String) -> String { withoutPairs(withoutUser(text)) }

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

    /// `?token=…`, `Password=…;`, `password=… user=…`.
    private static func withoutPairs(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "=")) else { return text }
        var result = ""
        var rest = text[...]
        while let equals = rest.firstIndex(of: "=") {
            let before = rest[..<equals]
            let name = before.reversed().prefix { $0.isLetter || $0.isNumber || "_-.".contains($0) }.reversed()
            result += rest[...equals]
            rest = rest[rest.index(after: equals)...]
            guard isSecretName(String(name)) else { continue }
            let value = rest.prefix { !"&;#".contains($0) && !$0.isWhitespace }
            if !value.isEmpty { result += mask }
            rest = rest[value.endIndex...]
        }
        return result + rest
    }
}
