// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix

/// Reads files for channels that cannot leave that to the system, because what they send is changed on its way.
///
/// What is written behind a file waits until that has been read. No more of a file is in memory than the channel takes.
final class FileRegionReader: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = ByteBuffer

    private enum Step {
        case write(IOData, EventLoopPromise<Void>?)
        case flush
        case closeOutput(EventLoopPromise<Void>?)
    }

    /// A file got shorter while it was sent.
    struct FileShrank: Error {}

    private let fileIO: NonBlockingFileIO
    private var waiting = CircularBuffer<Step>()
    private var isReading = false
    private var isClosed = false
    private var lastWrite: EventLoopFuture<Void>?
    /// Of the file that is being sent.
    private(set) var unreadBytes = 0

    private static let chunkBytes = 131_072

    init(threadPool: NIOThreadPool) {
        fileIO = NonBlockingFileIO(threadPool: threadPool)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        perform(.write(unwrapOutboundIn(data), promise), context)
    }

    func flush(context: ChannelHandlerContext) { perform(.flush, context) }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output: perform(.closeOutput(promise), context)
        case .input: context.close(mode: .input, promise: promise)
        case .all:
            isClosed = true
            failWaiting(ChannelError.ioOnClosedChannel)
            context.close(promise: promise)
        }
    }

    private func perform(_ step: Step, _ context: ChannelHandlerContext) {
        guard !isReading else {
            waiting.append(step)
            return
        }
        switch step {
        case .write(.byteBuffer(let bytes), let promise): context.write(wrapOutboundOut(bytes), promise: promise)
        case .write(.fileRegion(let region), let promise): read(region, promise, context)
        case .flush: context.flush()
        case .closeOutput(let promise): context.close(mode: .output, promise: promise)
        }
    }

    private func read(_ region: FileRegion, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        isReading = true
        unreadBytes = region.readableBytes
        lastWrite = nil
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        fileIO.readChunked(
            fileRegion: region, chunkSize: Self.chunkBytes, allocator: context.channel.allocator,
            eventLoop: context.eventLoop
        ) { chunk in
            bound.value.handler.send(chunk, bound.value.context)
        }.whenComplete { result in
            bound.value.handler.finish(result, promise, bound.value.context)
        }
    }

    /// - Returns: Done when there is room for the next chunk.
    private func send(_ chunk: ByteBuffer, _ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        guard !isClosed else { return context.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        unreadBytes -= chunk.readableBytes
        let written = context.writeAndFlush(wrapOutboundOut(chunk))
        lastWrite = written
        return context.channel.isWritable ? context.eventLoop.makeSucceededVoidFuture() : written
    }

    private func finish(
        _ result: Result<Void, any Error>, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) {
        isReading = false
        let missing = unreadBytes
        unreadBytes = 0
        switch result {
        case .success where missing == 0:
            if let lastWrite { lastWrite.cascade(to: promise) } else { promise?.succeed() }
            while !isReading, let step = waiting.popFirst() { perform(step, context) }
        case .success:
            promise?.fail(FileShrank())
            failWaiting(FileShrank())
        case .failure(let error):
            promise?.fail(error)
            failWaiting(error)
        }
    }

    private func failWaiting(_ error: any Error) {
        while let step = waiting.popFirst() {
            switch step {
            case .write(_, let promise), .closeOutput(let promise): promise?.fail(error)
            case .flush: break
            }
        }
    }
}
