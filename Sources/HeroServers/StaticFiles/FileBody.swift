// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// A body that is a file, or parts of one; to be written or closed.
struct FileBody {
    let pieces: [FilePiece]
    /// Of all pieces, in bytes.
    let count: Int

    /// - Throws: `unreadable` when the process has no descriptors left.
    init(_ plan: FilePlan) throws(FileFault) {
        var pieces: [FilePiece] = []
        do throws(FileFault) {
            for part in plan.parts {
                switch part {
                case .text(let text): pieces.append(.bytes(ByteBuffer(string: text)))
                case .file(let range) where range.isEmpty: continue
                case .file(let range): pieces.append(try plan.variant.file.piece(range))
                }
            }
        } catch {
            for piece in pieces { piece.close() }
            throw error
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

    func close() {
        for piece in pieces { piece.close() }
    }

    /// Writes it to a connection that takes regions of files.
    ///
    /// - Returns: Done when everything has left, and failed as soon as something cannot.
    func write(to context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        let writes = pieces.map { piece in
            let written = context.eventLoop.makePromise(of: Void.self)
            switch piece {
            case .bytes(let bytes): context.write(NIOAny(IOData.byteBuffer(bytes)), promise: written)
            case .region(let region):
                context.write(NIOAny(IOData.fileRegion(region)), promise: written)
                let bound = NIOLoopBound(piece, eventLoop: context.eventLoop)
                written.futureResult.whenComplete { _ in bound.value.close() }
            }
            return written.futureResult
        }
        context.flush()
        return EventLoopFuture.andAllSucceed(writes, on: context.eventLoop)
    }
}
