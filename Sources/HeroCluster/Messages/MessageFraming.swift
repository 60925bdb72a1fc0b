// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// Messages between master and worker: a length in four bytes, most significant first, then JSON.
package struct MessageFraming: Sendable {
    /// Longer ones are not believed: whoever sends one is broken.
    package static let limitBytes = 4 << 20

    private var buffer: [UInt8] = []

    package init() {}

    /// The bytes of a message.
    package static func encode(_ message: JSON) -> [UInt8] {
        let text = Array(message.description.utf8)
        let count = UInt32(truncatingIfNeeded: text.count)
        return [UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)] + text
    }

    package mutating func append(_ bytes: some Sequence<UInt8>) { buffer += bytes }

    /// - Returns: The next whole message; `nil` until more bytes have come.
    /// - Throws: ``MessageFault``: what follows cannot be understood either.
    package mutating func next() throws(MessageFault) -> JSON? {
        guard buffer.count >= 4 else { return nil }
        let count = buffer.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard count <= Self.limitBytes else { throw MessageFault(reason: "a message of \(count) bytes") }
        guard buffer.count >= 4 + count else { return nil }
        let text = Array(buffer[4..<(4 + count)])
        buffer.removeFirst(4 + count)
        do {
            return try JSON(parsing: text)
        } catch {
            throw MessageFault(reason: "a message that is not JSON: \(error)")
        }
    }
}

package struct MessageFault: Error, Sendable, CustomStringConvertible {
    let reason: String

    package var description: String { reason }
}
