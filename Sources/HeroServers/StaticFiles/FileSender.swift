// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Sends files: straight from disk to socket where the bytes go out as they are, otherwise (through TLS) in pieces that
/// are read on threads.
///
/// What is written behind a file waits until that has been sent. No more of a file is in memory than the channel takes.
/// SwiftNIO's own way to send a file region does not notice that a file has become shorter, and would try for ever; and
/// its handles serve one reader at a time, where many connections send the same file.
final class FileSender: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Step {
        case write(FilePiece, EventLoopPromise<Void>?)
        case flush
        case closeOutput(EventLoopPromise<Void>?)
    }

    /// A file that is on its way.
    struct Transfer {
        var part: FilePart
        let promise: EventLoopPromise<Void>?
        /// The write of the last piece that was handed to the channel.
        var lastWrite: EventLoopFuture<Void>?
    }

    /// A file got shorter while it was sent.
    struct FileShrank: Error {}

    let threadPool: NIOThreadPool
    /// The connection's; `nil` when bytes are changed on their way.
    ///
    /// Owned by the channel: it must not be used once that is no longer active.
    let socket: Int32?
    private var waiting = CircularBuffer<Step>()
    var transfer: Transfer?
    private var isPerforming = false
    private(set) var isClosed = false
    private var context: ChannelHandlerContext?

    /// Bytes of the file that have not been read yet.
    var unreadBytes: Int { transfer?.part.readableBytes ?? 0 }

    init(threadPool: NIOThreadPool, socket: Int32? = nil) {
        self.threadPool = threadPool
        self.socket = socket
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    /// Sends a piece behind everything that was written before.
    func send(_ piece: FilePiece, _ promise: EventLoopPromise<Void>?) {
        guard let context else { return Self.fail(.write(piece, promise), ChannelError.ioOnClosedChannel) }
        add(.write(piece, promise), context)
    }

    func flush() {
        if let context { add(.flush, context) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        add(.write(.bytes(unwrapOutboundIn(data)), promise), context)
    }

    func flush(context: ChannelHandlerContext) { add(.flush, context) }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output: add(.closeOutput(promise), context)
        case .input: context.close(mode: .input, promise: promise)
        case .all:
            isClosed = true
            fail(ChannelError.ioOnClosedChannel)
            context.close(promise: promise)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        isClosed = true
        self.context = nil
        fail(ChannelError.ioOnClosedChannel)
    }

    private func add(_ step: Step, _ context: ChannelHandlerContext) {
        guard !isClosed else { return Self.fail(step, ChannelError.ioOnClosedChannel) }
        guard transfer == nil, !isPerforming, waiting.isEmpty else { return waiting.append(step) }
        perform(step, context)
    }

    private func perform(_ step: Step, _ context: ChannelHandlerContext) {
        switch step {
        case .write(.bytes(let bytes), let promise): context.write(wrapOutboundOut(bytes), promise: promise)
        case .write(.part(let part), let promise): start(Transfer(part: part, promise: promise), context)
        case .flush: context.flush()
        case .closeOutput(let promise): context.close(mode: .output, promise: promise)
        }
    }

    private func start(_ next: Transfer, _ context: ChannelHandlerContext) {
        transfer = next
        guard socket != nil else { return readPieces(context) }
        // What was written before goes first.
        context.flush()
        let unsent = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if unsent == 0 { sendDirectly(context) } else { sendPiece(context) }
    }

    /// The file has been handed over.
    func finish(_ context: ChannelHandlerContext) {
        guard let transfer else { return }
        self.transfer = nil
        performWaiting(context)
        if let lastWrite = transfer.lastWrite {
            lastWrite.cascade(to: transfer.promise)
        } else {
            transfer.promise?.succeed()
        }
        performWaiting(context)
    }

    private func performWaiting(_ context: ChannelHandlerContext) {
        // A write may call back and write more, which has to wait for its turn.
        guard !isPerforming else { return }
        isPerforming = true
        while transfer == nil, let step = waiting.popFirst() { perform(step, context) }
        isPerforming = false
    }

    func fail(_ error: any Error) {
        let promise = transfer?.promise
        transfer = nil
        let steps = waiting
        waiting.removeAll()
        promise?.fail(error)
        for step in steps { Self.fail(step, error) }
    }

    private static func fail(_ step: Step, _ error: any Error) {
        switch step {
        case .write(_, let promise), .closeOutput(let promise): promise?.fail(error)
        case .flush: break
        }
    }
}
