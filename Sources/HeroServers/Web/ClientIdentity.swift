// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// Where the fingerprint of a client comes from.
enum ClientIdentity: Sendable {
    /// The session cookie or header, as the client sent it.
    case known(String)
    /// Made for this request; the client is asked to keep it.
    case fresh(Fingerprint)

    /// Longest value that is taken from a client, in bytes: applications use it in keys and log it.
    private static let longestValue = 128

    /// Whether a client's own value is taken; otherwise it gets one.
    ///
    /// Letters, digits, and what the usual ways to write bytes as text add to them.
    static func isAcceptable(_ value: String) -> Bool {
        (1...longestValue).contains(value.utf8.count)
            && value.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-._~%+/=:".utf8.contains(byte)
                }
            }
    }

    var text: String {
        switch self {
        case .known(let text): text
        case .fresh(let fingerprint): fingerprint.text
        }
    }
}
