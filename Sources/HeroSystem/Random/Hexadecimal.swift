// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
