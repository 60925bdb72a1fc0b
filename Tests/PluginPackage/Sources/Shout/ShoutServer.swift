// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A server and its clients on event loops that have nothing to do with those of hero.
struct ShoutServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel

    init() async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { $0.pipeline.addHandler(Uppercase()) }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func shout(_ text: String) async throws -> String {
        guard let address = channel.localAddress else { return text }
        let answer = group.next().makePromise(of: String.self)
        let client = try await ClientBootstrap(group: group)
            .channelInitializer { $0.pipeline.addHandler(FirstRead(answer: answer)) }
            .connect(to: address).get()
        try await client.writeAndFlush(ByteBuffer(string: text))
        let shout = try await answer.futureResult.get()
        try await client.close()
        return shout
    }

    func stop() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }
}

private final class Uppercase: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = String(decoding: unwrapInboundIn(data).readableBytesView, as: UTF8.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text.uppercased())), promise: nil)
    }
}

private final class FirstRead: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let answer: EventLoopPromise<String>

    init(answer: EventLoopPromise<String>) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        answer.succeed(String(decoding: unwrapInboundIn(data).readableBytesView, as: UTF8.self))
    }
}
