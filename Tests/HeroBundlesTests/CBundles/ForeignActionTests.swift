// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroBundles
@testable import HeroSystem

@Suite("a function of an existing library is an action without a compiler")
struct ForeignActionTests {
    private let project: TemporaryProject

    init() throws {
        project = try TemporaryProject()
        try FileContents.createDirectory("\(project.root)/vendor")
        try project.compile(Self.source, to: "vendor/libtools.so")
    }

    private func run(_ name: String, _ parameters: JSON.Object) throws -> JSON {
        let action = try #require(try project.actions()[name])
        return try action.run(action.inputs.values(from: parameters, missingValues: [.null, ""]))
    }

    private func refusal(_ text: String) throws -> [BundleProblem] {
        try project.write(text, to: "actions/x.foreign.yml")
        let root = project.root
        let refused = #expect(throws: BundlesRefused.self) { try TemporaryProject.freeze(root) }
        return refused?.problems ?? []
    }

    @Test("a library of the system needs nothing but its name, as the documentation shows")
    func systemLibrary() throws {
        try project.write(AuthorsPage.block("yaml"), to: "actions/power.foreign.yml")
        #expect(try run("power", ["base": "3"]) == ["result": 9.0])
        #expect(try run("power", ["base": 2, "exponent": 10]) == ["result": 1024.0])
        let action = try #require(try project.actions()["power"])
        #expect(action.description == "I raise a number to a power" && action.version == "1")
    }

    @Test("a library of the project is loaded from the generation")
    func projectLibrary() throws {
        try project.write(
            """
            name: shout
            version: 1.10
            library: vendor/libtools.so
            symbol: shout
            release: tools_free
            result: text
            inputs:
              - { name: text, type: text }
              - { name: times, type: int32, default: 1 }
              - { name: flags, type: uint32, default: 255 }
            """, to: "actions/tools.foreign.yml")
        #expect(try run("shout", ["text": "hey", "times": "2"]) == ["result": "HEYHEY"])
        #expect(try project.actions()["shout"]?.version == "1.10")
        let generation = try TemporaryProject.freeze(project.root).generation
        #expect(generation.files.map(\.path) == ["actions/tools.foreign.yml"])
        #expect(generation.files.map(\.name) == ["libtools.so"])
    }

    @Test("a library beside the bundles is no bundle when a foreign action names it")
    func besideBundles() throws {
        try project.compile(Self.source, to: "actions/libtools.so")
        try project.write("library: ./actions/libtools.so\nsymbol: negate", to: "actions/x.foreign.yml")
        #expect(try project.actions().keys.sorted() == ["x"])
        try project.write("library: ./vendor/libtools.so\nsymbol: negate", to: "actions/x.foreign.yml")
        let refused = #expect(throws: BundlesRefused.self) { try project.load() }
        #expect(refused?.problems.map(\.code) == [.note])
    }

    @Test("numbers that do not fit the C type are refused like other wrong values")
    func range() throws {
        try project.write(
            """
            library: ./vendor/libtools.so
            symbol: negate
            result: int32
            inputs: [{ name: number, type: int32 }]
            """, to: "actions/negate.foreign.yml")
        #expect(try run("negate", ["number": 5]) == ["result": -5])
        #expect(throws: InputProblems.self) { try run("negate", ["number": 2_147_483_648]) }
    }

    @Test(
        "what is wrong in the file is said with its line",
        arguments: [
            ("", "1: it is empty; it needs library and symbol at least"),
            (
                "- 1",
                "1: the action is described by keys: name, version, description, library, symbol, release, inputs, result"
            ),
            ("library: libm.so.6", "1: the action needs the key 'symbol'"),
            ("library: libm.so.6\nsymbl: sin", "2: the action has no key 'symbl'; did you mean 'symbol'?"),
            (
                "library: libm.so.6\nsymbol: sin\nresult: float",
                "3: there is no type 'float'; there are boolean, int32, uint32, int64, double, text, json, nothing"
            ),
            ("library: libm.so.6\nsymbol: sin\ninputs: x", "3: inputs of the action must be a list"),
            ("library: libm.so.6\nsymbol: sin\ninputs:\n  - name: x", "4: the input needs the key 'type'"),
            (
                "library: libm.so.6\nsymbol: sin\ninputs:\n  - name: x\n    type: double\n    required: maybe",
                "6: required of the input must be true or false, not 'maybe'"
            ),
            ("library: [a]\nsymbol: sin", "1: library of the action must be a single value"),
        ])
    func syntax(text: String, message: String) throws {
        let problems = try refusal(text)
        #expect(problems.map(\.message) == ["actions/x.foreign.yml:\(message)"])
        #expect(problems.map(\.code) == [.definition])
    }

    @Test("what does not exist is found before anything runs")
    func missing() throws {
        #expect(try refusal("library: libnowhere.so.1\nsymbol: x").map(\.code) == [.library])
        #expect(try refusal("library: vendor/none.so\nsymbol: x").map(\.code) == [.truncated])
        #expect(try refusal("library: actions/x.foreign.yml\nsymbol: x").map(\.code) == [.notShared])
        let problems = try refusal("library: vendor/libtools.so\nsymbol: whisper")
        #expect(problems.map(\.code) == [.symbols])
        #expect(
            problems.map(\.message) == ["actions/x.foreign.yml: vendor/libtools.so has no function whisper"])
        #expect(try refusal("library: libm.so.6\nsymbol: whisper").map(\.code) == [.symbols])
    }

    @Test("a default that the input would refuse is found before anything runs")
    func badDefault() throws {
        let problems = try refusal(
            "library: libm.so.6\nsymbol: sin\ninputs: [{ name: x, type: double, default: ten }]")
        #expect(problems.map(\.message) == ["actions/x.foreign.yml: the default 'ten' of the input x must be a number"])
    }

    @Test("a changed description makes a new generation")
    func generations() throws {
        try project.write("library: libm.so.6\nsymbol: sin", to: "actions/x.foreign.yml")
        let first = try TemporaryProject.freeze(project.root).generation.number
        #expect(try TemporaryProject.freeze(project.root).generation.number == first)
        try project.write("library: libm.so.6\nsymbol: cos", to: "actions/x.foreign.yml")
        let second = try TemporaryProject.freeze(project.root)
        #expect(second.generation.number == first + 1)
        #expect(try second.store.open(second.generation.number).generation == second.generation)
    }

    private static let source = """
        #include <stdint.h>
        #include <stdlib.h>
        #include <string.h>

        #define EXPORT __attribute__((visibility("default")))
        EXPORT char *shout(const char *text, int32_t times, uint32_t flags);
        EXPORT void tools_free(void *memory);
        EXPORT int32_t negate(int32_t number);

        char *shout(const char *text, int32_t times, uint32_t flags) {
            if (flags != 255) abort();
            char *result = calloc((size_t)times, strlen(text) + 1);
            if (!result) return NULL;
            for (int32_t i = 0; i < times; i++) strcat(result, text);
            for (char *next = result; *next; next++) if (*next >= 'a') *next = (char)(*next - 32);
            return result;
        }
        void tools_free(void *memory) { free(memory); }
        int32_t negate(int32_t number) { return -number; }
        """
}
