// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore
internal import NIOPosix

// Plain connections: the kernel copies.
extension FileSender {
    /// Then other connections have their turn.
    private static let bytesInRow = 2_097_152
    /// Written through the channel to learn when the socket takes more.
    private static let pieceBytes = 32_768
    /// Looked at before they are sent, and sent in one step.
    private static let stepBytes = 262_144

    /// Sends as much as the socket takes of what is in memory; the channel has nothing left to write.
    func sendDirectly(_ context: ChannelHandlerContext) {
        let end = unreadBytes - Self.bytesInRow
        while let part = transfer?.part, part.readableBytes > 0 {
            guard context.channel.isActive, let socket else { return fail(ChannelError.ioOnClosedChannel) }
            guard part.readableBytes > end else { return giveWay(context) }
            let count = part.countAtHand(atMost: min(part.readableBytes - max(end, 0), Self.stepBytes))
            // The loop has others to serve while a disk is waited for.
            guard count > 0 else { return readPiece(context) }
            switch part.send(to: socket, atMost: count) {
            case .success(0): return fail(FileShrank())
            case .success(let count): transfer?.part.moveForward(by: count)
            case .failure(let error): return cannotSend(error, context)
            }
        }
        finish(context)
    }

    private func cannotSend(_ error: IOError, _ context: ChannelHandlerContext) {
        switch error.errnoCode {
        case EAGAIN: sendPiece(context)
        // A sandbox, or a file system whose files have to be read.
        case ENOSYS, EPERM, EINVAL, EOPNOTSUPP: readPieces(context)
        default: fail(error)
        }
    }

    private func giveWay(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((sender: self, context: context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            guard bound.value.sender.transfer != nil else { return }
            bound.value.sender.sendDirectly(bound.value.context)
        }
    }

    /// Lets the channel send the next bytes, as it knows how to wait for a socket that is full.
    func sendPiece(_ context: ChannelHandlerContext) {
        guard let bytes = transfer?.part.readAtHand(atMost: Self.pieceBytes) else { return }
        if bytes.readableBytes > 0 { writePiece(bytes, context) } else { readPiece(context) }
    }

    /// Has a thread of the pool read the next bytes from the disk.
    private func readPiece(_ context: ChannelHandlerContext) {
        guard let part = transfer?.part else { return }
        let bound = NIOLoopBound((sender: self, context: context), eventLoop: context.eventLoop)
        threadPool.runIfActive(eventLoop: context.eventLoop) { part.read(atMost: Self.chunkBytes) }.whenComplete {
            guard bound.value.sender.transfer != nil else { return }
            switch $0 {
            case .failure(let error): bound.value.sender.fail(error)
            case .success(let bytes) where bytes.readableBytes == 0: bound.value.sender.fail(FileShrank())
            case .success(let bytes): bound.value.sender.writePiece(bytes, bound.value.context)
            }
        }
    }

    private func writePiece(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        transfer?.part.moveForward(by: bytes.readableBytes)
        let bound = NIOLoopBound((sender: self, context: context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(bytes)).whenComplete { result in
            guard bound.value.sender.transfer != nil else { return }
            switch result {
            case .success: bound.value.sender.sendDirectly(bound.value.context)
            case .failure(let error): bound.value.sender.fail(error)
            }
        }
    }
}
