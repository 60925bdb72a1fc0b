// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
