// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Tells secrets among values whose keys nobody has described, by what the key is called and by what the value looks like.
///
/// When in doubt, text is masked: a value that is masked without need costs a look into the file, a secret that is
/// shown costs more.
package enum SecretText {
    static let mask = "[MASKED]"

    /// - Parameter path: Of the key, its namespace first.
    /// - Returns: Whether its value is not to be shown.
    package static func isSecret(_ path: [String]) -> Bool {
        guard let name = path.last else { return false }
        // A namespace is the name of a file. What lies in an object of such a name is part of a secret.
        return isSecretName(name) || path.dropFirst().dropLast().contains { isSecretName($0) }
    }

    /// `signingKey`, `PASSPHRASE`, `sentry_dsn`, `jwtIssuer`, `client-secret`, `basicAuth`.
    static func isSecretName(_ name: String) -> Bool {
        let words = words(name)
        return words.contains(where: isSecretWord) || words.joined().contains("sessionid")
    }

    private static func isSecretWord(_ word: String) -> Bool {
        word.hasPrefix("pass") || word.hasPrefix("jwt") || word.hasPrefix("authori")
            || short.contains(word) || short.contains { word == $0 + "s" }
            || ["key", "keys", "pwd", "pswd", "pw"].contains { word.hasSuffix($0) }
            || word.hasSuffix("pass") && !innocent.contains { word.hasSuffix($0) }
            || ["secret", "token", "credential", "password", "privatekey", "privatepem", "webhook", "encryption"]
                .contains { word.contains($0) }
    }

    /// Whole words only: they are parts of many others.
    private static let short: Set<String> = [
        "dsn", "auth", "salt", "pepper", "pin", "otp", "totp", "hotp", "hmac", "pem", "sid", "cookie", "bearer", "sig",
        "signature",
    ]

    /// Words that end as `PGPASS` and `dbpass` do.
    private static let innocent = ["compass", "bypass", "trespass", "surpass", "overpass", "underpass"]

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
}
