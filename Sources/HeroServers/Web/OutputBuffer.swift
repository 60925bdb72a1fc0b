// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The memory that responses are written to, used again when the last one has left.
///
/// Most responses are on their way to the client before the next one is written, so a loop needs no new memory for them.
struct OutputBuffer {
    /// What a loop keeps when it has nothing to do.
    private static let limit = 64 * 1024
    private var kept = ByteBuffer()

    /// - Parameter capacity: Bytes to make room for.
    /// - Returns: An empty buffer, which nobody else sees.
    mutating func take(capacity: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        swap(&buffer, &kept)
        // Makes new memory if the last response has not left yet.
        buffer.clear(minimumCapacity: capacity)
        return buffer
    }

    mutating func keep(_ buffer: ByteBuffer) {
        if buffer.capacity <= Self.limit { kept = buffer }
    }
}
