// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroSystem
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

    @Test("the digits are those of the random numbers, the most significant first")
    func digits() {
        struct Given: RandomNumberGenerator {
            var numbers: [UInt64]
            mutating func next() -> UInt64 { numbers.removeFirst() }
        }
        var random = Given(numbers: [0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210])
        #expect(UUID4.random(using: &random).text == "01234567-89ab-4def-bedc-ba9876543210")
        random = Given(numbers: [0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, 0xFFFF_FFFF_09AF_90FA])
        #expect(Fingerprint.random(using: &random).text == "0123456789abcdeffedcba987654321009af90fa")
    }
}
