// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Percent-decoding as JavaScript's `decodeURIComponent` does it.
package enum PercentEncoding {
    /// - Parameters:
    ///   - text: Bytes as they came in a request.
    ///   - plusIsSpace: Whether `+` stands for a space, as in queries and forms.
    /// - Returns: `nil` when an escape is malformed or the result is not UTF-8.
    package static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool) -> String? {
        bytes(text, plusIsSpace: plusIsSpace).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// - Parameters:
    ///   - text: Bytes as they came in a request.
    ///   - plusIsSpace: Whether `+` stands for a space, as in queries and forms.
    /// - Returns: `nil` when an escape is malformed.
    package static func bytes(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index != text.endIndex {
            let byte = text[index]
            index = text.index(after: index)
            switch byte {
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let decoded = escape(text, at: &index) else { return nil }
                bytes.append(decoded)
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    /// The same, but what cannot be decoded stays as it is, as the reference's query parser does it.
    package static func decodeLeniently(_ text: some Collection<UInt8>, plusIsSpace: Bool) -> String {
        if let decoded = decode(text, plusIsSpace: plusIsSpace) { return decoded }
        let space = UInt8(ascii: " ")
        return String(decoding: text.map { plusIsSpace && $0 == UInt8(ascii: "+") ? space : $0 }, as: UTF8.self)
    }

    private static func escape<Text: Collection<UInt8>>(_ text: Text, at index: inout Text.Index) -> UInt8? {
        var value: UInt8 = 0
        for _ in 0..<2 {
            guard index != text.endIndex, let digit = hexadecimalValue(text[index]) else { return nil }
            value = value << 4 | digit
            index = text.index(after: index)
        }
        return value
    }

    package static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
