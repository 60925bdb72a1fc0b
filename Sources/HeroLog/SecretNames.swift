// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Names that stand for secrets wherever they stand: capitals and what is no letter or digit do not matter, so `api_key`
/// also means `apiKey`, `X-Api-Key` and `partner[API_KEY]`.
struct SecretNames: Sendable {
    /// Small letters and digits only.
    private let parts: [[UInt8]]
    private let shortest: Int

    init(_ names: [String]) {
        parts = names.map { Self.plain($0) }.filter { !$0.isEmpty }
        shortest = parts.map(\.count).min() ?? .max
    }

    /// Whether one of the names occurs in a text.
    func occur(in text: String) -> Bool {
        guard text.utf8.count >= shortest else { return false }
        let plain = Self.plain(text)
        return parts.contains { part in
            plain.count >= part.count
                && (0...plain.count - part.count).contains { plain[$0...].starts(with: part) }
        }
    }

    private static func plain(_ text: String) -> [UInt8] {
        text.utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: nil
            }
        }
    }
}
