// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import ActionHero

@Suite("regular expressions of an application")
struct LinearExpressionTests {
    /// With these an engine that goes back needs more time than there is; that the test ends is what it promises.
    @Test("take time in proportion to the text", arguments: ["^(a+)+$", "^(a|aa)+$", "(a*)*b", "^(([a-z])+.)+[A-Z]$"])
    func linear(expression: String) throws {
        let compiled = try LinearExpression(expression)
        #expect(!compiled.matches(String(repeating: "a", count: 100_000) + "!"))
        let rule = Validator<String>.pattern(expression)
        #expect(throws: ValidationFailure.self) { try rule.check(String(repeating: "a", count: 100_000) + "!") }
    }

    @Test(
        "are written as in JavaScript and Swift",
        arguments: [
            (#"^(\d{3}|admin)$"#, ["123", "admin"], ["12", "admins", "\u{661}\u{662}\u{663}"]),
            (#"^\w+$"#, ["a_1"], ["\u{E9}", ""]), (#"^\p{L}+$"#, ["\u{E9}t\u{E9}"], ["1"]),
            ("^.$", ["a", "\u{1F600}", "\u{E9}"], ["ab", ""]), ("^(?<year>[0-9]{4})-", ["2026-"], ["26-"]),
            (#"^\u00e9$"#, ["\u{E9}"], ["e"]), (#"^\u{1F600}$"#, ["\u{1F600}"], ["x"]),
            (#"^[\u0041-\u0043]$"#, ["B"], ["D"]),
            ("(?i)^hero$", ["HERO"], ["her"]), (#"^[\]\-a/]+$"#, ["]-a/"], ["b"]), ("^[]a]+$", ["]a"], ["b"]),
            ("^[^]a]+$", ["b"], ["]"]), (#"^[(?=]+$"#, ["(?="], ["a"]), ("^[[:alpha:]]+$", ["ab"], ["1"]),
            (#"^a\/b$"#, ["a/b"], ["ab"]), (#"\bcat\b"#, ["a cat"], ["cats"]), ("", ["", "a"], []),
            ("^a$", ["a"], ["a\n", "b\na"]), (#"^\x41$"#, ["A"], ["B"]),
        ] as [(String, [String], [String])])
    func syntax(expression: String, matches: [String], others: [String]) throws {
        let compiled = try LinearExpression(expression)
        for text in matches { #expect(compiled.matches(text), "\(text)") }
        for text in others { #expect(!compiled.matches(text), "\(text)") }
    }

    @Test(
        "that cannot take so little time, or are none, are refused with the reason",
        arguments: [
            (#"(a)\1"#, #"it refers back to a group (\1), which can take unbounded time: write it without"#),
            ("(?=a)b", "it has the group (?=…), which can take unbounded time: write it without"),
            ("(?<!a)b", "it has the group (?<!…), which can take unbounded time: write it without"),
            ("(", "missing ): ("), ("[a", "missing ]: [a"), ("a{1001}", "invalid repetition size: {1001}"),
            ("*a", "no argument for repetition operator: *"),
            ("((a{100}){100}){100}", "invalid repetition size: {100}"),
        ])
    func refused(expression: String, reason: String) {
        let error = #expect(throws: LinearExpressionError.self) { try LinearExpression(expression) }
        #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
    }

    @Test("of a rule that can never be met keep the action from being loaded")
    func boot() {
        struct Inputs: InputObject {
            @Input("a", validate: .pattern("(?!x)")) var code: String?
        }
        let error = #expect(throws: InputDeclarationError.self) { try InputTable.of(Inputs.self) }
        #expect(error?.description.hasPrefix("the input code of Inputs has an unreadable rule: (?!x) – it has") == true)
    }

    @Test("do not read more than a megabyte in one go")
    func bound() throws {
        let rule = Validator<String>.pattern("^a*$")
        #expect(throws: Never.self) { try rule.check(String(repeating: "a", count: 1 << 20)) }
        #expect(throws: ValidationFailure.self) { try rule.check(String(repeating: "a", count: 1 << 20 + 1)) }
    }

    @Test("whatever they are do no more than be refused")
    func fuzz() {
        var random = SeededRandom(seed: 29)
        let alphabet = Array("ab(|)[]^$*+?{}1,\\.-:<>=!Pu0x\u{E9}".unicodeScalars)
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<random.next(below: 14) {
                text.unicodeScalars.append(alphabet[random.next(below: alphabet.count)])
            }
            if let compiled = try? LinearExpression(text) { _ = compiled.matches("ab\u{E9}") }
        }
    }
}
