// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime
internal import NIOCore

/// A connection that began with HTTP/1.1 and goes on with another protocol: bytes in, bytes out.
///
/// Takes the place of its ``WebChannelHandler``. Lives on one event loop and is touched by nothing else.
final class UpgradedConnection: ChannelDuplexHandler, LingeringConnection, UpgradedTransport {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case open
        /// The session has written its last bytes.
        case ending
        case closed
    }

    let shared: WebLoop
    private var peer: ConnectionPeer
    private let session: any UpgradedSession
    let files: FileSender?
    private var phase = Phase.open
    var context: ChannelHandlerContext?
    var deadline: ConnectionDeadline?
    var progress = WritingProgress()
    var lingersUntil = NIODeadline.distantFuture
    private var isReading = false
    private var needsFlush = false
    private var holdsRead = false
    private var isBehind = false
    private var inputHasEnded = false

    init(_ shared: WebLoop, _ peer: ConnectionPeer, _ session: any UpgradedSession, _ files: FileSender?) {
        self.shared = shared
        self.peer = peer
        self.session = session
        self.files = files
    }

    var eventLoop: any EventLoop { shared.loop.eventLoop }
    var registry: ConnectionRegistry { shared.registry }

    var isClosing: Bool {
        if case .open = phase { return false }
        return true
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        shared.connections.add(self)
        session.opened(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        deadline = nil
        self.context = nil
        shared.connections.remove(self)
        peer.close(shared)
        session.closed()
        context.fireChannelInactive()
    }

    /// A client that went away or a broken network; there is nobody to tell.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .open = phase else { return goOnLingering() }
        isReading = true
        session.received(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if isReadingPaused, !isClosing { holdsRead = true } else { context.read() }
    }

    var isReadingPaused = false {
        didSet { if !isReadingPaused { readIfHeld() } }
    }

    private func readIfHeld() {
        guard holdsRead else { return }
        holdsRead = false
        context?.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { inputEnded() }
        context.fireUserInboundEventTriggered(event)
    }

    /// The client will send nothing more.
    func inputEnded() {
        guard !inputHasEnded else { return }
        inputHasEnded = true
        if case .open = phase { session.inputEnded() }
    }

    // MARK: Writing

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, isBehind, case .open = phase {
            isBehind = false
            deadline = nil
            session.canWrite()
        }
        context.fireChannelWritabilityChanged()
    }

    func write(_ bytes: ByteBuffer) -> Bool {
        guard let context, case .open = phase else { return true }
        progress.queuedBytes += bytes.readableBytes
        context.write(wrapOutboundOut(bytes), promise: nil)
        needsFlush = true
        if !isReading { flush() }
        if context.channel.isWritable { return true }
        if !isBehind { awaitWriting(context) }
        isBehind = true
        return false
    }

    /// At the end of a turn of reading, otherwise at once.
    private func flush() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    func end() {
        guard let context, case .open = phase else { return }
        phase = .ending
        closeAfterWriting(context)
        // What still arrives is dropped; unread it would take the last bytes away from the client.
        readIfHeld()
    }

    func abort() { closeNow() }

    // MARK: Time

    func deadlinePassed() {
        guard let context, let kind = deadline?.kind else { return }
        deadline = nil
        let unsent = WritingProgress.unsentBytes(context, files)
        guard kind == .write else { return context.close(promise: nil) }
        if unsent == 0 { return }
        if progress.hasMoved(unsent: unsent) { awaitWriting(context) } else { context.close(promise: nil) }
    }

    func sweep(_ now: NIODeadline) {
        if let deadline, deadline.time <= now { deadlinePassed() }
        if case .open = phase { session.sweep(now) }
    }

    func stopBegan() {
        if case .open = phase { session.stopBegan() }
    }

    /// A session is never between two requests; it has been told.
    func stopIfIdle() {}
}
