// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// A connection on which the last bytes have to reach a client that may still be sending.
///
/// Unread input would make the kernel reset the connection and with it take the last bytes away from the client, so the
/// client gets a moment to read and close first.
protocol LingeringConnection: ServedConnection, ChannelOutboundHandler, SendableMetatype
where OutboundOut == ByteBuffer {
    var shared: WebLoop { get }
    var context: ChannelHandlerContext? { get }
    var files: FileSender? { get }
    var deadline: ConnectionDeadline? { get set }
    var progress: WritingProgress { get set }
    /// How long a client that keeps sending is listened to.
    var lingersUntil: NIODeadline { get set }
    /// The last bytes have been written.
    var isClosing: Bool { get }
}

extension LingeringConnection {
    /// The client has data to take; a slow one is not one that has gone.
    func awaitWriting(_ context: ChannelHandlerContext) {
        progress.mark(unsent: WritingProgress.unsentBytes(context, files))
        deadline = shared.connections.deadline(.write)
    }

    /// Closes once what has been written has left.
    func closeAfterWriting(_ context: ChannelHandlerContext) {
        awaitWriting(context)
        let bound = NIOLoopBound((connection: self, context: context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            bound.value.connection.linger()
            bound.value.context.close(mode: .output, promise: nil)
        }
    }

    /// Everything has left.
    private func linger() {
        guard isClosing, context != nil else { return }
        lingersUntil = shared.loop.eventLoop.now + ConnectionTable.longestLingering
        deadline = shared.connections.deadline(.lingering)
    }

    /// More has arrived, and was dropped.
    func goOnLingering() {
        guard deadline?.kind == .lingering, !shared.connections.isStopping,
            let next = shared.connections.deadline(.lingering), next.time < lingersUntil
        else { return }
        deadline = next
    }

    func closeNow() { context?.close(promise: nil) }
}
