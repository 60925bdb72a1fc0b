// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

// How long a client is waited for, and how its connection ends.
extension WebChannelHandler {
    /// Called by the loop's sweep when the deadline has passed.
    func deadlinePassed() {
        guard let context, let deadline else { return }
        self.deadline = nil
        let unsent = WritingProgress.unsentBytes(context, files)
        switch deadline.kind {
        case .headers, .body: refuse(.timeout, context)
        case .keepAlive where unsent > 0: awaitWriting(context)
        case .write where unsent == 0: waitForMore()
        case .write where progress.hasMoved(unsent: unsent): awaitWriting(context)
        case .handshake, .firstRequest, .keepAlive, .lingering, .write: context.close(promise: nil)
        }
    }

    /// Nothing more can be made of what has arrived, and no more will arrive.
    func ranOut(_ context: ChannelHandlerContext) {
        switch phase {
        case .receiving(let request) where !request.hasEnded: refuse(.cutShort, context)
        case .reading where parser.isInsideRequest: refuse(.cutShort, context)
        case .reading: close(context)
        case .receiving, .answering, .closing: break
        }
    }

    func stopBegan() {
        // The client is to come back to another process, not to this one.
        if responder.endWithProcess() { streamFraming.keepsAlive = false }
    }

    /// The server is stopping: connections between requests have nothing to wait for.
    func stopIfIdle() {
        guard let context, case .reading = phase, !parser.isInsideRequest, input.readableBytes == 0 else { return }
        switch security {
        case .handshaking, .agreed:
            // Whoever has just shaken hands sends a request next.
            deadline = shared.connections.deadline(.firstRequest)
            return
        case .plain, .used: break
        }
        phase = .closing
        context.close(promise: nil)
    }
}
