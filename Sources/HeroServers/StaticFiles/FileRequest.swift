// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a request says about the file that it wants: conditions, ranges, encodings.
struct FileRequest: Equatable {
    var isGet = true
    var isHead = false
    var ifMatch: String?
    var ifNoneMatch: String?
    var ifModifiedSince: String?
    var ifUnmodifiedSince: String?
    var ifRange: String?
    var range: String?
    var acceptEncoding: String?
    var cacheControl: String?

    /// Only these methods have conditions that this server evaluates (RFC 9110, 13.2.1).
    var isConditional: Bool { isGet || isHead }
}
