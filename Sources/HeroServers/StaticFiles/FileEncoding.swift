// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// An encoding for which a file may have a sibling that is compressed already.
enum FileEncoding: String, CaseIterable, Sendable {
    // In the order of preference: the smaller one first.
    case brotli = "br"
    case gzip

    /// What the sibling's name ends with.
    var suffix: String {
        switch self {
        case .brotli: ".br"
        case .gzip: ".gz"
        }
    }
}
