// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroSystem
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

    @Test(
        "is spelled out where it is of no width, turns the direction, or is a tag",
        arguments: [
            0xAD, 0x600, 0x61C, 0x6DD, 0x70F, 0x890, 0x8E2, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060,
            0x2064,
            0x2065, 0x2066, 0x2069, 0x206F, 0xFEFF, 0xFFF9, 0xFFFB, 0x110BD, 0x13430, 0x1BCA0, 0x1D173, 0xE0001,
            0xE0020,
            0xE0041, 0xE007F, 0xE0100,
        ] as [UInt32])
    func invisible(_ number: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(number))
        let text = "a\(scalar)b"
        let digits = String(number, radix: 16)
        #expect(PlainText.line(text) == (number < 0x100 ? "a\\x\(digits)b" : "a\\u{\(digits)}b"))
        let json = PlainText.json(JSON.string(text).description)
        #expect(json.utf8.allSatisfy { $0 < 0x80 })
        #expect(try JSON(parsing: json) == .string(text))
    }

    @Test("holds no format character of Unicode afterwards")
    func everyFormat() {
        for number in UInt32(0x80)...0x10FFFF {
            guard let scalar = Unicode.Scalar(number), scalar.properties.generalCategory == .format else { continue }
            #expect(!PlainText.line("\(scalar)").unicodeScalars.contains(scalar), "U+\(String(number, radix: 16))")
        }
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
        arguments: ["", "plain", "tab\tand é – “quotes” 日本語 👩 🇩🇪 ❤️ العربية हिन्दी", "\u{C2}\u{A0}\u{E2}\u{20AC}"])
    func others(_ text: String) {
        #expect(PlainText.line(text) == text)
        #expect(PlainText.lines(text) == text)
        #expect(PlainText.json(text) == text)
    }
}
