// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroCore
internal import NIOCore

// Responses that are produced piece by piece.
extension WebChannelHandler {
    func startStream(
        _ stream: ByteStream, _ headers: [(name: String, value: String)], _ call: ActionCall, _ exchange: WebExchange,
        _ context: ChannelHandlerContext
    ) {
        // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
        let isChunked = exchange.head.minorVersion == 1
        let keepsAlive = keepsAlive(exchange) && isChunked
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        write(
            shared.renderStreamHead(call, headers, isChunked: isChunked, keepsAlive: keepsAlive), context)
        if exchange.isHead || !HTTPStatus.allowsBody(call.response.status ?? 200) {
            endExchange(keepsAlive: keepsAlive, context)
            return
        }
        let eventLoop = context.eventLoop
        // Ends when the sequence does, or is cancelled with the connection; the process waits for it in drain().
        let task = shared.processor.detached {
            do {
                try await stream.produce { chunk in
                    try await withCheckedThrowingContinuation { continuation in
                        eventLoop.execute {
                            bound.value.handler.writeChunk(
                                chunk, isChunked: isChunked, exchange, bound.value.context, continuation)
                        }
                    }
                }
                eventLoop.execute {
                    bound.value.handler.endStream(isChunked, keepsAlive, exchange, bound.value.context)
                }
            } catch {
                eventLoop.execute { bound.value.handler.streamFailed(error, exchange, bound.value.context) }
            }
        }
        phase = .answering(exchange, .stream(task))
    }

    private func writeChunk(
        _ chunk: [UInt8], isChunked: Bool, _ exchange: WebExchange, _ context: ChannelHandlerContext,
        _ continuation: CheckedContinuation<Void, any Error>
    ) {
        guard case .answering(let current, _) = phase, current === exchange else {
            continuation.resume(throwing: CancellationError())
            return
        }
        guard !chunk.isEmpty else {
            continuation.resume()
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: chunk.count + 20)
        if isChunked { buffer.writeString(String(chunk.count, radix: 16) + "\r\n") }
        buffer.writeBytes(chunk)
        if isChunked { buffer.writeStaticString("\r\n") }
        write(buffer, context)
        if context.channel.isWritable {
            continuation.resume()
        } else {
            awaitWriting(context)
            streamWaiter = continuation
        }
    }

    private func endStream(
        _ isChunked: Bool, _ keepsAlive: Bool, _ exchange: WebExchange, _ context: ChannelHandlerContext
    ) {
        guard case .answering(let current, _) = phase, current === exchange else { return }
        if isChunked { write(ByteBuffer(string: "0\r\n\r\n"), context) }
        endExchange(keepsAlive: keepsAlive, context)
    }

    /// Without its last chunk the client knows that the body is not whole.
    private func streamFailed(_ error: any Error, _ exchange: WebExchange, _ context: ChannelHandlerContext) {
        guard case .answering(let current, _) = phase, current === exchange else { return }
        shared.logStreamFailure(error, exchange)
        context.close(promise: nil)
    }
}
