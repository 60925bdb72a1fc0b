// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test("accessors answer for their own kind only")
    func accessors() {
        let values: [JSON] = [nil, true, 1, 1.5, "a", [1], ["a": 1]]
        #expect(values.map { $0.isNull } == [true, false, false, false, false, false, false])
        #expect(values.map { $0.boolValue } == [nil, true, nil, nil, nil, nil, nil])
        #expect(values.map { $0.intValue } == [nil, nil, 1, nil, nil, nil, nil])
        #expect(values.map { $0.doubleValue } == [nil, nil, 1, 1.5, nil, nil, nil])
        #expect(values.map { $0.stringValue } == [nil, nil, nil, nil, "a", nil, nil])
        #expect(values.map { $0.arrayValue } == [nil, nil, nil, nil, nil, [1], nil])
        #expect(values.map { $0.objectValue } == [nil, nil, nil, nil, nil, nil, ["a": 1]])
        #expect(JSON.number(3).intValue == 3)
        #expect(JSON.number(1e300).intValue == nil)
        #expect(JSON.number(.nan).intValue == nil)
    }

    @Test("elements and members that are not there read as nil")
    func subscripts() {
        let value: JSON = ["list": [1, 2]]
        #expect(value["list"]?[1] == 2)
        #expect(value["list"]?[2] == nil)
        #expect(value["list"]?[-1] == nil)
        #expect(value["nothing"] == nil)
        #expect(value[0] == nil)
        #expect(JSON.string("x")["list"] == nil)
    }

    @Test("writing a member makes an object of whatever was there, and nil removes it")
    func writing() {
        var value: JSON = "text"
        value["b"] = 1
        value["a"] = 2
        value["b"] = 3
        #expect(value.description == #"{"b":3,"a":2}"#)
        value["b"] = nil
        value["c"] = nil
        #expect(value.description == #"{"a":2}"#)
        value["b"] = nil as JSON?
        value["d"] = .null
        #expect(value.description == #"{"a":2,"d":null}"#)
    }

    @Test("a copy of an object does not see later changes, whatever its size", arguments: [0, 1, 12, 13, 40])
    func copies(size: Int) {
        var object = JSON.Object()
        for number in 0..<size { object["k\(number)"] = .integer(number) }
        let copy = object
        object["k0"] = "changed"
        object["new"] = true
        object["k1"] = nil
        #expect(copy.count == size)
        #expect(copy["k0"] == (size > 0 ? 0 : nil))
        #expect(copy["new"] == nil)
        #expect(object["k0"] == "changed")
        #expect(JSON.Object().isEmpty)
    }

    @Test("members are found after others in front of them were removed", arguments: [5, 30])
    func removal(size: Int) {
        var object = JSON.Object()
        for number in 0..<size { object["k\(number)"] = .integer(number) }
        for number in stride(from: 0, to: size, by: 2) { object["k\(number)"] = nil }
        #expect(object.names == stride(from: 1, to: size, by: 2).map { "k\($0)" })
        for number in 0..<size { #expect(object["k\(number)"] == (number % 2 == 1 ? .integer(number) : nil)) }
        object["k0"] = "again"
        #expect(object.names.last == "k0")
    }

    @Test("merging replaces in place and appends what is new")
    func merging() {
        var object: JSON.Object = ["a": 1, "b": 2]
        object.merge(["b": 3, "c": 4])
        #expect(JSON.object(object).description == #"{"a":1,"b":3,"c":4}"#)
        var empty = JSON.Object()
        empty.merge(object)
        empty["a"] = 9
        #expect(object["a"] == 1)
    }

    @Test("objects are equal in any order of their members, arrays in one only")
    func equality() {
        let left: JSON = ["a": 1, "b": [1, 2]]
        #expect(left == ["b": [1, 2], "a": 1])
        #expect(left.hashValue == (["b": [1, 2], "a": 1] as JSON).hashValue)
        #expect(left != ["b": [2, 1], "a": 1])
        #expect(left != ["a": 1])
        #expect((["a": nil] as JSON) != [:])
    }

    @Test("a number is equal to itself however it is stored, as JSON has only one kind of numbers")
    func numbers() {
        #expect(JSON.number(3) == JSON.integer(3))
        #expect(JSON.number(3).hashValue == JSON.integer(3).hashValue)
        #expect(JSON.number(-0.0) == JSON.integer(0))
        #expect(JSON.number(3.5) != JSON.integer(3))
        #expect(JSON.number(9_007_199_254_740_992) != JSON.integer(9_007_199_254_740_993))
        #expect(JSON.number(1e300) == JSON.number(1e300))
        #expect(JSON.number(1) != JSON.bool(true))
        #expect(JSON.integer(0) != JSON.null)
        #expect(Set<JSON>([1, 1.0, 2]).count == 2)
    }
}
