// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import ActionHero

@Suite("names are compared byte by byte")
struct ByteNameTests {
    /// Texts that Swift takes for equal.
    static let pairs = [
        ("caf\u{E9}", "cafe\u{301}"), ("\u{212A}", "K"), ("\u{212B}", "\u{C5}"), ("\u{AC00}", "\u{1100}\u{1161}"),
        ("q\u{307}\u{323}", "q\u{323}\u{307}"), ("\u{2126}", "\u{3A9}"), ("\u{1FEF}", "`"),
    ]

    @Test("so members of JSON that only look alike are two", arguments: pairs)
    func members(first: String, second: String) throws {
        #expect(first == second)
        #expect(!first.isSame(as: second) && ByteKey(first) != ByteKey(second))
        // Beyond a dozen members an index takes over.
        for others in [0, 30] {
            var object = JSON.Object()
            for number in 0..<others { object["m\(number)"] = .integer(number) }
            object[first] = 1
            object[second] = 2
            #expect(object.count == others + 2 && object[first] == 1 && object[second] == 2)
            let back = try JSON(parsing: JSON.object(object).description)
            #expect(back == .object(object) && back[first] == 1 && back[second] == 2)
            object[first] = nil
            #expect(object[first] == nil && object[second] == 2)
        }
        #expect(JSON.string(first) != .string(second))
        #expect(([first: 1] as JSON.Object) != [second: 1])
        #expect(Set([JSON.string(first), .string(second)]).count == 2)
    }

    @Test("so an input takes its own name only, and a choice its own texts", arguments: pairs)
    func inputs(first: String, second: String) throws {
        let inputs = try DynamicInputs([
            DynamicInput(name: first, help: "a", kind: .text, isRequired: false),
            DynamicInput(name: second, help: "b", kind: .text, isRequired: false),
        ])
        #expect(try inputs.values(from: [second: "x"], missingValues: []) == [nil, "x"])
        #expect(inputs.table.hasInput(first) && !inputs.table.hasInput(first + second))
        let rule = Validator<String>.oneOf(first)
        #expect(throws: Never.self) { try rule.check(first) }
        #expect(throws: ValidationFailure.self) { try rule.check(second) }
    }

    @Test("and equal bytes are equal, however they are kept")
    func property() {
        var random = SeededRandom(seed: 8)
        let alphabet = ["a", "e\u{301}", "\u{E9}", "\u{1F600}", "K", "\u{212A}"]
        for _ in 0..<5000 {
            func text() -> String { (0..<random.next(below: 9)).map { _ in alphabet[random.next(below: 6)] }.joined() }
            let (left, right) = (text(), text())
            let isSame = Array(left.utf8) == Array(right.utf8)
            #expect(left.isSame(as: right) == isSame)
            #expect((ByteKey(left) == ByteKey(right)) == isSame)
            // A slice of a longer text is kept in another way.
            let copy = String(("x" + left).unicodeScalars.dropFirst())
            #expect(ByteKey(copy) == ByteKey(left) && ByteKey(copy).hashValue == ByteKey(left).hashValue)
        }
    }
}
