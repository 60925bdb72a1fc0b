// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore

// Plain connections: the kernel copies.
extension FileSender {
    /// Then other connections have their turn.
    private static let bytesInRow = 2_097_152
    /// Written through the channel to learn when the socket takes more.
    private static let pieceBytes = 32_768

    /// Sends as much as the socket takes; the channel has nothing left to write.
    func sendDirectly(_ context: ChannelHandlerContext) {
        let end = unreadBytes - Self.bytesInRow
        while let region = transfer?.region, region.readableBytes > 0 {
            guard context.channel.isActive, let socket else { return fail(ChannelError.ioOnClosedChannel) }
            guard region.readableBytes > end else { return giveWay(context) }
            switch sendFile(region, to: socket, atMost: region.readableBytes - max(end, 0)) {
            case .success(0): return fail(FileShrank())
            case .success(let count): transfer?.region.moveReaderIndex(forwardBy: count)
            case .failure(let error) where error.errnoCode == EAGAIN: return sendPiece(context)
            case .failure(let error): return fail(error)
            }
        }
        finish(context)
    }

    private func sendFile(_ region: FileRegion, to socket: Int32, atMost count: Int) -> Result<Int, IOError> {
        do {
            return try region.fileHandle.withUnsafeFileDescriptor { file in
                var offset = off_t(region.readerIndex)
                while true {
                    let sent = sendfile(socket, file, &offset, count)
                    if sent >= 0 { return .success(sent) }
                    if errno != EINTR { return .failure(IOError(errnoCode: errno, reason: "sendfile")) }
                }
            }
        } catch {
            return .failure((error as? IOError) ?? IOError(errnoCode: EBADF, reason: "sendfile"))
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
        guard let region = transfer?.region else { return }
        let wanted = min(region.readableBytes, Self.pieceBytes)
        var bytes = context.channel.allocator.buffer(capacity: wanted)
        let count = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { memory in
            let got = try? region.fileHandle.withUnsafeFileDescriptor {
                pread($0, memory.baseAddress, wanted, off_t(region.readerIndex))
            }
            return max(got ?? 0, 0)
        }
        guard count > 0 else { return fail(FileShrank()) }
        transfer?.region.moveReaderIndex(forwardBy: count)
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
