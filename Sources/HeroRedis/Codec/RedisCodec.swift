// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Commands to bytes, bytes to replies, for one connection and its event loop.
///
/// The one place to replace hiredis; nothing above knows how replies are read.
package protocol RedisCodec: AnyObject {
    /// Appends a command.
    ///
    /// - Parameters:
    ///   - arguments: Name first.
    ///   - buffer: Gets the command's bytes.
    func encode(_ arguments: [[UInt8]], into buffer: inout ByteBuffer)

    /// Takes what has arrived; 16 KiB at a time are handled best.
    ///
    /// - Parameter bytes: Any slice of the stream; valid during the call only.
    func feed(_ bytes: UnsafeRawBufferPointer)

    /// Takes the next whole reply.
    ///
    /// - Returns: `nil` when more bytes are needed.
    /// - Throws: ``RedisProtocolError`` when the stream is not to be understood, from then on each time.
    func next() throws(RedisProtocolError) -> RESPValue?
}

/// What a peer has sent is no RESP, or more than anybody wants.
package struct RedisProtocolError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// What one reply may be, so that a peer cannot take all memory.
package struct RedisReplyLimits: Sendable, Hashable {
    /// Bytes of one reply, as they are sent.
    package var bytes = 64 << 20
    /// Values in one reply, those of arrays in arrays counted; each takes some forty bytes here and as few as four there.
    package var values = 1 << 21
    /// Bytes of a status, an error, a number or a length.
    package var lineBytes = 65_536

    package init() {}
}

extension ByteBuffer {
    /// Appends a command as RESP: an array of strings.
    package mutating func writeRedisCommand(_ arguments: [[UInt8]]) {
        writeRedisHeader(UInt8(ascii: "*"), arguments.count)
        for argument in arguments {
            writeRedisHeader(UInt8(ascii: "$"), argument.count)
            writeBytes(argument)
            writeRedisLineEnd()
        }
    }

    private mutating func writeRedisHeader(_ mark: UInt8, _ count: Int) {
        writeInteger(mark)
        if count < 10 {
            writeInteger(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: count))
        } else {
            writeString(String(count))
        }
        writeRedisLineEnd()
    }

    private mutating func writeRedisLineEnd() { writeInteger(0x0D0A as UInt16) }

    /// About as many bytes as the command has, for limits.
    static func redisCommandBytes(_ arguments: [[UInt8]]) -> Int {
        arguments.reduce(8) { $0 + $1.count + 8 }
    }
}
