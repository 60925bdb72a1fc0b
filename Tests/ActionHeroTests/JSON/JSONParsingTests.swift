// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("reading JSON")
struct JSONParsingTests {
    private func parse(_ text: String) throws -> JSON { try JSON(parsing: text) }

    private func fault(_ text: String) -> String? { fault(Array(text.utf8)) }

    private func fault(_ bytes: [UInt8]) -> String? {
        do {
            let value = try JSON(parsing: bytes)
            Issue.record("read as \(value)")
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("every kind of value stands alone, with the four kinds of white space around it")
    func kinds() throws {
        #expect(try parse(" \t\r\nnull\n ") == .null)
        #expect(try parse("true") == .bool(true))
        #expect(try parse("false") == .bool(false))
        #expect(try parse("-7") == .integer(-7))
        #expect(try parse("0.5") == .number(0.5))
        #expect(try parse("\"a\"") == .string("a"))
        #expect(try parse("[ ]") == .array([]))
        #expect(try parse("{ }") == .object([:]))
        #expect(try parse("[1 , [2],\n{\"a\" : {}}]") == [1, [2], ["a": [:]]])
    }

    @Test(
        "whatever the grammar does not allow is refused at its byte",
        arguments: [
            ("", "unexpected end of input at byte 0"), (" ", "unexpected end of input at byte 1"),
            ("nul", "unexpected end of input at byte 3"), ("nulL", "unexpected character 'L' at byte 3"),
            ("True", "unexpected character 'T' at byte 0"), ("NaN", "unexpected character 'N' at byte 0"),
            ("Infinity", "unexpected character 'I' at byte 0"), ("-Infinity", "unexpected character 'I' at byte 1"),
            ("1 2", "unexpected character '2' at byte 2"), ("[1,]", "unexpected character ']' at byte 3"),
            ("[,1]", "unexpected character ',' at byte 1"), ("[1 2]", "unexpected character '2' at byte 3"),
            ("[1", "unexpected end of input at byte 2"), ("[", "unexpected end of input at byte 1"),
            ("]", "unexpected character ']' at byte 0"), ("{\"a\":1,}", "unexpected character '}' at byte 7"),
            ("{a:1}", "unexpected character 'a' at byte 1"), ("{\"a\" 1}", "unexpected character '1' at byte 5"),
            ("{\"a\":}", "unexpected character '}' at byte 5"), ("{\"a\"", "unexpected end of input at byte 4"),
            ("{1:2}", "unexpected character '1' at byte 1"), ("{", "unexpected end of input at byte 1"),
            ("'a'", "unexpected character ''' at byte 0"), ("\"a", "unexpected end of input at byte 2"),
            ("// x\n1", "unexpected character '/' at byte 0"), ("\u{FEFF}1", "unexpected byte 0xef at byte 0"),
            ("\u{A0}1", "unexpected byte 0xc2 at byte 0"), ("\u{B}1", "unexpected byte 0xb at byte 0"),
        ])
    func grammar(text: String, expected: String) {
        #expect(fault(text) == expected)
    }

    @Test("numbers keep whole values exact and read fractions and exponents as doubles")
    func numbers() throws {
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("-9223372036854775808") == .integer(.min))
        #expect(try parse("9223372036854775808").numberLiteral == "9223372036854775808")
        #expect(try parse("9223372036854775808").doubleValue == 9_223_372_036_854_775_808)
        #expect(try parse("-0").description == "0")
        #expect(try parse("1.5e3").doubleValue == 1500)
        #expect(try parse("1E+2").doubleValue == 100)
        #expect(try parse("25e-1").doubleValue == 2.5)
        #expect(try parse("-0.0").doubleValue == 0)
        #expect(try parse("1e-400").doubleValue == 0)
        #expect(try parse("4.9e-324").doubleValue == .leastNonzeroMagnitude)
    }

    @Test(
        "numbers in any other notation are refused",
        arguments: ["01", "-01", "+1", ".5", "1.", "-", "1e", "1e+", "1.e3", "0x10", "1_000", "--1", "1-", "1.2.3"])
    func wrongNumbers(text: String) {
        #expect(fault(text)?.hasPrefix("unexpected") == true)
    }

    @Test("a number beyond a double's range is refused instead of becoming infinite", arguments: ["1e400", "-1e999"])
    func hugeNumbers(text: String) {
        #expect(fault("[\(text)]") == "number out of range at byte 1")
    }

    @Test("strings know every escape, and nothing else behind a backslash")
    func escapes() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t""#) == "\"\\/\u{8}\u{C}\n\r\t")
        #expect(try parse(#""\u0041\u00e9\u20AC\u0000""#) == "A\u{E9}\u{20AC}\0")
        #expect(try parse(#""a\nb\nc""#) == "a\nb\nc")
        for text in [#""\x""#, #""\u12""#, #""\u12g4""#, #""\"#, #""\u"#, #""\U0041""#, #""\u 041""#] {
            #expect(fault(text)?.hasPrefix("unexpected") == true, "\(text)")
        }
    }

    @Test("control characters in strings have to be escaped")
    func controls() {
        for byte in UInt8(0)..<0x20 { #expect(fault([0x22, byte, 0x22])?.hasPrefix("unexpected byte") == true) }
        #expect(fault("\"a\\n\u{1}\"") == "unexpected byte 0x1 at byte 4")
    }

    @Test("surrogates make one character in pairs and U+FFFD alone")
    func surrogates() throws {
        #expect(try parse(#""\ud83d\ude00""#) == "\u{1F600}")
        #expect(try parse(#""\uD83D\uDE00""#) == "\u{1F600}")
        #expect(try parse(#""\ud83d""#) == "\u{FFFD}")
        #expect(try parse(#""\ude00""#) == "\u{FFFD}")
        #expect(try parse(#""\ud83dx""#) == "\u{FFFD}x")
        #expect(try parse(#""\ud83d\n""#) == "\u{FFFD}\n")
        #expect(try parse(#""\ud83d\u0041""#) == "\u{FFFD}A")
        #expect(try parse(#""\ud83d\ud83d\ude00""#) == "\u{FFFD}\u{1F600}")
        #expect(try parse(#""\uffff\ud800\udc00\udbff\udfff""#) == "\u{FFFF}\u{10000}\u{10FFFF}")
        #expect(fault(#""\ud83d\u""#)?.hasPrefix("unexpected") == true)
    }

    @Test("bytes that are not UTF-8 are refused at their own position")
    func invalidUTF8() {
        let invalid: [[UInt8]] = [
            [0x80], [0xC3], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
            [0xF0, 0x80, 0x80, 0x80],
        ]
        for bytes in invalid {
            #expect(fault([0x22, 0x61] + bytes + [0x22]) == "invalid UTF-8 at byte 2", "\(bytes)")
            #expect(fault(Array(#"{"a\n"#.utf8) + bytes + Array(#"":1}"#.utf8)) == "invalid UTF-8 at byte 5")
        }
        #expect(fault([0x5B, 0xFF]) == "unexpected byte 0xff at byte 1")
    }

    @Test("values nest 512 levels deep and no deeper")
    func depth() throws {
        let open = String(repeating: "[", count: 512)
        let close = String(repeating: "]", count: 512)
        var value = try parse(open + close)
        var levels = 0
        while let inner = value.arrayValue {
            levels += 1
            guard let next = inner.first else { break }
            value = next
        }
        #expect(levels == 512)
        let tooDeep = "values nest deeper than 512 levels at byte 512"
        #expect(fault("[" + open + close + "]") == tooDeep)
        #expect(fault(String(repeating: "[", count: 1_000_000)) == tooDeep)
        #expect(fault(String(repeating: #"{"a":"#, count: 513))?.contains("nest deeper") == true)
        // Width is not depth.
        #expect(try parse("[" + String(repeating: "[],", count: 1000) + "[]]").arrayValue?.count == 1001)
    }

    @Test("members keep their order, and of two with one name the later value stands at the earlier place")
    func order() throws {
        let object = try #require(try parse(#"{"z":1,"a":2,"z":3,"":4}"#).objectValue)
        #expect(object.names == ["z", "a", ""])
        #expect(object.map(\.value) == [3, 2, 4])
        let large = (0..<100).map { "\"k\(($0 * 37) % 100)\":\($0)" }.joined(separator: ",")
        let members = try #require(try parse("{\(large),\"k0\":\"last\"}").objectValue)
        #expect(members.count == 100)
        #expect(members.names.prefix(3) == ["k0", "k37", "k74"])
        #expect(members["k0"] == "last")
        #expect(members["k37"] == 1)
    }

    @Test("an object with very many members is read in time proportional to them")
    func manyMembers() throws {
        // Quadratic behaviour would make this take minutes, so the suite would not finish.
        let text = "{" + (0..<200_000).map { "\"n\($0)\":\($0)" }.joined(separator: ",") + "}"
        #expect(try parse(text)["n199999"] == 199_999)
    }
}
