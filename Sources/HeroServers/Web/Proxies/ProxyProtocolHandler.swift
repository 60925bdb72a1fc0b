// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore

/// Takes the proxy's header from the beginning of a connection; everything behind it passes through.
///
/// Stands before all other handlers: the header comes before TLS.
final class ProxyProtocolHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Fired when the header has told who the client is.
    struct ClientKnown: Sendable {
        let address: IPAddress
        let port: Int
    }

    private let shared: WebLoop
    /// Whose process has connected; `nil` unless that counts.
    private let user: UInt32?
    private var input = ByteBuffer()
    private var isDone = false

    init(_ shared: WebLoop, user: UInt32? = nil) {
        self.shared = shared
        self.user = user
    }

    func channelActive(context: ChannelHandlerContext) {
        // Anybody could write such a header.
        isDone = !shared.connections.trusts(RemoteAddress(context.remoteAddress, user: user))
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDone { return context.fireChannelRead(data) }
        input.append(unwrapInboundIn(data))
        switch ProxyProtocolHeader.read(&input) {
        case .needsMoreData: break
        case .malformed:
            // Whoever it is does not speak the protocol, so there is no language to answer in.
            isDone = true
            input = ByteBuffer()
            context.close(promise: nil)
        case .complete(let header):
            isDone = true
            if let client = header.client {
                context.fireUserInboundEventTriggered(ClientKnown(address: client.address, port: client.port))
            }
            let rest = input
            input = ByteBuffer()
            if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
    }
}
