// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix

// Connections whose bytes are changed on their way, and systems that do not copy to sockets: threads read, the channel
// writes.
extension FileSender {
    /// Read from the disk at a time.
    static let chunkBytes = 131_072

    func readPieces(_ context: ChannelHandlerContext) {
        guard let part = transfer?.part else { return }
        guard part.readableBytes > 0 else { return finish(context) }
        let bound = NIOLoopBound((sender: self, context: context), eventLoop: context.eventLoop)
        threadPool.runIfActive(eventLoop: context.eventLoop) { part.read(atMost: Self.chunkBytes) }.whenComplete {
            bound.value.sender.hasRead($0, bound.value.context)
        }
    }

    private func hasRead(_ result: Result<ByteBuffer, any Error>, _ context: ChannelHandlerContext) {
        guard transfer != nil else { return }
        switch result {
        case .failure(let error): fail(error)
        case .success(let chunk) where chunk.readableBytes == 0: fail(FileShrank())
        case .success(let chunk): write(chunk, context)
        }
    }

    private func write(_ chunk: ByteBuffer, _ context: ChannelHandlerContext) {
        transfer?.part.moveForward(by: chunk.readableBytes)
        let written = context.writeAndFlush(wrapOutboundOut(chunk))
        transfer?.lastWrite = written
        if context.channel.isWritable { return readPieces(context) }
        let bound = NIOLoopBound((sender: self, context: context), eventLoop: context.eventLoop)
        written.whenComplete { result in
            guard bound.value.sender.transfer != nil else { return }
            switch result {
            case .success: bound.value.sender.readPieces(bound.value.context)
            case .failure(let error): bound.value.sender.fail(error)
            }
        }
    }
}
