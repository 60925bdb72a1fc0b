// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// A body that is a file, or parts of one.
struct FileBody {
    let pieces: [FilePiece]
    /// The length of all pieces, in bytes.
    let count: Int

    init(_ plan: FilePlan) {
        let pieces = plan.parts.compactMap { part -> FilePiece? in
            switch part {
            case .text(let text): .bytes(ByteBuffer(string: text))
            case .file(let range): range.isEmpty ? nil : plan.variant.file.piece(range)
            }
        }
        self.pieces = Self.joined(pieces)
        count = pieces.reduce(0) { $0 + $1.count }
    }

    /// Pieces that are all in memory are one.
    private static func joined(_ pieces: [FilePiece]) -> [FilePiece] {
        guard pieces.count > 1 else { return pieces }
        var all = ByteBuffer()
        for piece in pieces {
            guard case .bytes(let bytes) = piece else { return pieces }
            all.writeImmutableBuffer(bytes)
        }
        return [.bytes(all)]
    }

    /// The whole body, if it is one piece that is in memory.
    var singleBytes: ByteBuffer? {
        if pieces.count == 1, case .bytes(let bytes) = pieces[0] { return bytes }
        return nil
    }

    /// Writes it to a connection.
    ///
    /// - Returns: Done when everything has left, and failed as soon as something cannot.
    func write(to sender: FileSender, _ eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let writes = pieces.map { piece in
            let written = eventLoop.makePromise(of: Void.self)
            sender.send(piece, written)
            return written.futureResult
        }
        sender.flush()
        return EventLoopFuture.andAllSucceed(writes, on: eventLoop)
    }
}
