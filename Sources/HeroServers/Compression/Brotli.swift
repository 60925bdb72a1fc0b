// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

/// The system's brotli encoder, opened when the first response is to be packed with it.
enum Brotli {
    /// Whether the system has the library.
    static var isAvailable: Bool { hero_open_brotli() == nil }

    /// - Parameters:
    ///   - bytes: Not more than ``CompressionPlan/largestBrotliBytes``.
    ///   - level: 0 to 11.
    /// - Returns: `nil` when the library is missing or the result would be larger.
    static func pack(_ bytes: UnsafeRawBufferPointer, level: Int32) -> [UInt8]? {
        guard isAvailable, let source = bytes.baseAddress else { return nil }
        // A window larger than the body takes memory for nothing.
        var window: Int32 = 10
        while window < 22, 1 << Int(window) < bytes.count { window += 1 }
        var isPacked = false
        let packed = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            var size = bytes.count
            isPacked =
                buffer.baseAddress.map {
                    hero_brotli_compress(level, window, source, bytes.count, $0, &size) != 0
                } ?? false
            count = isPacked ? size : 0
        }
        return isPacked ? packed : nil
    }
}
