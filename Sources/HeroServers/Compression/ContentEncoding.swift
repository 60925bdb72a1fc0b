// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How the body of a response can be packed, by its name in HTTP.
enum ContentEncoding: String, Decodable, Sendable {
    case brotli = "br"
    case gzip
    case deflate

    /// - Parameters:
    ///   - available: Encodings that may be used, the preferred ones first.
    ///   - accepted: What the client says about them.
    /// - Returns: The one that the client likes best, or `nil` where it likes the body better as it is.
    static func best(of available: [ContentEncoding], _ accepted: AcceptedEncodings) -> ContentEncoding? {
        var best: ContentEncoding?
        var highest = 0
        for encoding in available {
            let quality = accepted.quality(encoding.rawValue)
            if quality > highest { (best, highest) = (encoding, quality) }
        }
        // Whoever names encodings prefers them to none, unless it says otherwise.
        return highest >= accepted.quality("identity") ? best : nil
    }
}
