// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a file is compared by: what clients keep and send back with conditional requests.
struct FileValidators: Equatable {
    /// `nil` where the configuration wants none.
    var etag: String?
    /// Milliseconds since 1970; `nil` where the date says nothing about the content.
    var modified: Int?

    /// Whole seconds since 1970, as dates of HTTP are.
    var modifiedSeconds: Int? { modified.map { $0 / 1000 - ($0 % 1000 < 0 ? 1 : 0) } }
}
