// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("structures as inputs")
struct NestedInputTests {
    private struct Position: InputObject {
        @Input("article", validate: .length(1...)) var article: String
        @Input("how many", validate: .range(1...99)) var count = 1
    }

    private struct Address: InputObject {
        @Input("street", format: .trimmed) var street: String
        @Input("postal code", secret: true, validate: .pattern("^[0-9]{5}$")) var zip: String
    }

    private struct Order: InputObject {
        @Input("where to") var address: Address
        @Input("what") var positions: [Position] = []
        @Input("where the bill goes") var billing: Address?
        @Input("by name") var named: [String: Position] = [:]
    }

    private let address: JSON = ["street": " Main 1 ", "zip": "12345"]

    @Test("their inputs are converted, formatted, defaulted and validated like an action's own")
    func reading() throws {
        let read = try #require(
            try Order.read(["address": address, "positions": [["article": "tea", "count": "3"], ["article": "mug"]]])
                .value)
        #expect(read.address.street == "Main 1")
        #expect(read.positions.map(\.count) == [3, 1])
        #expect(read.billing == nil)
    }

    @Test("text that holds JSON stands for them, as command lines and forms send it")
    func asText() throws {
        let read = try #require(
            try Order.read(["address": .string(address.description), "positions": #"[{"article":"tea"}]"#]).value)
        #expect(read.address.zip == "12345")
        #expect(read.positions.count == 1)
        #expect(try Order.read(["address": "Main 1"]).invalid == ["address must be an object"])
        #expect(try Order.read(["address": "{broken"]).invalid == ["address must be an object"])
    }

    @Test("a missing member is named with its whole path")
    func missing() throws {
        #expect(try Order.read().missing == ["address"])
        #expect(try Order.read(["address": [:]]).missing == ["address.street", "address.zip"])
        #expect(
            try Order.read(["address": address, "positions": [["article": "a"], ["count": 1]]]).missing
                == ["positions[1].article"])
        #expect(try Order.read(["address": address, "billing": ["street": "x"]]).missing == ["billing.zip"])
        #expect(try Order.read(["address": address, "named": ["x": [:]]]).missing == ["named.x.article"])
    }

    @Test("all that is wrong is found, wherever it stands")
    func invalid() throws {
        let problems = try Order.read([
            "address": ["street": [], "zip": "x"], "positions": [["article": "a", "count": 100]], "billing": 5,
        ]).invalid
        #expect(
            problems == [
                "address.street must be text", "address.zip must match ^[0-9]{5}$",
                "positions[0].count must be between 1 and 99", "billing must be an object",
            ])
    }

    @Test("plain Decodable structures are read without rules, and errors name the path")
    func plain() throws {
        struct Point: Decodable, Sendable, Equatable { var x: Int, y: Int? }
        struct Inputs: InputObject {
            @Input("point") var point: Point
            @Input("list") var list: [Point]?
        }
        #expect(try Inputs.read(["point": ["x": "1"]]).value?.point == Point(x: 1, y: nil))
        #expect(try Inputs.read(["point": ["y": 1]]).missing == ["point.x"])
        #expect(
            try Inputs.read(["point": ["x": 1], "list": [["x": 1], ["x": "a"]]]).invalid
                == ["list[1].x must be a whole number"])
    }

    @Test("structures may hold themselves; a deep one from outside is read or refused")
    func recursive() throws {
        struct Tree: InputObject {
            @Input("name") var name = "x"
            @Input("children") var children: [Tree] = []
        }
        var text = "{}"
        for _ in 0..<200 { text = #"{"children":[\#(text)]}"# }
        let parameters = try #require(try JSON(parsing: text).objectValue)
        var tree = try #require(try Tree.read(parameters).value)
        var depth = 0
        while let child = tree.children.first {
            tree = child
            depth += 1
        }
        #expect(depth == 200)
    }

    @Test("documentation knows types, nested inputs, defaults and secrets")
    func descriptions() throws {
        let inputs = try InputTable.of(Order.self).descriptions
        #expect(inputs.map(\.name) == ["address", "positions", "billing", "named"])
        #expect(inputs.map(\.isRequired) == [true, false, false, false])
        #expect(inputs.map(\.type).prefix(3) == ["object", "list of object", "object"])
        #expect(inputs[0].nested.map(\.name) == ["street", "zip"])
        #expect(inputs[0].nested.map(\.isSecret) == [false, true])
        #expect(inputs[1].nested.map(\.type) == ["text", "whole number"])
        #expect(inputs[1].nested.map(\.defaultText) == [nil, "1"])
    }

    @Test("a structure that holds itself is described once")
    func selfReference() throws {
        struct Folder: InputObject {
            @Input("name", secret: true) var name: String
            @Input("folders") var folders: [Folder] = []
            @Input("by name") var named: [String: Folder] = [:]
        }
        struct Inputs: InputObject {
            @Input("root") var root: Folder
            @Input("others") var others: [String: [Folder]] = [:]
        }
        let inputs = try InputTable.of(Inputs.self).descriptions
        #expect(inputs.map(\.type) == ["object", "list of object by name"])
        #expect(inputs[0].nested.map(\.name) == ["name", "folders", "named"])
        #expect(inputs[0].nested.allSatisfy { $0.nested.isEmpty })
        let sent: JSON.Object = [
            "root": ["name": "s", "folders": [["name": "s", "named": ["x": ["name": "s"]]]]],
            "others": ["a": [["name": "s", "folders": #"[{"name":"s"}]"#]]],
        ]
        let hidden = try InputTable.of(Inputs.self).hidingSecrets(of: sent, behind: "x")
        #expect(!JSON.object(hidden).description.contains(#""s""#))
        #expect(!JSON.object(hidden).description.contains(#"\"s\""#))
        #expect(hidden["others"] == ["a": [["name": "x", "folders": #"[{"name":"x"}]"#]]])
    }

    @Test("documentation names every kind of value as a reader would")
    func kinds() throws {
        enum Color: String, Decodable, Sendable, CaseIterable { case red, green }
        struct Inputs: InputObject {
            @Input("a") var a: Bool
            @Input("b") var b: Double?
            @Input("c") var c: [UInt8]
            @Input("d") var d: JSON
            @Input("e") var e: Color
            @Input("f") var f: [[String]]
        }
        #expect(
            try InputTable.of(Inputs.self).descriptions.map(\.type) == [
                "true or false", "number", "list of whole number", "any JSON", "one of red, green",
                "list of list of text",
            ])
    }
}
