// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime
internal import NIOCore
internal import NIOHTTP2

// How a connection ends, and when patience with it does.
extension HTTP2Connection {
    static let leavingPing = HTTP2PingData(withInteger: 0x6865_726F_6C65_6176)

    /// Asks the client to send no more requests here; those that it has sent meanwhile are answered (RFC 9113, 6.8).
    func leave() {
        guard case .open = phase, let context else { return }
        phase = .leaving
        // Written past NIOHTTP2Handler: once that has sent such a frame it refuses requests that were on their way.
        guard let http2 = try? context.pipeline.syncOperations.context(handlerType: NIOHTTP2Handler.self) else {
            return closeNow()
        }
        http2.write(NIOAny(Self.goAway), promise: nil)
        write(.rootStream, .ping(Self.leavingPing, ack: false))
        flush()
        if streams.isEmpty { deadline = shared.connections.deadline(.firstRequest) }
    }

    /// GOAWAY without an error, with the highest number that a stream can have.
    private static let goAway = ByteBuffer(bytes: [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])

    /// The client knows, so what has arrived is all that will.
    func leaveForGood() {
        guard case .leaving = phase else { return }
        phase = .finishing
        write(.rootStream, .goAway(lastStreamID: lastStream, errorCode: .noError, opaqueData: nil))
        if streams.isEmpty { closeAfterWriting() }
        flush()
    }

    /// Closes once everything has left, and gives the client a moment to read it.
    func closeAfterWriting() {
        guard let context, !isClosed else { return }
        phase = .closed
        context.flush()
        guard let http2 = try? context.pipeline.syncOperations.context(handlerType: NIOHTTP2Handler.self) else {
            return closeNow()
        }
        progress.mark(unsent: WritingProgress.unsentBytes(context, nil))
        deadline = shared.connections.deadline(.write)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        // Its end is that of everything before it; a channel whose input has ended would not wait for that by itself.
        http2.writeAndFlush(NIOAny(ByteBuffer())).whenComplete { _ in bound.value.hasWritten() }
    }

    private func hasWritten() {
        guard let context else { return }
        deadline = shared.connections.deadline(.lingering)
        context.close(mode: .output, promise: nil)
    }

    var isClosed: Bool {
        if case .closed = phase { return true }
        return false
    }

    // MARK: Time

    func deadlinePassed() {
        guard let context, let kind = deadline?.kind else { return }
        deadline = nil
        let unsent = WritingProgress.unsentBytes(context, nil)
        switch kind {
        case .keepAlive where unsent > 0, .firstRequest where unsent > 0:
            progress.mark(unsent: unsent)
            deadline = shared.connections.deadline(.write)
        case .write where unsent == 0: deadline = shared.connections.deadline(isClosed ? .lingering : .keepAlive)
        case .write where progress.hasMoved(unsent: unsent):
            progress.mark(unsent: unsent)
            deadline = shared.connections.deadline(.write)
        case .keepAlive:
            write(.rootStream, .goAway(lastStreamID: lastStream, errorCode: .noError, opaqueData: nil))
            closeAfterWriting()
        case .handshake, .firstRequest, .headers, .body, .lingering, .write: context.close(promise: nil)
        }
    }

    /// Looks at the requests, each of which has a time of its own.
    func sweep(_ now: NIODeadline) {
        if let deadline, deadline.time <= now { deadlinePassed() }
        for stream in streams.values { stream.sweep(now) }
        answersWaiting()
        flush()
    }

    func stopBegan() {
        leave()
        for stream in streams.values { stream.stopBegan() }
    }

    func stopIfIdle() {
        leave()
        guard streams.isEmpty, !isClosed else { return }
        deadline = shared.connections.deadline(.firstRequest)
    }

    func closeNow() { context?.close(promise: nil) }
}
