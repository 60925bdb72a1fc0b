// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroSystem

/// Text as a shell takes it for one word that means itself, for commands that somebody pastes.
enum ShellWord {
    private static let plain = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+:@,%".utf8)

    static func quoted(_ text: String) -> String {
        if !text.isEmpty, text.utf8.allSatisfy(plain.contains) { return text }
        if PlainText.line(text) == text { return "'\(text.replacing("'", with: "'\\''"))'" }
        // What acts on a terminal can be written in this form only: bash, ksh and zsh have it.
        return "$'" + text.utf8.map(escaped).joined() + "'"
    }

    private static func escaped(_ byte: UInt8) -> String {
        if plain.contains(byte) || byte == UInt8(ascii: " ") { return String(UnicodeScalar(byte)) }
        let digits = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
