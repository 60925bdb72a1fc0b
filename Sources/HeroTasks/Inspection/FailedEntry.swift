// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroSystem

/// An entry of `failed`, as far as it can be read: other programs write some, too.
package struct FailedEntry: Sendable, Hashable {
    /// Exactly as it is in the list.
    package let bytes: [UInt8]
    /// By which a person names it: the beginning of its SHA-1.
    ///
    /// Positions change whenever an entry is removed.
    package let id: String
    package let task: String?
    package let queue: String?
    package let worker: String?
    package let exception: String?
    package let message: String?
    /// As whoever wrote it has written it.
    package let failedAt: String?
    /// The inputs, if the entry has a job.
    package let arguments: [JSON]

    /// Digits of ``id``.
    package static let idLength = 12

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        id = String(SHA1.hexadecimal(bytes).prefix(Self.idLength))
        let json = try? JSON(parsing: bytes)
        let payload = json?["payload"]
        task = payload?["class"]?.stringValue
        queue = json?["queue"]?.stringValue ?? payload?["queue"]?.stringValue
        worker = json?["worker"]?.stringValue
        exception = json?["exception"]?.stringValue
        message = json?["error"]?.stringValue
        failedAt = json?["failed_at"]?.stringValue
        arguments = payload?["args"]?.arrayValue ?? []
    }
}
