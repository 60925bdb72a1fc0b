// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// An address of IPv6, or of IPv4 in the form that IPv6 has for it.
package struct IPAddress: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    /// - Parameter text: As people write it; `nil` for anything else, brackets and zones included.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(v4: withUnsafeBytes(of: &v4, Array.init))
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(v6: withUnsafeBytes(of: &v6, Array.init))
        } else {
            return nil
        }
    }

    /// - Parameter bytes: Four, in the order of the network.
    package init(v4 bytes: some Sequence<UInt8>) {
        high = 0
        low = 0xFFFF_0000_0000 | Self.number(bytes)
    }

    /// - Parameter bytes: Sixteen, in the order of the network.
    package init(v6 bytes: some Collection<UInt8>) {
        high = Self.number(bytes.prefix(8))
        low = Self.number(bytes.dropFirst(8))
    }

    /// The first address of a network of IPv6.
    ///
    /// - Parameter high: Its first 64 bits.
    package init(network high: UInt64) {
        self.high = high
        low = 0
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    package var isV4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// As people write it.
    package var text: String {
        if isV4 { return (0..<4).map { String(low >> (24 - 8 * UInt64($0)) & 0xFF) }.joined(separator: ".") }
        var bytes = (high.bigEndian, low.bigEndian)
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
