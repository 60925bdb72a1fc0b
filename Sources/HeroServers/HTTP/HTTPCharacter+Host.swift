// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension HTTPCharacter {
    /// Whether it is a host with or without a port, or nothing (RFC 9110, 7.2, and RFC 3986, 3.2.2).
    ///
    /// A host that this server and a proxy read in two ways would let a client speak for another host.
    static func isAuthority(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first else { return true }
        var position = 0
        if first == UInt8(ascii: "[") {
            position = 1
            while position < bytes.count, isOfAddress(bytes[position]) { position += 1 }
            guard position > 1, position < bytes.count, bytes[position] == UInt8(ascii: "]") else { return false }
            position += 1
        } else {
            while position < bytes.count, bytes[position] != UInt8(ascii: ":") {
                guard isHost(bytes[position]), !isBracket(bytes[position]) else { return false }
                position += 1
            }
            guard position > 0 else { return false }
        }
        guard position < bytes.count else { return true }
        return bytes[position] == UInt8(ascii: ":")
            && bytes[(position + 1)...].allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }

    private static func isBracket(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") }

    /// Whether a byte belongs into an address between brackets; addresses of later versions (`v1.x`) are of no use yet.
    private static func isOfAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: ":"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
