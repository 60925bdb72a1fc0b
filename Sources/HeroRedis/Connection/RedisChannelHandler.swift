// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The end of a channel's pipeline: bytes to the connection.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: RedisConnection

    init(_ connection: RedisConnection) { self.connection = connection }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { connection.attach(context.channel) }
    }

    func channelActive(context: ChannelHandlerContext) { connection.attach(context.channel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { connection.receive(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) { connection.receiveComplete() }

    func channelInactive(context: ChannelHandlerContext) { connection.detach() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.fail(RedisError(.connectionLost, RedisConnection.text(error)))
        context.close(promise: nil)
    }
}
