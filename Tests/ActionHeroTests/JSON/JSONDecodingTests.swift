// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import FoundationEssentials
import HeroTestSupport
import Testing

@Suite("decoding structures from JSON")
struct JSONDecodingTests {
    /// Path and reason of what is wrong.
    private func fault<T: Decodable>(_ type: T.Type, _ value: JSON) -> String? {
        do {
            let read = try value.decode(type)
            Issue.record("decoded \(read)")
            return nil
        } catch {
            return (error as? DecodingError)?.reason
        }
    }

    private struct Everything: Codable, Equatable {
        var flag = true
        var text = "x"
        var double = 1.5
        var float: Float = 0.25
        var int = -1
        var int8 = Int8.min
        var int16 = Int16.max
        var int32 = Int32.min
        var int64 = Int64.max
        var uint: UInt = 1
        var uint8 = UInt8.max
        var uint16 = UInt16.max
        var uint32 = UInt32.max
        var uint64: UInt64 = 5
        var list = [[1], [2]]
        var nothing: Int?
        var something: Int? = 7
        var json: JSON = ["b": 1, "a": [nil]]
        var dictionary = ["k": 1]
        var numbered = [3: "x"]
        var optionals: [Int?] = [1, nil]
        var date = Date(timeIntervalSince1970: 1_460_400_692.5)
        var data = Data([0, 255])
        var url = URL(string: "https://example.com/a")
        var decimal = Decimal(string: "0.1")
    }

    @Test("everything that was encoded decodes to the same")
    func roundTrip() throws {
        let value = Everything()
        #expect(try JSON(value).decode(Everything.self) == value)
        #expect(try JSON(parsing: JSON(value).description).decode() as Everything == value)
    }

    @Test("values of other kinds are refused with their path and what is wanted")
    func mismatches() {
        struct Inner: Decodable { let n: Int }
        struct Outer: Decodable { let list: [Inner] }
        enum Color: String, Decodable, CaseIterable { case red, green }
        enum Plain: String, Decodable { case red }
        #expect(fault(Outer.self, ["list": [["n": 1], ["n": "x"]]]) == "list[1].n must be a whole number")
        #expect(fault(Outer.self, ["list": [["m": 1]]]) == "list[0].n is missing")
        #expect(fault(Outer.self, ["list": 5]) == "list must be a list")
        #expect(fault(Outer.self, []) == "must be an object")
        #expect(fault([Int].self, ["1"]) == "[0] must be a whole number")
        #expect(fault(String.self, 1) == "must be text")
        #expect(fault(Bool.self, 1) == "must be true or false")
        #expect(fault(Double.self, "1") == "must be a number")
        #expect(fault(Int.self, 1.5) == "must be a whole number")
        #expect(fault(Int8.self, 128) == "must be between -128 and 127")
        #expect(fault(UInt.self, -1) == "must be between 0 and \(UInt.max)")
        #expect(fault(Color.self, "blue") == "must be one of red, green")
        #expect(fault(Plain.self, "blue") != nil)
        #expect(fault(Date.self, "yesterday") == "must be a date in ISO 8601 or milliseconds since 1970")
        #expect(fault(Data.self, "###") == "must be base 64 text")
        #expect(fault(Decimal.self, "x") == "must be a number")
        #expect(fault(Float.self, 1e300) == "must be a number that fits 32 bits")
    }

    @Test("whole numbers may be written with a fraction of zero")
    func wholeDoubles() throws {
        #expect(try JSON.number(3).decode(Int.self) == 3)
        #expect(try JSON.number(255).decode(UInt8.self) == 255)
        #expect(try JSON.integer(3).decode(Double.self) == 3)
    }

    @Test("an absent optional and a null are both nil; a missing list element is an error")
    func optionals() throws {
        struct Value: Decodable { let a: Int?, b: Int? }
        let value = try JSON.object(["a": nil]).decode(Value.self)
        #expect(value.a == nil && value.b == nil)
        struct Pair: Decodable {
            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                #expect(list.count == 1)
                #expect(try !list.decodeNil())
                _ = try list.decode(Int.self)
                #expect(list.isAtEnd)
                _ = try list.decode(Int.self)
            }
        }
        #expect(fault(Pair.self, [1]) == "[1] is missing")
    }

    @Test("dates come as ISO 8601 with and without fractions and as milliseconds")
    func dates() throws {
        let expected = Date(timeIntervalSince1970: 1_460_400_692)
        for value in ["2016-04-11T18:51:32Z", "2016-04-11T18:51:32.000Z", 1_460_400_692_000] as [JSON] {
            #expect(try value.decode(Date.self) == expected)
        }
    }

    @Test("nested containers and super decoders read where they were opened")
    func containers() throws {
        struct Value: Decodable {
            enum Keys: CodingKey { case a, list, nested, own }
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                #expect(container.allKeys.map(\.stringValue) == ["list", "nested", "own"])
                #expect(!container.contains(.a))
                var list = try container.nestedUnkeyedContainer(forKey: .list)
                #expect(try list.decodeNil())
                #expect(try list.nestedContainer(keyedBy: Keys.self).decode(Int.self, forKey: .a) == 1)
                var inner = try list.nestedUnkeyedContainer()
                #expect(try inner.decode(String.self) == "x")
                #expect(try Int(from: list.superDecoder()) == 5)
                let nested = try container.nestedContainer(keyedBy: Keys.self, forKey: .nested)
                #expect(try nested.decodeNil(forKey: .a))
                #expect(try Int(from: container.superDecoder()) == 6)
                #expect(try Int(from: container.superDecoder(forKey: .own)) == 7)
            }
        }
        _ = try JSON(parsing: #"{"list":[null,{"a":1},["x"],5],"nested":{"a":null},"super":6,"own":7}"#)
            .decode(Value.self)
    }

    @Test("random values for random types decode or throw", arguments: 1...3)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let values: [JSON] = [
            nil, true, 0, -1, 300, .integer(.max), .number(1e300), .number(-1e19), .number(.nan), 1.5, "", "1", "a", [],
            [1], [nil], [:], ["k": 1], "2016-04-11T18:51:32Z", "-99999999-01-01T00:00:00Z",
        ]
        let types: [any Decodable.Type] = [
            Bool.self, String.self, Int.self, Int8.self, UInt64.self, Double.self, Float.self, Date.self, Data.self,
            URL.self, Decimal.self, [Int].self, [String: Date].self, Int?.self, [Double?].self, Everything.self,
        ]
        for _ in 0..<2000 {
            var value = values[random.next(below: values.count)]
            if random.next(below: 3) == 0 { value = [value] }
            if random.next(below: 5) == 0 { value = ["k": value] }
            let type = types[random.next(below: types.count)]
            guard let read = try? value.decode(type), let encodable = read as? any Encodable else { continue }
            _ = try? JSON(encodable)
        }
    }
}
