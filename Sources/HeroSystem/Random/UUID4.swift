// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
