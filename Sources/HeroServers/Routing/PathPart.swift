// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// A part of a request's path between slashes.
///
/// Routes are compared with what is meant, not with how it is spelled: browsers send `/gr%C3%BC%C3%9Fe` for `/grüße`, and an
/// expression that was compared with escapes would let through what it is there to keep out.
package struct PathPart {
    /// As it was sent.
    let raw: String
    /// Percent-decoded; as it was sent when it cannot be.
    package let text: String

    package init(_ raw: String) {
        self.raw = raw
        text = Self.decoded(raw)
    }

    /// - Parameter text: A part of a path, of a request or of a route.
    /// - Returns: What is meant; the text itself when it cannot be decoded.
    package static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        return PercentEncoding.decode(text.utf8, plusIsSpace: false) ?? text
    }

    /// Small letters for capitals, and everything else as it is: the sign for kelvin is no K, although its small letter is
    /// a k.
    static func withoutCapitals(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 < UInt8(ascii: "A") || $0 > UInt8(ascii: "Z") && $0 < 0x80 }
        guard !isPlain else { return text }
        var small = ""
        for scalar in text.unicodeScalars {
            let mapped = scalar.properties.lowercaseMapping
            if mapped.unicodeScalars.count == 1, let letter = mapped.unicodeScalars.first,
                letter.properties.uppercaseMapping.unicodeScalars.elementsEqual(CollectionOfOne(scalar))
            {
                small.unicodeScalars.append(letter)
            } else {
                small.unicodeScalars.append(scalar)
            }
        }
        return small
    }
}

/// What a variable takes of a path.
struct RouteCapture {
    /// `nil` for what cannot be decoded: there is such a part, and it has no value.
    let value: String?
}
