// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("text from outside")
struct PlainTextTests {
    private static let acting =
        "a\nb\rc\u{1B}[2Jd\u{7}e\u{7F}f\u{9B}2Jg\u{85}h\u{2028}i\u{202E}j\u{2066}k\u{200F}l\u{0}"

    @Test("does nothing in a line")
    func line() {
        #expect(
            PlainText.line(Self.acting)
                == #"a\nb\rc\x1b[2Jd\x07e\x7ff\x9b2Jg\x85h\u{2028}i\u{202e}j\u{2066}k\u{200f}l\x00"#)
    }

    @Test("may end lines where lines are printed, and nothing else")
    func lines() {
        #expect(PlainText.lines("a\nb\u{1B}c\rd") == "a\nb\\x1bc\\rd")
    }

    @Test("stays the same value in JSON")
    func json() throws {
        let value = JSON.object([Self.acting: [.string(Self.acting), "–"]])
        for text in [value.description, value.text(indent: 2)] {
            let plain = PlainText.json(text)
            #expect(!plain.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
            #expect(!plain.contains("\u{202E}"))
            #expect(try JSON(parsing: plain) == value)
        }
    }

    @Test(
        "is otherwise left as it is",
        arguments: ["", "plain", "tab\tand é – “quotes” 日本語 👩‍👩‍👧", "\u{C2}\u{A0}\u{E2}\u{20AC}"])
    func others(_ text: String) {
        #expect(PlainText.line(text) == text)
        #expect(PlainText.lines(text) == text)
        #expect(PlainText.json(text) == text)
    }
}
