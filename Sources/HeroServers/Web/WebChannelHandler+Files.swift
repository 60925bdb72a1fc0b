// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroCore
internal import NIOCore

// Responses that are files.
extension WebChannelHandler {
    /// Bodies up to this size leave in one piece with their head; a second piece costs the kernel more than the copy.
    private static let copiedBytes = 16_384

    func sendFile(
        _ path: String?, below directory: String? = nil, state: ResponseState?, _ exchange: WebExchange,
        _ context: ChannelHandlerContext
    ) {
        switch shared.files.find(FileName(path, in: directory)) {
        case .now(let file): fileFound(file, state, exchange, context)
        case .later(let look):
            let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
            look.whenSuccess { file in
                bound.value.handler.fileFound(file, state, exchange, bound.value.context)
            }
        }
    }

    private func fileFound(
        _ found: StaticFileServer.Result, _ state: ResponseState?, _ exchange: WebExchange,
        _ context: ChannelHandlerContext
    ) {
        guard case .answering(let current, _) = phase, current === exchange else { return }
        // What the head says holds, even when the server begins to stop before the body has left.
        let keepsAlive = keepsAlive(exchange)
        var response = shared.renderFile(found, state, exchange, keepsAlive: keepsAlive)
        shared.logFile(found, exchange)
        if case .bytes(let body)? = response.pieces.first, response.pieces.count == 1,
            body.readableBytes <= Self.copiedBytes
        {
            response.head.writeImmutableBuffer(body)
            response.pieces = []
        }
        write(response.head, context)
        let last = response.pieces.lastIndex { if case .region = $0 { true } else { false } }
        guard let last else {
            for case .bytes(let bytes) in response.pieces { write(bytes, context) }
            return endExchange(keepsAlive: keepsAlive, context)
        }
        send(response.pieces, last: last, keepsAlive: keepsAlive, context)
    }

    /// - Parameter last: Index of the last piece that comes from disk.
    private func send(_ pieces: [FilePiece], last: Int, keepsAlive: Bool, _ context: ChannelHandlerContext) {
        addFileSender(context)
        awaitWriting(context)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenComplete { result in
            switch result {
            case .success: bound.value.handler.endExchange(keepsAlive: keepsAlive, bound.value.context)
            // Without the rest the client knows that the body is not whole.
            case .failure: bound.value.context.close(promise: nil)
            }
        }
        for (index, piece) in pieces.enumerated() {
            progress.queuedBytes += piece.count
            switch piece {
            case .bytes(let bytes):
                context.write(NIOAny(IOData.byteBuffer(bytes)), promise: index == pieces.count - 1 ? sent : nil)
            case .region(let region):
                let written = index == pieces.count - 1 ? sent : context.eventLoop.makePromise(of: Void.self)
                written.futureResult.whenComplete { _ in piece.close() }
                if index != pieces.count - 1 {
                    written.futureResult.whenFailure { _ in bound.value.context.close(promise: nil) }
                }
                context.write(NIOAny(IOData.fileRegion(region)), promise: written)
            }
        }
        context.flush()
    }
}
