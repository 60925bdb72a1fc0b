// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("inputs that are described by data")
struct DynamicInputTests {
    private func input(
        _ name: String, _ kind: DynamicInput.Kind, required: Bool = true, secret: Bool = false, standard: String? = nil
    ) -> DynamicInput {
        DynamicInput(
            name: name, help: "help", kind: kind, isRequired: required, isSecret: secret, defaultText: standard)
    }

    private func read(_ inputs: [DynamicInput], _ parameters: JSON.Object) throws -> Reading<[JSON?]> {
        let inputs = try DynamicInputs(inputs)
        do throws(InputProblems) {
            return .read(try inputs.values(from: parameters, missingValues: [nil, ""]))
        } catch {
            switch error {
            case .missing(let names): return .missing(names)
            case .invalid(let errors): return .invalid(errors.map { "\($0)" })
            case .failed(let error): return .failed(error)
            }
        }
    }

    private var all: [DynamicInput] {
        [
            input("flag", .boolean), input("small", .int32), input("unsigned", .uint32), input("whole", .integer),
            input("number", .number), input("text", .text), input("json", .json),
        ]
    }

    @Test("text is converted to each kind as for a Swift action")
    func conversion() throws {
        let values = try read(
            all,
            [
                "flag": "yes", "small": "-5", "unsigned": "4294967295", "whole": "7", "number": "0.5", "text": "x",
                "json": #"{"a":[1]}"#,
            ]
        ).value
        #expect(values == [true, -5, 4_294_967_295, 7, 0.5, "x", ["a": [1]]])
    }

    @Test("what is missing and what does not fit is named")
    func problems() throws {
        #expect(try read(all, [:]).missing == all.map(\.name))
        let problems = try read(
            all,
            [
                "flag": "?", "small": 3_000_000_000, "unsigned": -1, "whole": 1.5, "number": "x", "text": "a\0b",
                "json": "kept as text",
            ]
        ).invalid
        #expect(
            problems == [
                "flag must be true or false", "small must be between -2147483648 and 2147483647",
                "unsigned must be between 0 and 4294967295", "whole must be a whole number",
                "number must be a number", "text must not contain NUL characters",
            ])
    }

    @Test("an absent one is nil or its default")
    func absent() throws {
        let inputs = [
            input("a", .integer, required: false), input("b", .integer, required: false, standard: "5"),
            input("c", .json, required: false, standard: "[1]"), input("d", .text, required: false, standard: ""),
        ]
        #expect(try read(inputs, [:]).value == [nil, 5, [1], ""])
        #expect(try read(inputs, ["a": "1", "b": "", "c": "[2]", "d": "x"]).value == [1, 5, [2], "x"])
        #expect(try DynamicInputs(inputs).table.descriptions.map(\.defaultText) == [nil, "5", "[1]", #""""#])
    }

    @Test("a default that a request could not send is refused when the action is read")
    func badDefaults() {
        func fault(_ input: DynamicInput) -> String? {
            do {
                _ = try DynamicInputs([input])
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(
            fault(input("n", .integer, standard: "x")) == "the default 'x' of the input n must be a whole number")
        #expect(fault(input("n", .integer, standard: "")) == "the default '' of the input n is empty")
        #expect(
            fault(input("j", .json, standard: "{"))
                == "the default '{' of the input j is not JSON: unexpected end of input at byte 1")
        #expect(fault(input("t", .text, standard: "a\0"))?.hasSuffix("must not contain NUL characters") == true)
    }

    @Test("documentation sees them as inputs like any other")
    func table() throws {
        let table = try DynamicInputs([input("a", .integer), input("b", .text, required: false, secret: true)]).table
        #expect(table.names == ["a", "b"])
        #expect(table.descriptions.map(\.isSecret) == [false, true])
        #expect(table.descriptions.map(\.isRequired) == [true, false])
        #expect(table.descriptions.map(\.type) == ["whole number", "text"])
        #expect(table.hasInput("a") && !table.hasInput("c"))
    }
}
