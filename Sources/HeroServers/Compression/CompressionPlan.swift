// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `web.compress` and `web.compression`: which responses are packed, and how.
struct CompressionPlan: Sendable {
    enum Decision: Equatable {
        /// The response has nothing to do with encodings.
        case untouched
        /// Another client would get it packed, which caches have to know.
        case plain
        case packed(ContentEncoding)
    }

    /// Larger bodies are not packed with brotli: it takes them whole, and has no memory to show for that.
    static let largestBrotliBytes = 4_194_304

    let gzipLevel: Int32
    let brotliLevel: Int32
    /// Larger bodies are packed on a thread of their own; in bytes.
    let backgroundSize: Int
    /// How many responses may be packed at the same time.
    let concurrent: Int
    let encodings: [ContentEncoding]
    let minimumSize: Int
    let types: ContentTypeList
}
