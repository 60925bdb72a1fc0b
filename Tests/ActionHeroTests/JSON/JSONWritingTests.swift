// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("writing JSON")
struct JSONWritingTests {
    @Test("compact text has no white space and keeps the order of members")
    func compact() {
        let value: JSON = ["b": [1, true, nil, "x"], "a": [:], "c": []]
        #expect(value.description == #"{"b":[1,true,null,"x"],"a":{},"c":[]}"#)
    }

    @Test("indented text is that of JavaScript's JSON.stringify")
    func pretty() {
        let value: JSON = ["a": [1, ["b": nil]], "empty": [[:], []]]
        let expected = """
            {
              "a": [
                1,
                {
                  "b": null
                }
              ],
              "empty": [
                {},
                []
              ]
            }
            """
        #expect(value.text(indent: 2) == expected)
        #expect(JSON.integer(1).text(indent: 2) == "1")
        #expect(value.text(indent: 0) == value.text())
    }

    @Test("an indentation out of range is taken as the nearest that JavaScript allows")
    func indentLimits() {
        let value: JSON = [1]
        #expect(value.text(indent: -3) == "[1]")
        #expect(value.text(indent: 50) == value.text(indent: 10))
        #expect(value.text(indent: 10) == "[\n          1\n]")
    }

    @Test("quotes, backslashes and control characters are escaped, everything else is written as it is")
    func escapes() {
        #expect(JSON.string("\"\\/\u{8}\u{C}\n\r\t").description == #""\"\\/\b\f\n\r\t""#)
        #expect(JSON.string("\0\u{1}\u{1F}\u{7F}").description == "\"\\u0000\\u0001\\u001f\u{7F}\"")
        #expect(JSON.string("\u{E9}\u{2028}\u{1F600}").description == "\"\u{E9}\u{2028}\u{1F600}\"")
        #expect(JSON.object(["a\"b": 1]).description == #"{"a\"b":1}"#)
    }

    @Test(
        "numbers look as in JavaScript",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"), (1.5e300, "1.5e+300"), (1e-6, "0.000001"),
            (1e-7, "1e-7"), (1.25e-7, "1.25e-7"), (0.00001234, "0.00001234"),
            (9_007_199_254_740_992, "9007199254740992"),
            (9_007_199_254_740_994, "9007199254740994"), (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (-1e-7, "-1e-7"), (-1e21, "-1e+21"),
            (9_223_372_036_854_775_808, "9223372036854776000"), (0.1 + 0.2, "0.30000000000000004"),
            (1e16, "10000000000000000"),
            (100, "100"), (1234.5678, "1234.5678"), (.nan, "null"), (.infinity, "null"), (-.infinity, "null"),
        ])
    func numbers(value: Double, text: String) {
        #expect(JSON.number(value).description == text)
    }

    @Test(
        "whole numbers are written digit for digit",
        arguments: [
            (Int.max, "9223372036854775807"), (Int.min, "-9223372036854775808"), (0, "0"), (-1, "-1"), (10, "10"),
            (-100, "-100"), (9_007_199_254_740_993, "9007199254740993"),
        ])
    func integers(value: Int, text: String) {
        #expect(JSON.integer(value).description == text)
    }
}
