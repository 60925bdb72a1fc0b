// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Which of the 16384 slots of a Redis Cluster a key is in.
package enum HashSlot {
    package static let count = 16_384

    /// - Parameter key: Of it only the part between the first `{` and the next `}` counts, unless that is empty: keys
    ///   that have it in common are in one slot.
    /// - Returns: 0 to 16383.
    package static func of(_ key: [UInt8]) -> Int {
        Int(crc(tag(key) ?? key[...])) % count
    }

    /// Whether all keys that begin with a text are in one slot.
    package static func hasTag(_ prefix: String) -> Bool { tag(Array(prefix.utf8)) != nil }

    private static func tag(_ key: [UInt8]) -> ArraySlice<UInt8>? {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        else { return nil }
        return key[(open + 1)..<close]
    }

    package static func of(_ key: String) -> Int { of(Array(key.utf8)) }

    /// CRC16/XMODEM: polynomial 0x1021, starts at 0.
    private static func crc(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in (sum << 8) ^ table[Int(UInt8(sum >> 8) ^ byte)] }
    }

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : (sum << 1) ^ 0x1021 }
    }
}
