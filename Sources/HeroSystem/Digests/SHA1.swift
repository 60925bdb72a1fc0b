// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// SHA-1 (FIPS 180-4) by the system's OpenSSL: the digest by which Redis names scripts; not for anything that has to be
/// safe.
package enum SHA1 {
    /// - Returns: 40 hexadecimal digits in small letters.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        var running = Running()
        bytes.withUnsafeBytes { running.update($0) }
        return running.hexadecimal()
    }

    /// A digest while its input arrives.
    package struct Running: Sendable {
        private var state = SHA_CTX()

        package init() { SHA1_Init(&state) }

        package mutating func update(_ bytes: UnsafeRawBufferPointer) {
            _ = SHA1_Update(&state, bytes.baseAddress, bytes.count)
        }

        /// The end: nothing may be added after it.
        ///
        /// - Returns: 40 hexadecimal digits in small letters.
        package mutating func hexadecimal() -> String {
            var digest = [UInt8](repeating: 0, count: 20)
            SHA1_Final(&digest, &state)
            return Hexadecimal.text(digest)
        }
    }
}
