// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Bytes as clients pack them.
enum Packed {
    static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var count = compressBound(UInt(bytes.count))
        var packed = [UInt8](repeating: 0, count: Int(count))
        precondition(compress2(&packed, &count, bytes, UInt(bytes.count), 9) == Z_OK)
        return Array(packed.prefix(Int(count)))
    }

    static func bareDeflate(_ bytes: [UInt8]) -> [UInt8] { Array(zlib(bytes).dropFirst(2).dropLast(4)) }

    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        func word(_ value: UInt) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + bareDeflate(bytes)
            + word(crc32(0, bytes, UInt32(bytes.count))) + word(UInt(bytes.count))
    }
}
