// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroSystem
import Testing

@Suite("SHA-1")
struct SHA1Tests {
    @Test(
        "gives the digests of FIPS 180-4, at the edges of its blocks too",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        ])
    func vectors(text: String, digest: String) {
        #expect(SHA1.hexadecimal(Array(text.utf8)) == digest)
    }

    @Test("of pieces is that of the whole")
    func pieces() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
        var running = SHA1.Running()
        for start in stride(from: 0, to: bytes.count, by: 7) {
            Array(bytes[start..<min(start + 7, bytes.count)]).withUnsafeBytes { running.update($0) }
        }
        #expect(running.hexadecimal() == SHA1.hexadecimal(bytes))
    }
}
