// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Stands between the socket and the decoder of frames, and passes nothing on once the connection has failed.
///
/// A decoder that has found an error finds it again in each piece that arrives, and tells the client each time.
final class HTTP2Gate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private weak var connection: HTTP2Connection?

    init(_ connection: HTTP2Connection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if connection?.hasFailed != true { context.fireChannelRead(data) }
    }
}
