// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroSystem
import NIOCore
import NIOHTTP1
import NIOPosix

/// One request of a test and what comes back, on a connection of its own.
///
/// Everything happens on the connection's event loop.
final class SpecExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: SpecRequest
    private let answer: EventLoopPromise<SpecResponse>
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var isOver = false
    private var deadline: Scheduled<Void>?

    private init(_ request: SpecRequest, _ answer: EventLoopPromise<SpecResponse>) {
        self.request = request
        self.answer = answer
    }

    /// - Throws: `SpecHelperError` when there is no answer.
    static func run(_ request: SpecRequest, port: Int, on loop: any EventLoop) async throws -> SpecResponse {
        try check(request)
        let answer = loop.makePromise(of: SpecResponse.self)
        let bootstrap = ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(SpecExchange(request, answer))
            }
        }
        bootstrap.connect(host: "127.0.0.1", port: port).whenFailure {
            answer.fail(SpecHelperError("no connection to the server under test: \($0)"))
        }
        return try await answer.futureResult.get()
    }

    /// What the client's encoder would send as another request, or refuse in its own words.
    private static func check(_ request: SpecRequest) throws {
        let target = request.target
        guard let bad = target.unicodeScalars.first(where: { !(0x21...0x7E).contains($0.value) }) else {
            guard target.isEmpty else { return }
            throw SpecHelperError("\(request.method): the target is empty; it begins with a slash, such as /api/status")
        }
        let shown = PlainText.line(String(bad))
        let encoded = String(bad).utf8.map { byte in
            "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
        throw SpecHelperError(
            "\(request.method) \(PlainText.line(target)): a target cannot have '\(shown)' in it; encode it as \(encoded)"
        )
    }

    func channelActive(context: ChannelHandlerContext) {
        let wait = TimeAmount(request.timeout)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: wait) {
            let (exchange, context) = bound.value
            exchange.finish(context, isComplete: false, "there was no answer within \(exchange.request.timeout)")
        }
        var headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        if !headers.contains(name: "host") { headers.add(name: "Host", value: "localhost") }
        if !headers.contains(name: "connection") { headers.add(name: "Connection", value: "close") }
        if let body = request.body {
            if !headers.contains(name: "content-type") { headers.add(name: "Content-Type", value: body.contentType) }
            if !headers.contains(name: "content-length"), !headers.contains(name: "transfer-encoding") {
                headers.add(name: "Content-Length", value: String(body.bytes.count))
            }
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.target, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body = request.body {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body.bytes)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let bytes):
            body += bytes.readableBytesView.prefix(request.maximumBodySize - body.count)
            if body.count >= request.maximumBodySize { finish(context, isComplete: false, "") }
        case .end: finish(context, isComplete: true, "")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context, isComplete: false, "the server closed the connection without an answer")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(context, isComplete: false, "\(error)")
    }

    /// Ends the exchange, once.
    ///
    /// - Parameters:
    ///   - context: Of the connection.
    ///   - isComplete: Whether the answer has come to its end.
    ///   - problem: Why there is no answer, if nothing of one has come.
    private func finish(_ context: ChannelHandlerContext, isComplete: Bool, _ problem: String) {
        guard !isOver else { return }
        isOver = true
        deadline?.cancel()
        if let head {
            let headers = head.headers.map { (name: $0.name, value: $0.value) }
            answer.succeed(
                SpecResponse(
                    status: Int(head.status.code), headers: headers, body: body, isComplete: isComplete,
                    receivedAt: time(nil)))
        } else {
            answer.fail(SpecHelperError("\(request.method) \(request.target): \(problem)"))
        }
        context.close(promise: nil)
    }
}
