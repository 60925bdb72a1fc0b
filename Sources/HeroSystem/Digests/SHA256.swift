// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// SHA-256 (FIPS 180-4) by the system's OpenSSL.
package enum SHA256 {
    /// - Returns: 64 hexadecimal digits in small letters.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        var running = Running()
        bytes.withUnsafeBytes { running.update($0) }
        return running.hexadecimal()
    }

    /// - Returns: 32 bytes.
    package static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var running = Running()
        bytes.withUnsafeBytes { running.update($0) }
        return running.digest()
    }

    /// A digest while its input arrives.
    package struct Running: Sendable {
        private var state = SHA256_CTX()

        /// Not SHA256(): that one prepares all of OpenSSL first, which would be 5 % of the time until the first answer.
        package init() { SHA256_Init(&state) }

        package mutating func update(_ bytes: UnsafeRawBufferPointer) {
            _ = SHA256_Update(&state, bytes.baseAddress, bytes.count)
        }

        mutating func digest() -> [UInt8] {
            var digest = [UInt8](repeating: 0, count: 32)
            SHA256_Final(&digest, &state)
            return digest
        }

        /// The end: nothing may be added after it.
        ///
        /// - Returns: 64 hexadecimal digits in small letters.
        package mutating func hexadecimal() -> String { Hexadecimal.text(digest()) }
    }
}
