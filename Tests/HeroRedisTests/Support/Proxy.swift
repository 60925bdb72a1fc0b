// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and a server, on a Unix socket, and does to the server's bytes what a bad network does.
final class Proxy: Sendable {
    /// What happens to one connection, at a byte position of what the server sends.
    enum Plan: Sendable {
        case forward
        /// The bytes before and behind the position arrive separately.
        case split(Int)
        /// The connection ends there.
        case cut(Int)
        /// Nothing more arrives, and the connection stays.
        case stall(Int)
        /// The connection ends when the client has sent so many bytes; the server has not seen the last of them.
        case cutRequest(Int)
    }

    let path: String
    private let project: TestProject
    private let channel: any Channel
    private let recorded = Mutex<[[UInt8]]>([])
    private let connections = Mutex<[any Channel]>([])

    /// - Parameters:
    ///   - server: The path of the server's socket.
    ///   - plan: By the connection's number, from 0.
    /// - Throws: An error when it cannot listen.
    init(_ server: String, plan: @escaping @Sendable (Int) -> Plan) async throws {
        project = try TestProject()
        path = project.path("p")
        let count = Atomic(0)
        let loop = NIOSingletons.posixEventLoopGroup.next()
        let box = Box()
        channel = try await ServerBootstrap(group: loop)
            .childChannelInitializer { client in
                let number = count.wrappingAdd(1, ordering: .relaxed).oldValue
                return box.proxy?.connect(client, to: server, number, plan(number))
                    ?? client.eventLoop.makeSucceededVoidFuture()
            }
            .bind(unixDomainSocketPath: path).get()
        box.set(self)
    }

    /// No new connections; also keeps the proxy alive until here.
    func close() { channel.close(promise: nil) }

    /// What the server has sent on each connection.
    var streams: [[UInt8]] { recorded.withLock { $0 } }

    /// Ends all connections as they are.
    func cutAll() { for channel in connections.withLock({ $0 }) { channel.close(promise: nil) } }

    private final class Box: Sendable {
        private struct Weak: Sendable { weak var proxy: Proxy? }
        private let state = Mutex(Weak())
        var proxy: Proxy? { state.withLock { $0.proxy } }
        func set(_ proxy: Proxy) { state.withLock { $0.proxy = proxy } }
    }

    private func connect(_ client: any Channel, to server: String, _ number: Int, _ plan: Plan) -> EventLoopFuture<Void>
    {
        recorded.withLock { $0 += Array(repeating: [], count: max(0, number + 1 - $0.count)) }
        connections.withLock { $0.append(client) }
        let downstream = Downstream(client, plan) { [weak self] bytes in self?.recorded.withLock { $0[number] += bytes }
        }
        return client.eventLoop.makeCompletedFuture {
            try client.pipeline.syncOperations.addHandler(Upstream(server, downstream, plan))
        }
    }

    /// From the client to the server.
    ///
    /// Unchecked: used on its event loop only.
    private final class Upstream: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = ByteBuffer
        private let path: String
        private let downstream: Downstream
        private var server: (any Channel)?
        /// What came before the server was reached.
        private var waiting = ByteBuffer()
        private var left: Int?

        init(_ path: String, _ downstream: Downstream, _ plan: Plan) {
            (self.path, self.downstream) = (path, downstream)
            if case .cutRequest(let count) = plan { left = count }
        }

        func channelActive(context: ChannelHandlerContext) {
            let client = context.channel
            ClientBootstrap(group: context.eventLoop)
                .channelInitializer { [downstream] channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(downstream) }
                }
                .connect(unixDomainSocketPath: path)
                .whenComplete { result in
                    guard case .success(let server) = result, client.isActive else { return client.close(promise: nil) }
                    self.server = server
                    server.writeAndFlush(self.waiting, promise: nil)
                }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            if let left {
                guard bytes.readableBytes < left else {
                    context.close(promise: nil)
                    return
                }
                self.left = left - bytes.readableBytes
            }
            if let server { server.writeAndFlush(bytes, promise: nil) } else { waiting.writeBuffer(&bytes) }
        }

        func channelInactive(context: ChannelHandlerContext) { server?.close(promise: nil) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// From the server to the client.
    ///
    /// Unchecked: used on its event loop only.
    private final class Downstream: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = ByteBuffer
        private let client: any Channel
        private let plan: Plan
        private let record: ([UInt8]) -> Void
        private var position = 0

        init(_ client: any Channel, _ plan: Plan, record: @escaping ([UInt8]) -> Void) {
            (self.client, self.plan, self.record) = (client, plan, record)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            record(Array(bytes.readableBytesView))
            let start = position
            position += bytes.readableBytes
            switch plan {
            case .forward, .cutRequest: client.writeAndFlush(bytes, promise: nil)
            case .split(let place):
                if let first = bytes.readSlice(length: max(0, min(place - start, bytes.readableBytes))) {
                    client.writeAndFlush(first, promise: nil)
                }
                // Later than the first part has been read, if the other end is as fast as it can be.
                client.eventLoop.assumeIsolatedUnsafeUnchecked().execute { [client] in
                    client.writeAndFlush(bytes, promise: nil)
                }
            case .cut(let place), .stall(let place):
                if let first = bytes.readSlice(length: max(0, min(place - start, bytes.readableBytes))) {
                    client.writeAndFlush(first, promise: nil)
                }
                if case .cut = plan, position >= place { client.close(promise: nil) }
            }
        }

        func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
