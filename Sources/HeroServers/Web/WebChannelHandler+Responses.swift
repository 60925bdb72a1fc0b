// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

// Responses as HTTP/1.1 sends them.
extension WebChannelHandler: ResponseTransport {
    func send(_ response: WebResponse, _ exchange: WebExchange) {
        guard let context else { return }
        let keepsAlive = keepsAlive(exchange)
        write(shared.writeHTTP1(response, exchange, keepsAlive: keepsAlive), context)
        endExchange(keepsAlive: keepsAlive, context)
    }

    func send(_ response: WebResponse, _ file: OpenedFile, _ exchange: WebExchange) {
        guard let context else { return file.close() }
        // What the head says holds, even when the server begins to stop before the body has left.
        let keepsAlive = keepsAlive(exchange)
        write(shared.writeHTTP1(response, exchange, keepsAlive: keepsAlive), context)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        awaitWriting(context)
        progress.queuedBytes += file.size
        // The socket sends file regions; through TLS a handler between the two reads them.
        context.channel.writeAndFlush(file.region).whenComplete { result in
            file.close()
            switch result {
            case .success: bound.value.handler.endExchange(keepsAlive: keepsAlive, bound.value.context)
            case .failure: bound.value.context.close(promise: nil)
            }
        }
    }

    func beginStream(_ response: WebResponse, _ exchange: WebExchange) {
        guard let context else { return }
        // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
        let isChunked = exchange.head.minorVersion == 1
        streamFraming = StreamFraming(isChunked: isChunked, keepsAlive: keepsAlive(exchange) && isChunked)
        let head = shared.writeHTTP1(
            response, exchange, keepsAlive: streamFraming.keepsAlive, isChunked: isChunked)
        if !response.hasBody { streamFraming.isChunked = false }
        write(head, context)
    }

    func sendChunk(_ chunk: [UInt8]) -> Bool {
        guard let context else { return true }
        var buffer = context.channel.allocator.buffer(capacity: chunk.count + 20)
        if streamFraming.isChunked { buffer.writeString(String(chunk.count, radix: 16) + "\r\n") }
        buffer.writeBytes(chunk)
        if streamFraming.isChunked { buffer.writeStaticString("\r\n") }
        write(buffer, context)
        if context.channel.isWritable { return true }
        awaitWriting(context)
        return false
    }

    func endStream() {
        guard let context else { return }
        if streamFraming.isChunked { write(ByteBuffer(string: "0\r\n\r\n"), context) }
        endExchange(keepsAlive: streamFraming.keepsAlive, context)
    }

    /// Without its last chunk the client knows that the body is not whole.
    func abortStream() { context?.close(promise: nil) }
}
