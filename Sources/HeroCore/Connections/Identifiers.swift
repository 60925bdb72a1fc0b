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
        Hexadecimal.write(high >> 32, digits: 8, to: buffer, at: 0)
        buffer[8] = UInt8(ascii: "-")
        Hexadecimal.write(high >> 16, digits: 4, to: buffer, at: 9)
        buffer[13] = UInt8(ascii: "-")
        Hexadecimal.write(high, digits: 4, to: buffer, at: 14)
        buffer[18] = UInt8(ascii: "-")
        Hexadecimal.write(low >> 48, digits: 4, to: buffer, at: 19)
        buffer[23] = UInt8(ascii: "-")
        Hexadecimal.write(low, digits: 12, to: buffer, at: 24)
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
        Hexadecimal.write(words.0, digits: 16, to: buffer, at: 0)
        Hexadecimal.write(words.1, digits: 16, to: buffer, at: 16)
        Hexadecimal.write(UInt64(words.2), digits: 8, to: buffer, at: 32)
    }

    package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
    }
}

enum Hexadecimal {
    /// Writes the lowest digits of a number, most significant first.
    static func write(_ number: UInt64, digits: Int, to buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        var rest = number
        for position in stride(from: start + digits - 1, through: start, by: -1) {
            let nibble = UInt8(truncatingIfNeeded: rest & 15)
            // Letters begin 39 places behind the digits.
            buffer[position] = UInt8(ascii: "0") &+ nibble &+ (nibble > 9 ? 39 : 0)
            rest >>= 4
        }
    }
}

/// Random numbers from the system, fetched in blocks: a system call per number would cost as much as a whole request.
///
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
