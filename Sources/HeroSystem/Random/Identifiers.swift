// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

/// A random UUID (RFC 9562, version 4).
package struct UUID4: Sendable, Hashable {
    private let high: UInt64
    private let low: UInt64

    private init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    package static func random() -> UUID4 {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    package static func random(using generator: inout some RandomNumberGenerator) -> UUID4 {
        UUID4(
            high: generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000,
            low: generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }

    /// Reads what ``text`` writes.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        var (words, digits): ((UInt64, UInt64), Int) = ((0, 0), 0)
        for (position, byte) in bytes.enumerated() {
            if [8, 13, 18, 23].contains(position) {
                guard byte == Self.dash else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
            digits += 1
        }
        // As write(to:) takes them apart.
        (high, low) = (words.0, words.1)
    }

    /// `2b1d3f4e-…`, 36 characters.
    package var text: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            write(to: buffer)
            return 36
        }
    }

    /// - Parameter buffer: Room for 36 bytes.
    package func write(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        let middle = Hexadecimal.digits(UInt32(truncatingIfNeeded: high))
        let next = Hexadecimal.digits(UInt32(truncatingIfNeeded: low >> 32))
        Hexadecimal.write(Hexadecimal.digits(UInt32(truncatingIfNeeded: high >> 32)), to: bytes, at: 0)
        Hexadecimal.write(UInt32(truncatingIfNeeded: middle >> 32), to: bytes, at: 9)
        Hexadecimal.write(UInt32(truncatingIfNeeded: middle), to: bytes, at: 14)
        Hexadecimal.write(UInt32(truncatingIfNeeded: next >> 32), to: bytes, at: 19)
        Hexadecimal.write(UInt32(truncatingIfNeeded: next), to: bytes, at: 24)
        Hexadecimal.write(Hexadecimal.digits(UInt32(truncatingIfNeeded: low)), to: bytes, at: 28)
        (bytes[8], bytes[13], bytes[18], bytes[23]) = (Self.dash, Self.dash, Self.dash, Self.dash)
    }

    private static var dash: UInt8 { UInt8(ascii: "-") }
}

/// 40 hexadecimal digits from the system's generator; the reference has a SHA-1 there.
package struct Fingerprint: Sendable, Hashable {
    private let words: (UInt64, UInt64, UInt32)

    package static func random(using generator: inout some RandomNumberGenerator) -> Fingerprint {
        Fingerprint(words: (generator.next(), generator.next(), UInt32(truncatingIfNeeded: generator.next())))
    }

    private init(words: (UInt64, UInt64, UInt32)) {
        self.words = words
    }

    package var text: String {
        String(unsafeUninitializedCapacity: 40) { buffer in
            write(to: buffer)
            return 40
        }
    }

    /// - Parameter buffer: Room for 40 bytes.
    package func write(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        Hexadecimal.write(Hexadecimal.digits(UInt32(truncatingIfNeeded: words.0 >> 32)), to: bytes, at: 0)
        Hexadecimal.write(Hexadecimal.digits(UInt32(truncatingIfNeeded: words.0)), to: bytes, at: 8)
        Hexadecimal.write(Hexadecimal.digits(UInt32(truncatingIfNeeded: words.1 >> 32)), to: bytes, at: 16)
        Hexadecimal.write(Hexadecimal.digits(UInt32(truncatingIfNeeded: words.1)), to: bytes, at: 24)
        Hexadecimal.write(Hexadecimal.digits(words.2), to: bytes, at: 32)
    }

    package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
    }
}

/// Eight digits at a time: one at a time took a hundredth of a request.
enum Hexadecimal {
    /// The digits of a number as ASCII, the first one in the highest byte.
    static func digits(_ number: UInt32) -> UInt64 {
        // One digit into each byte.
        var spread = UInt64(number)
        spread = (spread << 16 | spread) & 0x0000_FFFF_0000_FFFF
        spread = (spread << 8 | spread) & 0x00FF_00FF_00FF_00FF
        spread = (spread << 4 | spread) & 0x0F0F_0F0F_0F0F_0F0F
        // 1 where the digit is a letter; letters begin 39 places behind the digits.
        let letters = (spread + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return spread + 0x3030_3030_3030_3030 + letters * 39
    }

    /// Writes text held in a number, the highest byte first.
    static func write<Text: FixedWidthInteger & BitwiseCopyable>(
        _ text: Text, to buffer: UnsafeMutableRawBufferPointer, at start: Int
    ) {
        buffer.storeBytes(of: text.bigEndian, toByteOffset: start, as: Text.self)
    }

    /// - Returns: Two digits in small letters for each byte.
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// Random numbers of the kernel, fetched in blocks by each thread.
///
/// What `SystemRandomNumberGenerator` gives too where the compiler knows it; through a generic function that one makes a
/// system call for each number.
package struct BlockRandom: RandomNumberGenerator {
    package init() {}

    package mutating func next() -> UInt64 {
        var number: UInt64 = 0
        guard hero_random(&number, MemoryLayout<UInt64>.size) == 0 else {
            // Only where the kernel has no getrandom(2); the standard library knows other ways.
            var system = SystemRandomNumberGenerator()
            return system.next()
        }
        return number
    }
}
