// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("JSON under random input")
struct JSONFuzzTests {
    @Test("random bytes are read or refused", arguments: 1...4)
    func bytes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let alphabet = Array(#"{}[]",:\utrfn0123456789eE+-. "#.utf8) + [0, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
        for _ in 0..<5000 {
            let bytes = (0..<random.next(below: 40)).map { _ in alphabet[random.next(below: alphabet.count)] }
            check(bytes)
        }
    }

    @Test("damaged documents are read or refused", arguments: 1...4)
    func damage(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2000 {
            var bytes = Array(value(&random, depth: 4).description.utf8)
            for _ in 0...random.next(below: 3) where !bytes.isEmpty {
                let position = random.next(below: bytes.count)
                switch random.next(below: 3) {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: position)
                default: bytes.removeLast(bytes.count - position)
                }
            }
            check(bytes)
        }
    }

    @Test("what was written reads back as the same value, compact and indented", arguments: 1...4)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<1500 {
            let value = value(&random, depth: 5)
            let text = value.description
            #expect(try JSON(parsing: text) == value)
            #expect(try JSON(parsing: value.text(indent: 2)) == value)
            #expect(try JSON(parsing: text).description == text)
        }
    }

    @Test("any double reads back as the same double", arguments: 1...4)
    func doubles(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20_000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            #expect(try JSON(parsing: JSON.number(number).description).doubleValue == number)
        }
    }

    /// A value that was read has a text which reads back as the same value.
    private func check(_ bytes: [UInt8]) {
        guard let value = try? JSON(parsing: bytes) else { return }
        let text = value.description
        #expect((try? JSON(parsing: text))?.description == text)
    }

    private func value(_ random: inout SeededRandom, depth: Int) -> JSON {
        switch random.next(below: depth > 0 ? 9 : 7) {
        case 0: return .null
        case 1: return .bool(random.next(below: 2) == 0)
        case 2: return .integer(Int(bitPattern: UInt(random.next())))
        case 3: return .integer(random.next(below: 2000) - 1000)
        case 4: return .number(Double(random.next(below: 2_000_001) - 1_000_000) / 1024)
        case 5, 6: return .string(text(&random))
        case 7: return .array((0..<random.next(below: 6)).map { _ in value(&random, depth: depth - 1) })
        default:
            var object = JSON.Object()
            for _ in 0..<random.next(below: 20) { object[text(&random)] = value(&random, depth: depth - 1) }
            return .object(object)
        }
    }

    private func text(_ random: inout SeededRandom) -> String {
        let ranges: [ClosedRange<UInt32>] = [0...0x7F, 0x20...0x7E, 0x80...0x7FF, 0x800...0xD7FF, 0x1_0000...0x10_FFFF]
        var text = ""
        for _ in 0..<random.next(below: 8) {
            let range = ranges[random.next(below: ranges.count)]
            text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: range, using: &random)) ?? "?")
        }
        return text
    }
}
