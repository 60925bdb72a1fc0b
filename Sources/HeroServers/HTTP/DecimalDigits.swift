// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Numbers as text without a string.
enum DecimalDigits {
    /// - Parameters:
    ///   - number: Not negative.
    ///   - body: Gets the digits, which are gone afterwards.
    @inline(__always)
    static func of(_ number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var rest = max(number, 0)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var position = 20
            repeat {
                position -= 1
                digits[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            body(UnsafeBufferPointer(rebasing: digits[position..<20]))
        }
    }
}
