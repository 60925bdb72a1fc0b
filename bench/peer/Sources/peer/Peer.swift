// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix

/// What hero is measured against: SwiftNIO's own HTTP pipeline on one event loop, giving every request the same answer.
@main
enum Peer {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let port = Int(arguments[1]), let answer = Answer(arguments[2]) else {
            print("usage: peer PORT ANSWER, where ANSWER is the text of a response, header lines first")
            return
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        // The same options as hero's listener and connections have.
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler(answer))
                }
            }
        try bootstrap.bind(host: "127.0.0.1", port: port).wait().closeFuture.wait()
    }
}

/// The response, laid out once.
struct Answer: Sendable {
    let head: HTTPResponseHead
    let body: ByteBuffer

    /// - Parameter text: Lines `name: value`, an empty line, the body.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let end = lines.firstIndex(of: "") else { return nil }
        var headers = HTTPHeaders()
        for line in lines[..<end] {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            headers.add(name: String(line[..<colon]), value: String(line[colon...].dropFirst(2)))
        }
        head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        body = ByteBuffer(string: lines[(end + 1)...].joined(separator: "\n"))
    }
}

final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: Answer

    init(_ answer: Answer) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
