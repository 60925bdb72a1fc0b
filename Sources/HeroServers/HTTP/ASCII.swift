// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Comparisons of ASCII text without regard to capitals.
enum ASCII {
    /// - Parameters:
    ///   - bytes: In any capitals.
    ///   - text: In small letters.
    /// - Returns: Whether they are the same text.
    static func isEqual(_ bytes: UnsafeRawBufferPointer, to text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for position in 0..<bytes.count where lowercase(bytes[position]) != text.utf8Start[position] { return false }
        return true
    }

    /// - Parameters:
    ///   - bytes: Any.
    ///   - text: With its capitals.
    /// - Returns: Whether they are the same text, with the same capitals.
    static func isExactly(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for position in 0..<bytes.count where bytes[position] != text.utf8Start[position] { return false }
        return true
    }

    /// Whether the text occurs anywhere.
    ///
    /// - Parameters:
    ///   - bytes: In any capitals.
    ///   - text: In small letters.
    /// - Returns: `true` when it stands somewhere in the bytes.
    static func contains(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard bytes.count >= length else { return false }
        return (0...(bytes.count - length)).contains { start in
            isEqual(UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]), to: text)
        }
    }

    static func lowercase(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
