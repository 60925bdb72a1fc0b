// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import NIOCore

/// A request's body, read to its end.
struct ReceivedBody {
    enum Content {
        /// Nobody looked at it.
        case none
        case json(JSON)
        case fields(JSON.Object, files: JSON.Object)
        case unreadable(HTTPFault)
    }

    var content = Content.none
    /// The bytes of the body, unpacked; `nil` unless they are kept.
    var raw: [UInt8]?
    /// Keeps the uploads on the disk.
    var files: RequestFiles?
}
