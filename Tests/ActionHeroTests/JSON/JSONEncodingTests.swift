// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import FoundationEssentials
import Testing

@Suite("encoding structures as JSON")
struct JSONEncodingTests {
    private func text(_ value: some Encodable) throws -> String { try JSON(value).description }

    private func fault(_ value: some Encodable) -> JSONEncodingError? {
        do {
            let json = try JSON(value)
            Issue.record("encoded as \(json)")
            return nil
        } catch {
            return error as? JSONEncodingError
        }
    }

    private struct Everything: Encodable {
        let z = true
        let text = "x"
        let double = 1.5
        let float: Float = 0.1
        let int = -1
        let int8 = Int8.min
        let int16 = Int16.min
        let int32 = Int32.min
        let int64 = Int64.max
        let uint: UInt = 1
        let uint8 = UInt8.max
        let uint16 = UInt16.max
        let uint32 = UInt32.max
        let uint64: UInt64 = 5
        let list = [1, 2]
        let nothing: Int? = nil
        let something: Int? = 7
        let json: JSON = ["b": 1, "a": [nil]]
        let dictionary = ["k": 1]
    }

    @Test("members come in the order of their declaration, and absent optionals not at all")
    func everything() throws {
        let expected =
            #"{"z":true,"text":"x","double":1.5,"float":0.1,"int":-1,"int8":-128,"int16":-32768,"#
            + #""int32":-2147483648,"int64":9223372036854775807,"uint":1,"uint8":255,"uint16":65535,"#
            + #""uint32":4294967295,"uint64":5,"list":[1,2],"something":7,"json":{"b":1,"a":[null]},"#
            + #""dictionary":{"k":1}}"#
        #expect(try text(Everything()) == expected)
    }

    @Test("single values, lists of optionals, enumerations and dictionaries have their usual forms")
    func simple() throws {
        enum Color: String, Encodable { case red }
        enum Shape: Encodable { case circle(radius: Int), none }
        #expect(try text(1) == "1")
        #expect(try text("a") == #""a""#)
        #expect(try text(nil as Int?) == "null")
        #expect(try text([1, nil, 3]) == "[1,null,3]")
        #expect(try text([true]) == "[true]")
        #expect(try text([Float(0.3), 2]) == "[0.3,2]")
        #expect(try text(Color.red) == #""red""#)
        #expect(try text([Shape.circle(radius: 2), .none]) == #"[{"circle":{"radius":2}},{"none":{}}]"#)
        #expect(try text([1: "a"]) == #"{"1":"a"}"#)
        #expect(try text([[String]]()) == "[]")
        #expect(try text([String: Int]()) == "{}")
        #expect(try text(NoOutput()) == "{}")
        #expect(try text(UInt64.max) == "18446744073709551615")
    }

    @Test("dates, data, addresses and decimals become what clients expect")
    func foundation() throws {
        struct Values: Encodable {
            let date = Date(timeIntervalSince1970: 1_460_400_692.891)
            let data = Data([1, 2, 255])
            let url = URL(string: "https://example.com/a?b=c")
            let price = Decimal(string: "12.50")
            let dates = [Date(timeIntervalSince1970: 0)]
            let id = UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F")
        }
        let expected =
            #"{"date":"2016-04-11T18:51:32.891Z","data":"AQL/","url":"https://example.com/a?b=c","price":12.5,"#
            + #""dates":["1970-01-01T00:00:00.000Z"],"id":"E621E1F8-C36C-495A-93FC-0C247A3E6E5F"}"#
        #expect(try text(Values()) == expected)
        #expect(try text(Decimal(3)) == "3")
        #expect(fault(Decimal.nan)?.value == "NaN")
    }

    @Test("what has no JSON form is refused with the path to it")
    func notFinite() throws {
        struct Item: Encodable { let amount: Double }
        struct Order: Encodable { let prices: [Item] }
        #expect(fault(Double.nan)?.description == "nan cannot be encoded as JSON")
        #expect(
            fault(Order(prices: [Item(amount: 1), Item(amount: .infinity)]))?.description
                == "prices[1].amount is inf, which cannot be encoded as JSON")
        #expect(fault(["a": [-Double.infinity]])?.path == "a[0]")
        #expect(fault([Float.nan])?.path == "[0]")
        #expect(fault(["x": Float.infinity])?.path == "x")
        #expect(fault(Float.nan)?.path == "")
        #expect(fault([nil, Double.nan] as [Double?])?.path == "[1]")
    }

    @Test("dates beyond the calendar are refused, not fatal")
    func dates() {
        for seconds in [1e300, -1e300, .nan, .infinity, .greatestFiniteMagnitude] {
            let date = Date(timeIntervalSince1970: seconds)
            #expect(fault(["at": date])?.path == "at")
        }
        for seconds in [8.64e12, -8.64e12] {
            #expect((try? text(Date(timeIntervalSince1970: seconds))) != nil)
        }
    }

    /// Uses what the compiler's own `encode(to:)` does not.
    private class Base: Encodable {
        let a = 1
    }

    private final class Derived: Base {
        let b = 2

        private enum Keys: CodingKey { case b, nested, list, base, nothing }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode(b)
            try list.encodeNil()
            var inner = list.nestedContainer(keyedBy: Keys.self)
            try inner.encode("x", forKey: .b)
            var further = list.nestedUnkeyedContainer()
            try further.encode(UInt8(1))
            #expect(list.count == 4)
            var nested = container.nestedContainer(keyedBy: Keys.self, forKey: .nested)
            try nested.encodeNil(forKey: .nothing)
            try super.encode(to: container.superEncoder())
            try super.encode(to: container.superEncoder(forKey: .base))
            // Written into a container that was opened before others.
            try list.encode(false)
            try super.encode(to: list.superEncoder())
        }
    }

    @Test("nested containers and super encoders write where they were opened")
    func containers() throws {
        let expected =
            #"{"list":[2,null,{"b":"x"},[1],false,{"a":1}],"nested":{"nothing":null},"super":{"a":1},"base":{"a":1}}"#
        #expect(try text(Derived()) == expected)
    }

    @Test("what an encode(to:) throws comes out as it is")
    func failure() {
        struct Refusal: Error, Equatable {}
        struct Failing: Encodable {
            func encode(to encoder: any Encoder) throws { throw Refusal() }
        }
        #expect(throws: Refusal()) { try JSON([Failing()]) }
    }

    @Test("a JSON value survives encoders and decoders that are not ours")
    func foreign() throws {
        let value: JSON = ["n": nil, "b": true, "i": 5, "d": 0.5, "s": "x", "l": [1, ["z": 1]]]
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(JSON.self, from: data) == value)
        #expect(try JSON(parsing: Array(data)) == value)
        #expect(try JSONDecoder().decode(JSON.Object.self, from: data)["i"] == 5)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(JSON.Object.self, from: Data("[1]".utf8)) }
    }
}
