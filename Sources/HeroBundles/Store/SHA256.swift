// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// SHA-256 (FIPS 180-4) by the system's OpenSSL.
package enum SHA256 {
    /// - Returns: 64 hexadecimal digits in small letters.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        // Not SHA256(): that one prepares all of OpenSSL first, which would be 5 % of the time until the first answer.
        var state = SHA256_CTX()
        SHA256_Init(&state)
        bytes.withUnsafeBufferPointer { input in
            _ = SHA256_Update(&state, input.baseAddress, input.count)
        }
        SHA256_Final(&digest, &state)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
