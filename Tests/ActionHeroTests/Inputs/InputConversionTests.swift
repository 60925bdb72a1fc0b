// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import FoundationEssentials
import HeroTestSupport
import Testing

@Suite("inputs take the declared type from what clients send")
struct InputConversionTests {
    private struct One<Value: Decodable & Sendable>: InputObject {
        @Input("value") var v: Value
    }

    private func read<Value>(_ type: Value.Type, _ raw: JSON) throws -> Value?
    where Value: Decodable & Sendable {
        try One<Value>.read(["v": raw]).value?.v
    }

    private func fault<Value: Decodable & Sendable>(_ type: Value.Type, _ raw: JSON) throws -> [String]? {
        try One<Value>.read(["v": raw]).invalid
    }

    private enum Color: String, Decodable, Sendable, CaseIterable { case red, green }

    @Test("text becomes numbers, flags, lists and objects")
    func text() throws {
        #expect(try read(Int.self, "12") == 12)
        #expect(try read(Int.self, "-12") == -12)
        #expect(try read(UInt8.self, "255") == 255)
        #expect(try read(Double.self, "1.5e3") == 1500)
        #expect(try read(Float.self, "0.5") == 0.5)
        #expect(try read([Int].self, "[1,2]") == [1, 2])
        #expect(try read([Int].self, "7") == [7])
        #expect(try read([String].self, "a") == ["a"])
        #expect(try read([String: Int].self, #"{"a":1}"#) == ["a": 1])
        #expect(try read(JSON.self, #"{"a":1}"#) == .string(#"{"a":1}"#))
        #expect(try read(Color.self, "green") == .green)
        #expect(try read(Date.self, "1000") == Date(timeIntervalSince1970: 1))
        #expect(try read(Decimal.self, "1.10") == Decimal(string: "1.1"))
        #expect(try read(URL.self, "https://example.com")?.host() == "example.com")
        for word in ["true", "1", "yes", "on", "TRUE"] { #expect(try read(Bool.self, .string(word)) == true) }
        for word in ["false", "0", "no", "off", "False"] { #expect(try read(Bool.self, .string(word)) == false) }
    }

    @Test("values of a JSON body are taken as they are")
    func body() throws {
        #expect(try read(Int.self, 12) == 12)
        #expect(try read(Int.self, 12.0) == 12)
        #expect(try read(Double.self, 12) == 12)
        #expect(try read(Bool.self, true) == true)
        for sent in ["1", "1.0", "1e0", "1.000000000000000000000000"] {
            #expect(try read(Bool.self, JSON(parsing: sent)) == true, "\(sent)")
        }
        for sent in ["0", "0.0", "-0.0", "0e9"] {
            #expect(try read(Bool.self, JSON(parsing: sent)) == false, "\(sent)")
        }
        #expect(try read([Int].self, [1, "2"]) == [1, 2])
        #expect(try read(JSON.self, ["a": [1]]) == ["a": [1]])
        #expect(try read(JSON.Object.self, ["a": 1]) == ["a": 1])
    }

    @Test("numbers in text are decimal, and large whole ones in a body become their digits")
    func decimal() throws {
        for text in ["0x10", "0x1p4", "inf", "nan", "infinity", "-0x1"] {
            #expect(try fault(Double.self, .string(text)) == ["v must be a number"], "\(text)")
            #expect(try fault(Int.self, .string(text)) == ["v must be a whole number"], "\(text)")
            #expect(try fault(Date.self, .string(text)) != nil, "\(text)")
        }
        #expect(try read(Double.self, "+1.5e1") == 15 && read(Double.self, ".5") == 0.5)
        for (sent, text) in [
            ("100000000000000000000000", "100000000000000000000000"), ("-1e22", "-10000000000000000000000"),
            ("1e5", "100000"), ("1.10", "1.1"), ("12345678901234567890123", "12345678901234567890123"),
        ] {
            #expect(try read(String.self, JSON(parsing: sent)) == text)
        }
    }

    @Test("numbers and flags become the text that a URL would have held")
    func toText() throws {
        #expect(try read(String.self, 12) == "12")
        #expect(try read(String.self, 1.5) == "1.5")
        #expect(try read(String.self, true) == "true")
        #expect(try fault(String.self, [1]) == ["v must be text"])
        #expect(try fault(String.self, ["a": 1]) == ["v must be text"])
    }

    @Test("what does not fit is refused with the input's name and what is wanted")
    func mismatches() throws {
        #expect(try fault(Int.self, "1.5") == ["v must be a whole number"])
        #expect(try fault(Int.self, "x") == ["v must be a whole number"])
        #expect(try fault(Int.self, true) == ["v must be a whole number"])
        #expect(try fault(Int8.self, 300) == ["v must be between -128 and 127"])
        #expect(try fault(Int8.self, "300") == ["v must be between -128 and 127"])
        #expect(try fault(UInt.self, "-1") == ["v must be between 0 and \(UInt.max)"])
        #expect(try fault(Int.self, "99999999999999999999") == ["v must be between \(Int.min) and \(Int.max)"])
        #expect(try fault(Double.self, "nan") == ["v must be a number"])
        #expect(try fault(Double.self, "inf") == ["v must be a number"])
        #expect(try fault(Float.self, "1e300") == ["v must be a number that fits 32 bits"])
        #expect(try fault(Bool.self, "maybe") == ["v must be true or false"])
        for sent in ["2", "0.5", "-1.0", "1.00000000000000000001"] {
            #expect(try fault(Bool.self, JSON(parsing: sent)) == ["v must be true or false"], "\(sent)")
        }
        #expect(try fault([Int].self, "[1,x]") == ["v[0] must be a whole number"])
        #expect(try fault([Int].self, [1, "x"]) == ["v[1] must be a whole number"])
        #expect(try fault([Int].self, ["a": 1]) == ["v must be a list"])
        #expect(try fault([String: Int].self, "x") == ["v must be an object"])
        #expect(try fault(Color.self, "blue") == ["v must be one of red, green"])
        #expect(try fault(Date.self, "soon") == ["v must be a date in ISO 8601 or milliseconds since 1970"])
        for text in ["12abc", "0x1p9", "nan", "1 2", "1,5", "--1"] {
            #expect(try fault(Decimal.self, .string(text)) == ["v must be a number"], "\(text)")
        }
        #expect(try fault(Data.self, "%") == ["v must be base 64 text"])
    }

    @Test("a date that no calendar has is refused", arguments: ["1e300", "-1e300", "1e18"])
    func impossibleDates(text: String) throws {
        let number = try JSON(parsing: text)
        #expect(try fault(Date.self, .string(text)) == ["v must be a date in ISO 8601 or milliseconds since 1970"])
        #expect(try fault(Date.self, number) == ["v must be a date in ISO 8601 or milliseconds since 1970"])
    }

    @Test("an empty text is a text, and for everything else the absence of a value")
    func empty() throws {
        struct Inputs: InputObject {
            @Input("text") var text = "standard"
            @Input("number") var number = 5
            @Input("list") var list: [Int]?
            @Input("flag") var flag: Bool?
            @Input("prefix") var prefix: String?
        }
        let read = try #require(
            try Inputs.read(["text": "", "number": "", "list": "", "flag": "", "prefix": ""]).value)
        #expect(read.text == "")
        #expect(read.number == 5)
        #expect(read.list == nil)
        #expect(read.flag == nil)
        #expect(read.prefix == "")
    }

    @Test("null stands for an absent value, except where any JSON is wanted")
    func null() throws {
        struct Inputs: InputObject {
            @Input("number") var number = 5
            @Input("text") var text: String?
            @Input("json") var json: JSON = 1
        }
        let read = try #require(try Inputs.read(["number": nil, "text": nil, "json": nil]).value)
        #expect(read.number == 5)
        #expect(read.text == nil)
        #expect(read.json == .null)
    }

    @Test("random values are read or refused by inputs of every kind", arguments: 1...3)
    func fuzz(seed: UInt64) throws {
        struct Inputs: InputObject {
            @Input("a") var a: Int?
            @Input("b") var b: Double?
            @Input("c") var c: Date?
            @Input("d") var d: Decimal?
            @Input("e") var e: [Int8]?
            @Input("f") var f: [String: JSON]?
            @Input("g") var g: URL?
            @Input("h") var h: Data?
            @Input("i") var i: Float?
            @Input("j") var j: UInt64?
        }
        var random = SeededRandom(seed: seed)
        let values: [JSON] = [
            nil, "", "1", "-1", "1e308", "1e19", "[]", "[[", "{}", #"{"a":[1]}"#, "\0", "2016-04-11", "0x1p9", "+5",
            .integer(.min), .integer(.max), .number(1e19), .number(-1e300), [], [nil], [300], [:], ["a": nil], true,
            "+275760-09-13T00:00:00Z", "0000-00-00T00:00:00Z", "9999999999999999999999999999999999999999999999999.1",
        ]
        for _ in 0..<1500 {
            var parameters = JSON.Object()
            for name in "abcdefghij" { parameters[String(name)] = values[random.next(below: values.count)] }
            if case .failed(let error) = try Inputs.read(parameters) { Issue.record("\(parameters) failed: \(error)") }
        }
    }
}
