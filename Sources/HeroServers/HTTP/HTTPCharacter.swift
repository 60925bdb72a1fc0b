// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime

/// Which bytes may stand where (RFC 9110, 5.5 and 5.6.2; RFC 3986).
///
/// Sets are bit masks: a look-up is two instructions.
enum HTTPCharacter {
    static func isToken(_ byte: UInt8) -> Bool { HeaderCharacter.isToken(byte) }

    /// Everything visible.
    ///
    /// Bytes from 0x80 should be percent-encoded, but clients send them.
    static func isTarget(_ byte: UInt8) -> Bool { byte > 0x20 && byte != 0x7F }

    static func isFieldValue(_ byte: UInt8) -> Bool { HeaderCharacter.isFieldValue(byte) }

    /// What hosts and ports are written with (RFC 3986, 3.2.2 and 3.2.3).
    static func isHost(_ byte: UInt8) -> Bool {
        if byte < 64 { return hostsBelow64 >> UInt64(byte) & 1 == 1 }
        return byte < 128 && hostsFrom64 >> UInt64(byte - 64) & 1 == 1
    }

    private static var hostsBelow64: UInt64 { 0x2FFF_7FF2_0000_0000 }
    private static var hostsFrom64: UInt64 { 0x47FF_FFFE_AFFF_FFFE }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
