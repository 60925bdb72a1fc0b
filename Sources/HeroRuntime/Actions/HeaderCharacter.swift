// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Which bytes may stand in a header (RFC 9110, 5.5 and 5.6.2), of a request as of a response.
///
/// Sets are bit masks: a look-up is two instructions. The parser of requests asks for each byte, so this has to be inlined
/// into other modules.
package enum HeaderCharacter {
    @inlinable
    package static func isToken(_ byte: UInt8) -> Bool {
        if byte < 64 { return 0x03FF_6CFA_0000_0000 as UInt64 >> UInt64(byte) & 1 == 1 }
        return byte < 128 && 0x57FF_FFFF_C7FF_FFFE as UInt64 >> UInt64(byte - 64) & 1 == 1
    }

    @inlinable
    package static func isFieldValue(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }
}
