// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import CHero
import Testing

@testable import HeroBundles

@Suite("hero_bundle.h is what its documentation says")
struct CHeaderTests {
    private let project: TemporaryProject

    init() throws { project = try TemporaryProject() }

    @Test("the example of the documentation compiles without a warning and answers")
    func example() throws {
        try project.build(AuthorsPage.block("c"), to: "actions/greeting.so")
        let actions = try project.actions()
        #expect(actions.keys.sorted() == ["divide", "greet", "mean"])
        #expect(try run(actions["greet"], ["name": "Ada", "times": "2"]) == ["result": "hello, Ada! hello, Ada!"])
        #expect(try run(actions["divide"], ["dividend": 7, "divisor": 2]) == ["quotient": 3, "remainder": 1])
        #expect(try run(actions["mean"], ["first": 1, "second": 2]) == ["result": 1.5])
        let error = #expect(throws: ActionError.self) { try run(actions["greet"], ["name": "Ada", "times": 11]) }
        #expect(error == ActionError("Ada can be greeted 1 to 10 times", code: "E_TIMES", status: 422))
    }

    @Test("C++ can include it and define the table")
    func cPlusPlus() throws {
        try project.write(
            """
            #include <hero_bundle.h>
            static bool f(const char *x, hero_error *) { return x != nullptr; }
            static const hero_input inputs[] = {{"x", "An x", nullptr, HERO_TYPE_TEXT, HERO_INPUT_REQUIRED, {0, 0}}};
            static const hero_action actions[] = {
                {"a", nullptr, nullptr, inputs, HERO_COUNT(inputs), HERO_TYPE_BOOLEAN, 0, 0, (hero_function)f, nullptr,
                 {0, 0, 0, 0}}};
            HERO_BUNDLE(actions);
            """, to: "bundle.cc")
        try CCompiler.run([
            "-x", "c++", "-std=c++17", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
            "\(project.root)/bundle.cc",
        ])
    }

    @Test("the structures have the sizes and offsets that its comments give")
    func layout() {
        #expect(MemoryLayout<hero_error>.size == 584)
        #expect(MemoryLayout<hero_input>.size == 48)
        #expect(MemoryLayout<hero_action>.size == 96)
        #expect(MemoryLayout<hero_bundle>.size == 64)
        #expect(MemoryLayout<hero_error>.offset(of: \.message) == 72)
        #expect(MemoryLayout<hero_input>.offset(of: \.type) == 24)
        #expect(MemoryLayout<hero_action>.offset(of: \.result_type) == 36)
        #expect(MemoryLayout<hero_action>.offset(of: \.function) == 48)
        #expect(MemoryLayout<hero_action>.offset(of: \.release) == 56)
        #expect(MemoryLayout<hero_bundle>.offset(of: \.action_count) == 16)
        #expect(MemoryLayout<hero_bundle>.offset(of: \.actions) == 24)
    }

    private func run(_ action: CAction?, _ parameters: JSON.Object) throws -> JSON {
        let action = try #require(action)
        return try action.run(action.inputs.values(from: parameters, missingValues: [.null, ""]))
    }
}
