// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

/// A random UUID (RFC 9562, version 4).
package struct UUID4: Sendable, Hashable {
    private let high: UInt64
    private let low: UInt64

    package static func random() -> UUID4 {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    package static func random(using generator: inout some RandomNumberGenerator) -> UUID4 {
        UUID4(
            high: generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000,
            low: generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
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
        var position = 0
        for digit in 0..<32 {
            if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                buffer[position] = UInt8(ascii: "-")
                position += 1
            }
            let half = digit < 16 ? high : low
            buffer[position] = Hexadecimal.digit(UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (digit % 16))))
            position += 1
        }
    }
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
        for digit in 0..<16 {
            let shift = UInt64(60 - 4 * digit)
            buffer[digit] = Hexadecimal.digit(UInt8(truncatingIfNeeded: words.0 >> shift))
            buffer[16 + digit] = Hexadecimal.digit(UInt8(truncatingIfNeeded: words.1 >> shift))
        }
        for digit in 0..<8 {
            buffer[32 + digit] = Hexadecimal.digit(UInt8(truncatingIfNeeded: words.2 >> UInt32(28 - 4 * digit)))
        }
    }

    package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
    }
}

enum Hexadecimal {
    /// - Parameter value: Only the lowest four bits count.
    static func digit(_ value: UInt8) -> UInt8 {
        let nibble = value & 15
        return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}

/// Random numbers from the system, fetched in blocks: a system call per number would cost as much as a whole request.
/// Used by one loop only.
package struct BufferedRandom: RandomNumberGenerator {
    private var block: [UInt64] = Array(repeating: 0, count: 256)
    private var position = 256

    package init() {}

    package mutating func next() -> UInt64 {
        if position == block.count { refill() }
        defer {
            // What was handed out must not be found in memory later.
            block[position] = 0
            position += 1
        }
        return block[position]
    }

    private mutating func refill() {
        let size = block.count * MemoryLayout<UInt64>.size
        let isFilled = block.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { hero_fill_random($0, size) == 0 } ?? false
        }
        if !isFilled {
            // Only where the kernel has no getrandom(2); the standard library knows other ways.
            var system = SystemRandomNumberGenerator()
            for index in block.indices { block[index] = system.next() }
        }
        position = 0
    }
}
