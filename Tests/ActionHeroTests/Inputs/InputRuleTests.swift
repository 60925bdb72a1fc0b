// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ActionHero

@Suite("what inputs ask of their values")
struct InputRuleTests {
    @Test("a required input is missing when absent, null, empty or undefined; all of them are named in order")
    func required() throws {
        struct Inputs: InputObject {
            @Input("a") var a: String
            @Input("b") var b: Int
            @Input("c") var c: [String]
            @Input("d") var d: String?
            @Input("e") var e = 1
        }
        #expect(try Inputs.read().missing == ["a", "b", "c"])
        #expect(try Inputs.read(["a": "", "b": nil, "c": "undefined"]).missing == ["a", "b", "c"])
        #expect(try Inputs.read(["a": "x", "c": ["y"]]).missing == ["b"])
        // Missing ones come before invalid ones.
        #expect(try Inputs.read(["b": "x", "c": "y"]).missing == ["a"])
        #expect(try Inputs.read(["a": "x", "b": "x", "c": "y", "e": "z"]).invalid?.count == 2)
        let read = try #require(try Inputs.read(["a": "x", "b": 0, "c": [], "e": "7"]).value)
        #expect(read.a == "x" && read.b == 0 && read.c == [] && read.d == nil && read.e == 7)
    }

    @Test("a name other than the property's is the one that requests use")
    func names() throws {
        struct Inputs: InputObject {
            @Input("address", name: "e-mail") var email: String
            @Input("limit", name: "page.limit", default: 3) var limit: Int
        }
        #expect(try Inputs.read(["email": "a"]).missing == ["e-mail"])
        #expect(try Inputs.read(["e-mail": "a", "page.limit": "9"]).value?.limit == 9)
        #expect(try InputTable.of(Inputs.self).names == ["e-mail", "page.limit"])
    }

    @Test("two inputs of one name are refused when the type is read")
    func twice() {
        struct Inputs: InputObject {
            @Input("a") var a: String
            @Input("b", name: "a") var b: String
        }
        #expect {
            try InputTable.of(Inputs.self)
        } throws: {
            "\($0)" == "Inputs declares the input a twice; rename one"
        }
    }

    @Test("a default is made anew for each request, and in an instance made by hand")
    func defaults() throws {
        struct Inputs: InputObject {
            @Input("random", default: .random(in: 0...UInt64.max)) var random: UInt64
            @Input("fixed") var fixed = [1]
            @Input("optional with a default") var maybe: Int? = 4
        }
        let values = try (0..<3).map { _ in try #require(try Inputs.read().value).random }
        #expect(Set(values).count > 1)
        #expect(Inputs().fixed == [1])
        #expect(Inputs().maybe == 4)
        #expect(try Inputs.read().value?.maybe == 4)
        var byHand = Inputs()
        byHand.fixed = [2]
        #expect(byHand.fixed == [2])
        let descriptions = try InputTable.of(Inputs.self).descriptions
        #expect(descriptions.map(\.defaultText) == [nil, "[1]", "4"])
    }

    @Test("formatters run in order, on values that were given and before validators")
    func formatters() throws {
        struct Inputs: InputObject {
            @Input("a", format: .trimmed, .uppercased, .custom { $0 + "!" }, validate: .pattern("^[A-Z]+!$"))
            var a: String
            @Input("b", format: .lowercased) var b: String?
            @Input("c", format: .custom { $0 * 2 }, validate: .range(...10)) var c = 10
        }
        let read = try #require(try Inputs.read(["a": " \tabc\n", "b": "XY"]).value)
        #expect(read.a == "ABC!")
        #expect(read.b == "xy")
        #expect(read.c == 10)
        #expect(try Inputs.read(["a": "x"]).value?.b == nil)
        #expect(try Inputs.read(["a": "x", "c": 5]).value?.c == 10)
        #expect(try Inputs.read(["a": "x", "c": 6]).invalid == ["c must be at most 10"])
    }

    @Test("a formatter's error ends the reading and is the error")
    func formatterError() throws {
        struct Inputs: InputObject {
            @Input("a") var a: String
            @Input("b", format: .custom { _ in throw ActionError("no b", status: 418) }) var b: String?
            @Input("c") var c: Int?
        }
        // It wins over what is missing before it and invalid behind it.
        let failure = try Inputs.read(["b": "x", "c": "y"]).failure as? ActionError
        #expect(failure == ActionError("no b", status: 418))
        #expect(try Inputs.read(["a": "x"]).value != nil)
    }

    @Test("all validators of all inputs run; each error names its input")
    func validators() throws {
        struct Inputs: InputObject {
            @Input("a", validate: .range(1...5), .custom { $0 % 2 == 0 }) var a: Int
            @Input("b", validate: .oneOf("x", "y")) var b: String?
            @Input("c", validate: .custom("c is wrong") { _ in false }) var c = "default"
            @Input("d", validate: .init { _ in throw ActionError("d is wrong", code: "D") }) var d: Int?
        }
        let standard = "Input for parameter \"a\" failed validation!"
        #expect(
            try Inputs.read(["a": 7, "b": "z", "d": 1]).invalid
                == ["a must be between 1 and 5", standard, "b must be one of x, y", "c is wrong", "d is wrong"])
        // A default is validated, an absent optional is not.
        #expect(try Inputs.read(["a": 2]).invalid == ["c is wrong"])
    }

    @Test("each rule accepts its bounds and says what it wants beyond them")
    func rules() throws {
        func check<Value: Decodable & Sendable>(
            _ rule: Validator<Value>, accepts: [JSON], refuses: [JSON], _ message: String
        ) throws {
            let definition = InputDefinition<Value>(
                help: "", name: nil, isSecret: false, defaultValue: nil, formatters: [], validators: [rule.check])
            for (values, expected) in [(accepts, nil), (refuses, "v \(message)")] as [([JSON], String?)] {
                for value in values {
                    let report = InputReport(missingValues: [])
                    _ = definition.resolve(value, path: [JSONKey("v")], report: report)
                    #expect(report.invalid.first.map { "\($0)" } == expected, "\(value)")
                }
            }
        }
        try check(Validator<Int>.range(1...3), accepts: [1, 3], refuses: [0, 4], "must be between 1 and 3")
        try check(Validator<Double>.range(1.5...), accepts: [1.5, 9], refuses: [1.4], "must be at least 1.5")
        try check(Validator<Int>.range(...3), accepts: [3, -9], refuses: [4], "must be at most 3")
        try check(
            Validator<String>.length(1...3), accepts: ["a", "\u{1F600}bc"], refuses: ["", "abcd"],
            "must have between 1 and 3 characters")
        try check(
            Validator<[Int]>.length(2...), accepts: [[1, 2]], refuses: [[1], []], "must have at least 2 elements")
        try check(
            Validator<String>.length(...1), accepts: ["", "a"], refuses: ["ab"], "must have at most 1 characters")
        try check(
            Validator<String>.pattern("[0-9]{2}"), accepts: ["a12b"], refuses: ["a1b2"], "must match [0-9]{2}")
        try check(
            Validator<String>.pattern("("), accepts: [], refuses: ["a"], "has an unreadable rule: ( – missing ): (")
        try check(Validator<Int>.oneOf(1, 2), accepts: [1, 2], refuses: [3], "must be one of 1, 2")
    }
}
