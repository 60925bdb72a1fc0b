// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroConfiguration
import Testing

@Suite("finding the word that was meant")
struct SpellingTests {
    @Test(
        "the nearest word within a few differences, without regard to capitals",
        arguments: [
            ("prot", "port"), ("PORT", "port"), ("hots", "host"), ("timeot", "timeout"), ("maxLogStringLenght", nil),
            ("banana", nil), ("", nil),
        ])
    func nearest(word: String, expected: String?) {
        #expect(Spelling.nearest(to: word, among: ["port", "host", "timeout"]) == expected)
    }

    @Test("a word that was cut short is the only one that begins with it, however much is missing")
    func cutShort() {
        let words = ["generate", "new", "start", "status"]
        #expect(Spelling.nearest(to: "gen", among: words) == "generate")
        #expect(Spelling.nearest(to: "sta", among: words) == nil)
        #expect(Spelling.nearest(to: "ne", among: words) == "new")
    }

    @Test("long words may differ more than short ones, and of equals the first wins")
    func limits() {
        #expect(Spelling.nearest(to: "simultanousActoin", among: ["simultaneousActions"]) == "simultaneousActions")
        #expect(Spelling.nearest(to: "ab", among: ["ax", "ay"]) == "ax")
        #expect(Spelling.nearest(to: "x", among: [String]()) == nil)
    }
}
