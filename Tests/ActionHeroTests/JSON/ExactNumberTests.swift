// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@testable import ActionHero

@Suite("numbers of JSON")
struct ExactNumberTests {
    private static let literals = [
        "0", "-1", "9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "123456789012345678901234567890", "0.1", "0.1000000000000000055511151231257827", "3.141592653589793238",
        "1.00000000000000000001", "12345678901234.567", "-0.30000000000000001",
    ]

    @Test("are written with the digits that were read", arguments: literals)
    func roundTrip(literal: String) throws {
        for text in [literal, "[\(literal)]", "{\"a\":\(literal)}", "{\"a\":[{\"b\":\(literal)}]}"] {
            let value = try JSON(parsing: text)
            #expect(value.description == text)
            #expect(try JSON(parsing: value.description) == value)
            // Also behind an answer, and out of a structure.
            #expect(try JSON(["x": value]).description == "{\"x\":\(text)}")
            #expect(try value.decode(JSON.self).description == text)
        }
        #expect(try JSON(parsing: literal).numberLiteral == literal)
        #expect(JSON(numberLiteral: literal)?.description == literal)
    }

    @Test("of any length survive reading and writing")
    func property() throws {
        var random = SeededRandom(seed: 71)
        for _ in 0..<3000 {
            var text = "\(1 + random.next(below: 9))"
            for _ in 0..<random.next(below: 30) { text += "\(random.next(below: 10))" }
            if random.next(below: 2) == 0 {
                text = "-\(text)."
                for _ in 0..<random.next(below: 30) { text += "\(random.next(below: 10))" }
                // No zero at the end, which no number needs to keep.
                text += "7"
            }
            let value = try JSON(parsing: text)
            let decimal = try #require(DecimalDigits(text))
            #expect(DecimalDigits(value.description) == decimal, "\(text) became \(value)")
            #expect(try JSON(parsing: text) == value && Set([value, try JSON(parsing: text)]).count == 1)
            #expect(value.doubleValue == Double(text))
            #expect(value.objectValue == nil && value.stringValue == nil && value.isNull == false)
        }
    }

    /// What keeps a number from being read as a type; `nil` when nothing does.
    private func refused(_ literal: String, _ type: any Decodable.Type) throws -> String? {
        let value = try JSON(parsing: literal)
        do {
            _ = try value.decode(type)
            return nil
        } catch let error as DecodingError {
            return error.reason
        }
    }

    @Test("reach a type that can hold them as they are, and are refused by one that cannot")
    func declaredTypes() throws {
        struct Amounts: Codable, Equatable {
            var wide: UInt64
            var wider: Int128
            var decimal: Decimal
        }
        let text =
            #"{"wide":18446744073709551615,"wider":-170141183460469231731687303715884105728,"#
            + #""decimal":12345678901234567890.123456789}"#
        let amounts = try JSON(parsing: text).decode(Amounts.self)
        #expect(amounts.wide == .max && amounts.wider == .min)
        #expect(amounts.decimal == Decimal(string: "12345678901234567890.123456789"))
        #expect(try JSON(amounts).description == text)
        #expect(try refused("9223372036854775808", Int.self) == "must be between \(Int.min) and \(Int.max)")
        #expect(try refused("18446744073709551616", UInt64.self) == "must be between 0 and \(UInt64.max)")
        #expect(try refused("0.1000000000000000000001", Int.self) == "must be a whole number")
        #expect(
            try refused("0.\(String(repeating: "123", count: 20))", Decimal.self)
                == "must be a number of at most 38 digits")
        #expect(try refused("18446744073709551615", String.self) == "must be text")
        #expect(try JSON(parsing: "9007199254740993.0").decode(Int.self) == 9_007_199_254_740_993)
        #expect(try JSON(parsing: "0.1000000000000000055511151231257827").decode(Double.self) == 0.1)
    }

    @Test("beyond a double are refused, and what is no number makes none")
    func outOfRange() {
        for text in ["1e400", "-1e999999999999999999999", "1\(String(repeating: "0", count: 400))"] {
            #expect(throws: JSONParsingError.self) { try JSON(parsing: text) }
            #expect(JSON(numberLiteral: text) == nil)
        }
        for text in ["", " 1", "1 ", "01", "+1", ".5", "5.", "1e", "0x10", "NaN", "\"1\"", "[1]", "true", "--1"] {
            #expect(JSON(numberLiteral: text) == nil, "\(text)")
        }
    }

    @Test("are the same whatever their spelling")
    func equality() throws {
        func same(_ left: String, _ right: String) throws -> Bool {
            let (left, right) = (try JSON(parsing: left), try JSON(parsing: right))
            if left == right { #expect(left.hashValue == right.hashValue) }
            return left == right
        }
        #expect(try same("1", "1.0") && same("1e2", "100") && same("5.0000000000000000", "5"))
        #expect(try same("18446744073709551615", "18446744073709551615.0"))
        #expect(try same("1844674407370955161.5e1", "18446744073709551615"))
        #expect(try !same("18446744073709551615", "18446744073709551616"))
        #expect(try !same("9007199254740993", "9007199254740992"))
        #expect(try !same("18446744073709551615", "\"18446744073709551615\""))
        #expect(try !same("18446744073709551615", #"{"$number":"18446744073709551615"}"#))
    }

    @Test("pass through other encoders and decoders")
    func foreign() throws {
        let value = try JSON(parsing: #"{"a":18446744073709551615,"b":[0.12345678901234567890],"c":0.1}"#)
        let data = try JSONEncoder().encode(value)
        let back = try JSONDecoder().decode(JSON.self, from: data)
        #expect(back["a"]?.numberLiteral == "18446744073709551615")
        #expect(back["b"] == value["b"] && back["c"] == 0.1)
    }

    @Test("that a client writes as members stay members")
    func noForgery() throws {
        let value = try JSON(parsing: #"{"$number":"1"}"#)
        #expect(value.numberLiteral == nil && value["$number"] == "1" && value.description == #"{"$number":"1"}"#)
    }
}
