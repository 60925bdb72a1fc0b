// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroCore
import HeroTestSupport
import Testing

@Suite("identifiers of requests and clients")
struct IdentifierTests {
    @Test("a UUID is of version 4 and variant 1, in small hexadecimal digits")
    func uuid() throws {
        var random = SeededRandom(seed: 1)
        let form = try Regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
        var seen: Set<String> = []
        for _ in 0..<200 {
            let text = UUID4.random(using: &random).text
            #expect(text.wholeMatch(of: form) != nil, "\(text)")
            seen.insert(text)
        }
        #expect(seen.count == 200)
        #expect(UUID4.random() != UUID4.random())
    }

    @Test("a fingerprint has 40 hexadecimal digits")
    func fingerprint() {
        var random = SeededRandom(seed: 2)
        let (one, two) = (Fingerprint.random(using: &random), Fingerprint.random(using: &random))
        #expect(one != two)
        #expect(one.text.count == 40 && one.text.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    }

    @Test("numbers fetched in blocks do not repeat over a block's end")
    func blocks() {
        var random = BufferedRandom()
        let numbers = (0..<1000).map { _ in random.next() }
        #expect(Set(numbers).count == 1000)
        #expect(!numbers.contains(0))
    }
}
