// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix

// Connections whose bytes are changed on their way: threads read, the channel writes.
extension FileSender {
    private static let chunkBytes = 131_072

    func readPieces(_ context: ChannelHandlerContext) {
        guard let region = transfer?.region else { return }
        let bound = NIOLoopBound((sender: self, context: context), eventLoop: context.eventLoop)
        NonBlockingFileIO(threadPool: threadPool).readChunked(
            fileRegion: region, chunkSize: Self.chunkBytes, allocator: context.channel.allocator,
            eventLoop: context.eventLoop
        ) { chunk in
            bound.value.sender.write(chunk, bound.value.context)
        }.whenComplete { result in
            bound.value.sender.readingEnded(result, bound.value.context)
        }
    }

    /// - Returns: Done when there is room for the next chunk.
    private func write(_ chunk: ByteBuffer, _ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        guard transfer != nil else { return context.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        transfer?.region.moveReaderIndex(forwardBy: chunk.readableBytes)
        let written = context.writeAndFlush(wrapOutboundOut(chunk))
        transfer?.lastWrite = written
        return context.channel.isWritable ? context.eventLoop.makeSucceededVoidFuture() : written
    }

    private func readingEnded(_ result: Result<Void, any Error>, _ context: ChannelHandlerContext) {
        guard transfer != nil else { return }
        switch result {
        case .success where unreadBytes == 0: finish(context)
        case .success: fail(FileShrank())
        case .failure(let error): fail(error)
        }
    }
}
