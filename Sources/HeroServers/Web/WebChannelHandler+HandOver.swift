// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

// How a connection becomes something else.
extension WebChannelHandler {
    /// The client speaks HTTP/2.
    func becomeHTTP2(_ context: ChannelHandlerContext) {
        let connection = HTTP2Connection(shared, peer)
        handOver(context, to: [HTTP2Gate(connection), connection.makeFrameHandler(), connection])
    }

    /// The client goes on with another protocol.
    func upgrade(_ upgrade: AcceptedUpgrade, _ exchange: WebExchange) {
        guard let context else { return }
        write(shared.responses.writeSwitching(upgrade), context)
        flushIfNeeded(context)
        let connection = UpgradedConnection(shared, peer, upgrade.session, files)
        handOver(context, to: [connection])
        if inputHasEnded { connection.inputEnded() }
    }

    /// Leaves the connection, and what has arrived on it, to those who understand what the client says from now on.
    private func handOver(_ context: ChannelHandlerContext, to successors: [any ChannelHandler]) {
        let pipeline = context.pipeline.syncOperations
        do {
            // In this order, unlike addHandlers(_:position:): what a successor writes at once is for the one before it.
            var last: any ChannelHandler = self
            for successor in successors {
                try pipeline.addHandler(successor, position: .after(last))
                last = successor
            }
        } catch {
            // Only a channel that has been closed takes no handlers.
            context.close(promise: nil)
            return
        }
        phase = .closing
        deadline = nil
        self.context = nil
        responder.abandon()
        shared.connections.remove(self)
        let bytes = input
        input = ByteBuffer()
        if bytes.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(bytes))
            context.fireChannelReadComplete()
        }
        if holdsRead { context.read() }
        pipeline.removeHandler(context: context, promise: nil)
    }
}
