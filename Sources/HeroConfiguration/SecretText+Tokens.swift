// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Tokens that say by their first letters who has issued them.
extension SecretText {
    /// What a token begins with, and how many characters follow at least.
    private static let beginnings: [(text: String, least: Int)] = [
        ("ghp_", 16), ("gho_", 16), ("ghu_", 16), ("ghs_", 16), ("ghr_", 16), ("github_pat_", 16), ("glpat-", 16),
        ("xoxa-", 8), ("xoxb-", 8), ("xoxp-", 8), ("xoxr-", 8), ("xoxs-", 8), ("xapp-", 8),
        ("sk_live_", 8), ("sk_test_", 8), ("rk_live_", 8), ("whsec_", 8), ("sk-", 20), ("SG.", 20),
        ("AKIA", 16), ("ASIA", 16), ("AIza", 30), ("ya29.", 20), ("npm_", 30), ("pypi-", 30), ("dop_v1_", 30),
        ("eyJ", 20),
    ]

    /// Addresses whose rest is all that one needs to know to use them.
    private static let addresses = [
        "hooks.slack.com/services/", "hooks.slack.com/workflows/", "discord.com/api/webhooks/",
        "discordapp.com/api/webhooks/",
    ]

    static func withoutKnownTokens(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        var isBeginning = true
        while let first = rest.first {
            if isBeginning, let (kept, end) = token(rest) {
                result += rest[..<kept] + mask
                rest = rest[end...]
                isBeginning = false
                continue
            }
            result.append(first)
            rest = rest.dropFirst()
            isBeginning = !(first.isLetter || first.isNumber)
        }
        return result
    }

    /// - Returns: How much of a token that begins here may be seen, and where it ends.
    private static func token(_ text: Substring) -> (kept: Substring.Index, end: Substring.Index)? {
        for address in addresses where text.hasPrefix(address) {
            let secret = text.dropFirst(address.count)
            let end = secret.firstIndex { $0.isWhitespace || "?#\"'[".contains($0) } ?? text.endIndex
            return end > secret.startIndex ? (secret.startIndex, end) : nil
        }
        for (beginning, least) in beginnings where text.hasPrefix(beginning) {
            let run = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) || "_-.".contains($0) }
            guard run.count >= beginning.count + least else { continue }
            // Of a signed token the parts are divided by dots; other text may begin as its header does.
            if beginning == "eyJ", run.count(where: { $0 == "." }) < 2 { continue }
            return (text.startIndex, run.endIndex)
        }
        return nil
    }
}
