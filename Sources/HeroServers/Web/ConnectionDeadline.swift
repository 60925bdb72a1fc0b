// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// When the patience with a connection ends.
struct ConnectionDeadline {
    enum Kind: Hashable {
        /// The peers have not agreed on how to encrypt.
        case handshake
        /// The server is stopping, and the connection has only just been made: its request is on its way.
        case firstRequest
        /// A request's head has begun to arrive.
        case headers
        /// A body is arriving.
        case body
        /// Nothing is arriving.
        case keepAlive
        /// The client takes no data.
        case write
        /// The last response is on its way; the client is to close.
        case lingering
    }

    let kind: Kind
    let time: NIODeadline
}

/// Tells a client that takes its data slowly from one that takes none.
struct WritingProgress {
    /// Everything that was ever written to the connection.
    var queuedBytes = 0
    /// How much of it the client had taken at the last mark.
    private var takenBytes = 0

    mutating func mark(unsent: Int) { takenBytes = queuedBytes - unsent }

    /// Whether the client has taken anything since the mark.
    func hasMoved(unsent: Int) -> Bool { queuedBytes - unsent > takenBytes }

    static func unsentBytes(_ context: ChannelHandlerContext, _ files: FileSender?) -> Int {
        ((try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0) + (files?.unreadBytes ?? 0)
    }
}

extension ByteBuffer {
    /// Adds what has arrived, letting go of what has been read: a client whose requests never end where its packets do
    /// would make the buffer grow for ever otherwise.
    mutating func append(_ bytes: ByteBuffer) {
        guard readableBytes > 0 else {
            self = bytes
            return
        }
        discardReadBytes()
        writeImmutableBuffer(bytes)
    }
}
